#include "routes_int.h"

#include <string.h>

#include "breach_ask.h"
#include "clock.h"
#include "instant.h"

bool routes_is_time(const char *name)
{
    return strcmp(name, "as_of") == 0 || strcmp(name, "known_at") == 0;
}

bool routes_read_time(const struct status *s, const struct httpd_request *q, struct routes_time *t,
                      struct err *e)
{
    const struct snapshot *snapshot = s->snapshot;
    const char *as_of = NULL, *known_at = NULL;
    *t = (struct routes_time){snapshot->as_of, snapshot->known_at, false};
    for (size_t i = 0; i < q->param_count; i++) {
        const char *name = q->params[i].name;
        if (!routes_is_time(name))
            continue;
        const char **value = strcmp(name, "as_of") == 0 ? &as_of : &known_at;
        if (*value != NULL)
            return err_set(e, "%s is given twice", name);
        *value = q->params[i].value;
    }
    if ((as_of != NULL && !ask_date("as_of", as_of, &t->as_of, e)) ||
        (known_at != NULL && !ask_time("known_at", known_at, &t->known_at, e)))
        return false;
    t->other = t->as_of != snapshot->as_of || t->known_at != snapshot->known_at;
    return true;
}

struct judge_how routes_how(const struct status *s, const struct routes_time *t)
{
    const struct snapshot *snapshot = s->snapshot;
    return (struct judge_how){
        .rulebook = snapshot->rulebook,
        .calendar = s->calendar,
        .words = snapshot->words,
        .as_of = t->as_of,
        .known_at = t->known_at,
        .limits = snapshot->limits,
    };
}

void routes_say_as_of(const struct status *s, const struct routes_time *t, struct httpd_reply *reply)
{
    char day[CIVIL_TEXT_LEN], time[INSTANT_TEXT_LEN];
    httpd_reply_header(reply, "Ehcwatch-As-Of", civil_format(t->as_of, day));
    httpd_reply_header(reply, "Ehcwatch-Known-At",
                       instant_format(t->known_at == KNOWN_NOW ? s->snapshot->read_at : t->known_at, time));
    httpd_reply_header(reply, "Ehcwatch-Evaluated-At",
                       instant_format(t->other ? clock_wall_us() : s->evaluated_at, time));
    httpd_reply_header(reply, "Ehcwatch-Rulebook", s->snapshot->rulebook->version);
}
