#include "routes_int.h"

#include <string.h>

#include "breach_ask.h"
#include "clock.h"
#include "instant.h"
#include "table.h"

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
        .past = asks_about_past(snapshot->read_at, t->as_of, t->known_at),
    };
}

bool routes_read_want(const struct routes *r, const struct httpd_request *q, struct papers_want *want,
                      struct err *e)
{
    static const char *const places[] = {"locality", "team", "officer"};
    struct breach_ask asked;
    struct routes_time time;
    breach_ask_begin(&asked, r->status->snapshot->rulebook, r->status->snapshot);
    asked.narrow = access_is_narrow(r->caller);
    for (size_t i = 0; i < q->param_count; i++)
        for (size_t k = 0; k < sizeof places / sizeof places[0]; k++)
            if (strcmp(q->params[i].name, places[k]) == 0 &&
                !breach_ask_take(&asked, places[k], q->params[i].value, e))
                return false;
    if (!routes_read_time(r->status, q, &time, e))
        return false;
    const struct breach_filter f = breach_ask_filter(&asked);
    *want = (struct papers_want){time.as_of, time.known_at, f.localities, f.teams, f.officers};
    access_narrow(r->caller, r->status->snapshot, &want->teams);
    return true;
}

void routes_say_about(const struct table_about *a, struct httpd_reply *reply)
{
    char day[CIVIL_TEXT_LEN], time[INSTANT_TEXT_LEN];
    httpd_reply_header(reply, "Ehcwatch-As-Of", civil_format(a->as_of, day));
    httpd_reply_header(reply, "Ehcwatch-Known-At", instant_format(a->known_at, time));
    httpd_reply_header(reply, "Ehcwatch-Evaluated-At", instant_format(a->evaluated_at, time));
    httpd_reply_header(reply, "Ehcwatch-Rulebook", a->rulebook);
}

void routes_say_as_of(const struct status *s, const struct routes_time *t, struct httpd_reply *reply)
{
    const struct table_about about = {
        .as_of = t->as_of,
        .evaluated_at = t->other ? clock_wall_us() : s->evaluated_at,
        .known_at = t->known_at == KNOWN_NOW ? s->snapshot->read_at : t->known_at,
        .rulebook = s->snapshot->rulebook->version,
    };
    routes_say_about(&about, reply);
}

struct table_about routes_about_papers(const struct papers *p)
{
    return (struct table_about){
        .as_of = p->as_of,
        .evaluated_at = p->evaluated_at,
        .known_at = p->known_at == KNOWN_NOW ? p->snapshot->read_at : p->known_at,
        .rulebook = p->snapshot->rulebook->version,
    };
}

void routes_say_papers(const struct papers *p, struct httpd_reply *reply)
{
    const struct table_about about = routes_about_papers(p);
    routes_say_about(&about, reply);
}
