#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "poller_int.h"

/* "assess_decision_6w=0123456789abcdef,..." of the limits under watch: what ehcwatch.evaluation has of an evaluation's rules. */
static void say_rules(const struct rulebook *rb, uint64_t limits, char out[RULES_LEN])
{
    size_t at = 0;
    out[0] = '\0';
    for (size_t i = 0; i < rb->n; i++)
        if ((limits & LIMIT_BIT(i)) != 0)
            at += (size_t)snprintf(out + at, RULES_LEN - at, "%s%s=%016" PRIx64, at > 0 ? "," : "",
                                   rb->rule[i].limit->id, rulebook_digest(rb, i));
}

/* Of the limits under watch those that were so before, with another rule. */
static uint64_t rewritten(const struct rulebook *rb, uint64_t limits, const char *before)
{
    uint64_t found = 0;
    for (size_t i = 0; i < rb->n; i++) {
        const char *id = rb->rule[i].limit->id, *p = before;
        size_t len = strlen(id);
        while (p != NULL && (strncmp(p, id, len) != 0 || p[len] != '='))
            p = (p = strchr(p, ',')) != NULL ? p + 1 : NULL;
        if (p != NULL && (limits & LIMIT_BIT(i)) != 0 &&
            strtoull(p + len + 1, NULL, 16) != rulebook_digest(rb, i))
            found |= LIMIT_BIT(i);
    }
    return found;
}

void poller_take_evaluated(struct poller *p, const PGresult *res)
{
    struct evaluated_state *s = &p->evaluated;
    *s = (struct evaluated_state){.last = {.as_of = CIVIL_NONE}, .bulk_since = CIVIL_NONE};
    if (PQntuples(res) == 0)
        return;
    s->last = (struct evaluated){.as_of = (civil_day)strtol(PQgetvalue(res, 0, 0), NULL, 10),
                                 .known_at = strtoll(PQgetvalue(res, 0, 1), NULL, 10)};
    snprintf(s->rules, sizeof s->rules, "%s", PQgetvalue(res, 0, 2));
    if (!PQgetisnull(res, 0, 3))
        s->bulk_since = (civil_day)strtol(PQgetvalue(res, 0, 3), NULL, 10);
    s->bulk_cases = strtoull(PQgetvalue(res, 0, 4), NULL, 10);
}

const civil_day *poller_counts_since(struct poller *p)
{
    struct evaluated_state *s = &p->evaluated;
    say_rules(p->core->rulebook, p->limits, s->now);
    bool comparable =
        p->leads && p->fresh == 0 && s->last.as_of != CIVIL_NONE && strcmp(s->now, s->rules) == 0;
    return comparable && p->core->config->bulk_share > 0 ? &s->last.as_of : NULL;
}

void poller_fill_work(struct poller *p, const struct intake *in, struct writer_work *work)
{
    struct evaluated_state *s = &p->evaluated;
    const struct snapshot *now = work->snapshot;
    size_t moved = intake_moved(in), known = ledger_cases(&p->ledger),
           cases = now->n_cases > known ? now->n_cases : known;
    bool first = s->last.as_of == CIVIL_NONE && p->fresh == now->limits;
    say_rules(now->rulebook, now->limits, s->now);
    work->whole = p->reading_all;
    work->rules = s->now;
    work->before = s->last;
    work->baseline = p->fresh;
    work->began = first ? BASELINE_FIRST_RUN : BASELINE_NEW_LIMIT;
    work->rewritten =
        s->last.as_of == CIVIL_NONE ? 0 : rewritten(now->rulebook, now->limits & ~p->fresh, s->rules);
    work->bulk_since = s->bulk_since;
    work->bulk_cases = s->bulk_cases;
    if (s->bulk_since != CIVIL_NONE || !bulk_import(moved, cases, p->core->config->bulk_share))
        return;
    work->bulk_since = s->last.as_of;
    work->bulk_cases = moved;
    work->bulk_begins = true;
    log_ev(LOG_NOTICE, "bulk_import", LOG_NO_FIELDS,
           "%zu of %zu cases have changed at once: what brought that is recorded, and told in one summary",
           moved, cases);
}

void poller_evaluated(struct poller *p)
{
    struct evaluated_state *s = &p->evaluated;
    const struct snapshot *now = p->core->status.snapshot;
    s->bulk_since = CIVIL_NONE;
    s->bulk_cases = 0;
    if (!p->reading_all)
        return;
    s->last = (struct evaluated){now->as_of, now->read_at};
    memcpy(s->rules, s->now, sizeof s->rules);
}
