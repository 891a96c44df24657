#include "baseline.h"

#include "clock.h"
#include "message.h"
#include "pgarray.h"
#include "random_id.h"
#include "sql_text.h"

bool baseline_end(const struct core *core, struct pg_link *link, const struct writer_work *work,
                  const struct writer_endpoint *endpoints, size_t n, const char *term, pg_result_fn *fn,
                  void *ud, struct err *e)
{
    struct pg_array limits, names, bodies, types;
    struct pg_array *const arrays[] = {&limits, &names, &bodies, &types};
    char id[RANDOM_ID_LEN];
    const struct message_about about = {
        .rulebook = core->rulebook,
        .calendar = &core->calendar,
        .subjects = core->words->subjects,
        .as_of = work->snapshot->as_of,
        .known_at = work->snapshot->read_at,
        .timestamp = clock_wall_us(),
        .link = core->config->public_url,
    };
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++)
        pg_array_init(arrays[i]);
    for (size_t i = 0; i < core->rulebook->n; i++)
        if ((work->baseline & LIMIT_BIT(i)) != 0)
            pg_array_text(&limits, core->rulebook->rule[i].limit->id);
    bool made = random_id(id);
    for (size_t i = 0; i < n && made; i++) {
        struct buf body = {0};
        message_baseline(&body, endpoints[i].format, &endpoints[i].channel, &about, id, work->snapshot,
                         work->baseline);
        made = !body.failed;
        pg_array_text(&names, endpoints[i].name);
        pg_array_bytea(&bodies, body.p, body.n);
        pg_array_text(&types, format_content_type(endpoints[i].format));
        buf_free(&body);
    }
    const char *params[] = {pg_array_literal(&limits, e),
                            pg_array_literal(&names, e),
                            pg_array_literal(&bodies, e),
                            core->instance,
                            term,
                            pg_array_literal(&types, e),
                            id};
    for (size_t i = 0; i < sizeof params / sizeof params[0]; i++)
        made = made && params[i] != NULL;
    bool sent = made && pg_link_query(link, sql_query("baseline_done"), 7, params, fn, ud);
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++)
        pg_array_free(arrays[i]);
    return sent || err_set(e, "out of memory");
}
