#include "routes_int.h"

#include <stdio.h>
#include <string.h>

/* No address but for its suffix has a full stop in it, except a case reference, which asks by the header alone. */
static const char *suffix_of(const struct httpd_request *q)
{
    return strrchr(q->path, '.');
}

enum answer_form routes_form(const struct httpd_request *q, unsigned offered)
{
    const char *suffix = suffix_of(q);
    const enum answer_form form = suffix != NULL ? answer_form_suffix(suffix, offered) : FORM_COUNT;
    return form != FORM_COUNT ? form : answer_form_accepted(httpd_header(q, "Accept"), offered);
}

bool routes_form_accepted(const struct httpd_request *q)
{
    return suffix_of(q) == NULL;
}

void routes_say_form(const struct httpd_request *q, enum answer_form form, const char *name, civil_day date,
                     struct httpd_reply *reply)
{
    char day[CIVIL_TEXT_LEN], value[120];
    civil_format(date, day);
    snprintf(value, sizeof value, "attachment; filename=\"ehcwatchd-%s%s%s%s\"", name,
             *day != '\0' ? "-" : "", day, answer_types[form].suffix);
    if (answer_types[form].file)
        httpd_reply_header(reply, "Content-Disposition", value);
    if (suffix_of(q) == NULL)
        httpd_reply_header(reply, "Vary", "Accept");
}
