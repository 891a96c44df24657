/* /v1/summary: how many, of the last evaluation, and what the papers add to it. */
#include <stdlib.h>

#include "routes_int.h"
#include "summary_text.h"

/* The counts are those of the papers' snapshot: one moment throughout, even if there is a newer one by now. */
static void answer(void *ctx, struct papers *papers, struct httpd_reply *reply)
{
    const struct status *const *now = ctx;
    struct status then = **now;
    struct buf b = {0};
    const struct summary_more more = {papers->by_place, papers->figures};
    then.snapshot = papers->snapshot;
    then.rulebook = papers->snapshot->rulebook;
    then.evaluated_at = papers->evaluated_at;
    summary_text(&b, &then, &more);
    routes_reply_buf(reply, TYPE_JSON, &b);
    routes_say_papers(papers, reply);
}

void routes_summary(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply)
{
    const struct snapshot *snapshot = routes_snapshot(r->status, reply);
    (void)q;
    if (snapshot == NULL)
        return;
    if (r->papers != NULL) {
        const struct papers_want want = {.as_of = snapshot->as_of, .known_at = snapshot->known_at};
        const struct status **ctx = malloc(sizeof *ctx);
        if (ctx == NULL) {
            httpd_problem(reply, 500, "Out of memory", "the question could not be kept");
            return;
        }
        *ctx = r->status;
        papers_ask(r->papers, r, reply, &want, answer, ctx, free);
        return;
    }
    struct buf b = {0};
    summary_text(&b, r->status, NULL);
    routes_reply_buf(reply, TYPE_JSON, &b);
    routes_say_as_of(r->status, &(struct routes_time){snapshot->as_of, snapshot->known_at, false}, reply);
}
