#include "baseline.h"

#include "clock.h"
#include "message.h"
#include "pgarray.h"
#include "sql_text.h"

bool baseline_end(const struct core *core, struct pg_link *link, const struct writer_work *work,
                  const struct writer_endpoint *endpoints, size_t n, const char *term, pg_result_fn *fn,
                  void *ud, struct err *e)
{
    struct pg_array limits, names;
    struct buf body = {0}, hex = {0};
    const struct message_about about = {
        .rulebook = core->rulebook,
        .calendar = &core->calendar,
        .subjects = core->words->subjects,
        .as_of = work->snapshot->as_of,
        .known_at = work->snapshot->read_at,
        .timestamp = clock_wall_us(),
        .link = core->config->public_url,
    };
    pg_array_init(&limits);
    pg_array_init(&names);
    for (size_t i = 0; i < core->rulebook->n; i++)
        if ((work->baseline & LIMIT_BIT(i)) != 0)
            pg_array_text(&limits, core->rulebook->rule[i].limit->id);
    for (size_t i = 0; i < n; i++)
        pg_array_text(&names, endpoints[i].name);
    message_baseline(&body, &about, work->snapshot, work->baseline);
    buf_text(&hex, "\\x");
    for (size_t i = 0; i < body.n; i++)
        buf_printf(&hex, "%02x", (unsigned char)body.p[i]);
    const char *params[] = {pg_array_literal(&limits, e), pg_array_literal(&names, e), hex.p, core->instance,
                            term};
    bool made = params[0] != NULL && params[1] != NULL && !hex.failed && !body.failed;
    bool sent = made && pg_link_query(link, sql_query("baseline_done"), 5, params, fn, ud);
    pg_array_free(&limits);
    pg_array_free(&names);
    buf_free(&body);
    buf_free(&hex);
    return sent || err_set(e, "out of memory");
}
