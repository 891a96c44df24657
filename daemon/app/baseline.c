#include "baseline.h"

#include <stdio.h>
#include <string.h>

#include "baseline_text.h"
#include "clock.h"
#include "pgarray.h"
#include "random_id.h"
#include "sql_text.h"

bool evaluation_ends(const struct writer_work *work)
{
    return work->whole || work->bulk_since != CIVIL_NONE;
}

/* Endpoint by endpoint, each in its own form. */
static bool add_bodies(struct pg_array a[3], const struct baseline_about *about,
                       const struct writer_endpoint *endpoints, size_t n)
{
    bool ok = true;
    for (size_t i = 0; i < n && ok; i++) {
        struct buf body = {0};
        baseline_body(&body, endpoints[i].format, &endpoints[i].channel, about);
        ok = !body.failed;
        if (ok) {
            pg_array_text(&a[0], endpoints[i].name);
            pg_array_bytea(&a[1], body.p, body.n);
            pg_array_text(&a[2], format_content_type(endpoints[i].format));
        }
        buf_free(&body);
    }
    return ok;
}

bool evaluation_end(const struct core *core, struct pg_link *link, const struct writer_work *work,
                    const struct writer_endpoint *endpoints, size_t n, const char *term, pg_result_fn *fn,
                    void *ud, struct err *e)
{
    enum { LIMITS, NAMES, BODIES, TYPES, ARRAYS };
    struct pg_array a[ARRAYS];
    char id[RANDOM_ID_LEN], as_of[CIVIL_TEXT_LEN], known_at[24];
    const struct rulebook *rb = work->snapshot->rulebook;
    const struct baseline_about about = {
        .snapshot = work->snapshot,
        .fresh = work->whole ? work->baseline : 0,
        .began = work->began,
        .rewritten = work->whole ? work->rewritten : 0,
        .bulk = work->bulk_since != CIVIL_NONE,
        .bulk_cases = work->bulk_cases,
        .link = core->config->public_url,
        .message_id = id,
        .timestamp = clock_wall_us(),
    };
    bool tell = baseline_reason(&about) != BASELINE_NONE, sent = random_id(id);
    for (int i = 0; i < ARRAYS; i++)
        pg_array_init(&a[i]);
    for (size_t i = 0; i < rb->n; i++)
        if ((about.fresh & LIMIT_BIT(i)) != 0)
            pg_array_text(&a[LIMITS], rb->rule[i].limit->id);
    if (sent && tell)
        sent = add_bodies(&a[NAMES], &about, endpoints, n);
    /* Of a part of the cases there is nothing to note but that the import is over. */
    civil_format(work->whole ? work->snapshot->as_of : work->before.as_of, as_of);
    snprintf(known_at, sizeof known_at, "%lld",
             (long long)(work->whole ? work->snapshot->read_at : work->before.known_at));
    const char *params[] = {pg_array_literal(&a[LIMITS], e),
                            core->instance,
                            term,
                            as_of,
                            known_at,
                            work->rules,
                            tell ? id : NULL,
                            pg_array_literal(&a[NAMES], e),
                            pg_array_literal(&a[BODIES], e),
                            pg_array_literal(&a[TYPES], e)};
    enum { PARAMS = sizeof params / sizeof params[0] };
    for (int i = 0; i < PARAMS; i++)
        sent &= params[i] != NULL || i == 6;
    sent = sent && pg_link_query(link, sql_query("evaluation_done"), PARAMS, params, fn, ud);
    for (int i = 0; i < ARRAYS; i++)
        pg_array_free(&a[i]);
    return sent || err_set(e, "out of memory");
}

bool evaluation_bulk(const struct core *core, struct pg_link *link, const struct writer_work *work,
                     const char *term, pg_result_fn *fn, void *ud)
{
    char since[CIVIL_TEXT_LEN], cases[24];
    snprintf(cases, sizeof cases, "%zu", work->bulk_cases);
    const char *params[] = {civil_format(work->bulk_since, since), cases, core->instance, term};
    return pg_link_query(link, sql_query("evaluation_bulk"), 4, params, fn, ud);
}
