#include "read_log.h"

#include <stdio.h>
#include <string.h>

#include "log.h"

enum { FILTER_MOST = 300 };

/* "name=value name=value"; log.h escapes what is in it. */
static void filter_text(const struct httpd_request *q, char text[FILTER_MOST + 4])
{
    size_t len = 0;
    text[0] = '\0';
    for (size_t i = 0; i < q->param_count && len < FILTER_MOST; i++) {
        int n = snprintf(text + len, FILTER_MOST + 1 - len, "%s%s=%s", i > 0 ? "&" : "", q->params[i].name,
                         q->params[i].value);
        len += n > 0 ? (size_t)n : 0;
    }
    if (len > FILTER_MOST)
        memcpy(text + FILTER_MOST, "...", 4);
}

void read_log(const struct caller *who, const struct httpd_request *q, unsigned status)
{
    char filter[FILTER_MOST + 4], code[12];
    filter_text(q, filter);
    snprintf(code, sizeof code, "%u", status);
    log_ev(LOG_INFO, "list_read",
           LOG_FIELDS({"WHO", who->name[0] != '\0' ? who->name : "(this machine)"}, {"PEER", q->peer},
                      {"METHOD", q->method}, {"READ", q->path}, {"FILTER", filter[0] != '\0' ? filter : NULL},
                      {"STATUS", status != 0 ? code : NULL}),
           "%s", access_is_narrow(who) ? "held to some teams" : "all teams");
}
