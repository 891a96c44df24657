#include <stdlib.h>
#include <string.h>

#include "assets.h"
#include "clock.h"
#include "routes_int.h"

/* --- what goes around a page ------------------------------------------------------------------------------------------- */

static const struct page_query nothing;

static const char *put(char **at, const char *text)
{
    size_t n = strlen(text) + 1;
    const char *copy = memcpy(*at, text, n);
    *at += n;
    return copy;
}

/* Copies the names and values behind one another. */
static bool copy_query(struct routes_page *p, const struct httpd_request *q)
{
    size_t room = 1, n = 0;
    for (size_t i = 0; i < q->param_count; i++)
        room += strlen(q->params[i].name) + strlen(q->params[i].value) + 2;
    struct page_param *param = p->param = calloc(q->param_count + 1, sizeof *param);
    char *at = p->text = malloc(room);
    if (param == NULL || at == NULL)
        return false;
    for (size_t i = 0; i < q->param_count; i++) {
        const struct httpd_param *from = &q->params[i];
        if (*from->value == '\0' || strcmp(from->name, "format") == 0)
            continue;
        param[n].name = put(&at, from->name);
        param[n++].value = put(&at, from->value);
    }
    p->query = (struct page_query){param, n};
    return true;
}

/* Why what is shown may be out of date. */
static void find_trouble(struct routes_page *p, const struct status *s)
{
    const char *why = status_not_ready(s, clock_wall_us());
    p->trouble[0] = '\0';
    strncat(p->trouble, why != NULL ? why : "", sizeof p->trouble - 1);
}

static void surround(struct page_frame *f, const struct page_query *q)
{
    *f = (struct page_frame){.title = "",
                             .name = "",
                             .query = q,
                             .style = asset_path("page.css"),
                             .icon = asset_path("page.svg"),
                             .trouble = "",
                             .standing = "",
                             .reader = "",
                             .teams = ""};
}

struct routes_page *routes_page_new(const struct routes *r, const struct httpd_request *q,
                                    const struct routes_time *t)
{
    const struct status *s = r->status;
    struct routes_page *p = calloc(1, sizeof *p);
    if (p == NULL || !copy_query(p, q)) {
        routes_page_free(p);
        return NULL;
    }
    surround(&p->frame, &p->query);
    find_trouble(p, s);
    p->frame.trouble = p->trouble;
    p->frame.standing = status_standing(s, p->standing);
    p->caller = *r->caller;
    p->frame.reader = p->caller.name;
    p->frame.teams = p->caller.teams.text;
    p->frame.n_teams = p->caller.teams.n;
    if (t != NULL) {
        p->time = (struct page_time){
            .as_of = t->as_of,
            .known_at = t->known_at == KNOWN_NOW ? s->snapshot->read_at : t->known_at,
            .past = t->other,
            .evaluated_at = t->other ? clock_wall_us() : s->evaluated_at,
            .rulebook = s->snapshot->rulebook->version,
        };
        p->frame.time = &p->time;
    }
    return p;
}

void routes_page_free(struct routes_page *p)
{
    if (p == NULL)
        return;
    free(p->param);
    free(p->text);
    free(p);
}

bool routes_wants_page(const struct httpd_request *q)
{
    const char *suffix = strrchr(q->path, '.');
    for (int f = 0; suffix != NULL && f < FORM_COUNT; f++)
        if (strcmp(suffix, answer_types[f].suffix) == 0)
            return f == FORM_HTML;
    return answer_form_accepted(httpd_header(q, "Accept"), FORM_BIT(FORM_JSON) | FORM_BIT(FORM_HTML)) ==
           FORM_HTML;
}

void routes_guard_page(struct httpd_reply *reply)
{
    httpd_reply_header(reply, "Content-Security-Policy", PAGE_POLICY);
    httpd_reply_header(reply, "Referrer-Policy", "no-referrer");
    httpd_reply_header(reply, "Cross-Origin-Opener-Policy", "same-origin");
    httpd_reply_header(reply, "Cross-Origin-Resource-Policy", "same-origin");
}

void routes_reply_page(struct httpd_reply *reply, unsigned status, struct buf *b)
{
    size_t n;
    char *bytes = buf_take(b, &n);
    if (bytes == NULL) {
        httpd_problem(reply, 500, "Out of memory", "the page could not be made");
        return;
    }
    httpd_reply_bytes(reply, status, TYPE_HTML, bytes, n);
    routes_guard_page(reply);
}

bool routes_problem(void *ud, struct httpd_reply *reply, const char *accept, unsigned status,
                    const char *title, const char *detail)
{
    struct buf b = {0};
    struct page_frame f;
    size_t n;
    (void)ud;
    if (answer_form_accepted(accept, FORM_BIT(FORM_JSON) | FORM_BIT(FORM_HTML)) != FORM_HTML)
        return false;
    surround(&f, &nothing);
    page_error(&b, &f, status, title, detail);
    char *bytes = buf_take(&b, &n);
    if (bytes == NULL)
        return false;
    httpd_reply_bytes(reply, status, TYPE_HTML, bytes, n);
    routes_guard_page(reply);
    return true;
}

/* --- addresses ------------------------------------------------------------------------------------------------------- */

void routes_asset(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply)
{
    const struct asset *a = asset_at(q->path);
    (void)r;
    if (a == NULL) {
        httpd_problem(reply, 404, "Not found", "no such address: %s", q->path);
        return;
    }
    httpd_reply_text(reply, 200, a->content_type, a->text);
    httpd_reply_cache(reply, ASSET_KEEP);
    routes_guard_page(reply);
}
