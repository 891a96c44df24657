/* /v1/cases/REF: one case, as JSON or as a page. The JSON is that of the subcommand explain, with every limit; the page keeps to those
 * under watch. */
#include <string.h>

#include "case_text.h"
#include "clock.h"
#include "page_case.h"
#include "routes_int.h"

const char *const routes_case_params[] = {"as_of", "known_at", "format", NULL};

/* A reference may hold a full stop: the form is a parameter here, a suffix that is not of the reference, or the header's. FORM_COUNT: of another word. */
static enum answer_form case_form(const struct httpd_request *q, enum answer_form suffix)
{
    const unsigned offered = FORM_BIT(FORM_JSON) | FORM_BIT(FORM_HTML);
    for (size_t i = 0; i < q->param_count; i++)
        if (strcmp(q->params[i].name, "format") == 0)
            return strcmp(q->params[i].value, "html") == 0   ? FORM_HTML
                   : strcmp(q->params[i].value, "json") == 0 ? FORM_JSON
                                                             : FORM_COUNT;
    return suffix != FORM_COUNT ? suffix : answer_form_accepted(httpd_header(q, "Accept"), offered);
}

static const unsigned char *seen(const struct routes *r, const char *ref, size_t len)
{
    const struct snapshot *s = r->status->snapshot;
    const unsigned char *record = snapshot_case_by_ref(s, ref, len);
    return record != NULL && access_sees(r->caller, s, record) ? record : NULL;
}

/* The case of a reference, or of one with ".html" or ".json" behind it: then *form is that, else FORM_COUNT. One that the caller may
 * not see is none, so that it hides no other either. */
static const unsigned char *find_case(const struct routes *r, const char *ref, enum answer_form *form)
{
    const unsigned char *record = seen(r, ref, strlen(ref));
    const char *suffix = strrchr(ref, '.');
    *form = FORM_COUNT;
    if (record != NULL || suffix == NULL)
        return record;
    if (strcmp(suffix, ".html") != 0 && strcmp(suffix, ".json") != 0)
        return NULL;
    *form = suffix[1] == 'h' ? FORM_HTML : FORM_JSON;
    return seen(r, ref, (size_t)(suffix - ref));
}

static void reply_case_page(const struct routes *r, const struct httpd_request *q,
                            const struct routes_time *t, const unsigned char *record,
                            struct httpd_reply *reply)
{
    const struct judge_how how = routes_how(r->status, t);
    struct routes_page *p = routes_page_new(r, q, t);
    struct buf b = {0};
    if (p != NULL)
        page_case(&b, &p->frame, &how, record);
    b.failed |= p == NULL;
    routes_reply_page(reply, 200, &b);
    routes_say_as_of(r->status, t, reply);
    routes_page_free(p);
}

/* The reference is all that follows: it may hold a slash. */
void routes_case(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply)
{
    const struct status *s = r->status;
    const struct snapshot *snapshot = routes_snapshot(s, reply);
    const char *ref = q->path + strlen(ROUTES_CASE);
    if (snapshot == NULL)
        return;
    struct routes_time time;
    struct err e = {""};
    enum answer_form suffix;
    const unsigned char *record = find_case(r, ref, &suffix);
    const enum answer_form form = case_form(q, suffix);
    if (form == FORM_COUNT) {
        httpd_problem(reply, 400, "Unknown value", "format: not one of html, json");
        return;
    }
    if (!routes_read_time(s, q, &time, &e)) {
        httpd_problem(reply, 400, "Unknown value", "%s", e.text);
        return;
    }
    if (record == NULL) {
        const size_t len = strlen(ref) - (suffix != FORM_COUNT ? strlen(strrchr(ref, '.')) : 0);
        httpd_problem(reply, 404, "No such case", "no case has the reference %.*s", (int)len, ref);
        return;
    }
    if (form == FORM_HTML) {
        reply_case_page(r, q, &time, record, reply);
        httpd_reply_header(reply, "Vary", "Accept");
        return;
    }
    struct case_text_about about = {
        .how = routes_how(s, &time),
        .read_at = snapshot->read_at,
        .evaluated_at = time.other ? clock_wall_us() : s->evaluated_at,
        .watched = snapshot->limits,
    };
    about.how.limits = LIMITS_ALL; /* the record has all facts, whatever is watched */
    struct buf b = {0};
    case_text(&b, &about, record);
    routes_reply_buf(reply, TYPE_JSON, &b);
    httpd_reply_header(reply, "Vary", "Accept");
}
