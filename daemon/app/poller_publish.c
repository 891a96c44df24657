#include <string.h>

#include "clock.h"
#include "log.h"
#include "poller_int.h"

/* A view that lost its grant, an import between its TRUNCATE and its INSERT: what looks as if most cases had gone is rather a
 * fault of the source, and telling it would void every obligation at once. */
bool poller_implausible(struct poller *p, const struct intake *in)
{
    enum { FEW = 20, SHARE = 5 };
    size_t emptied = intake_emptied(in), all = emptied > FEW ? ledger_cases(&p->ledger) : 0;
    if (!p->reading_all || p->accept_loss || emptied <= FEW || emptied < all / SHARE)
        return false;
    struct err e;
    err_set(&e,
            "%zu of %zu cases have lost all their obligations since the last reading: nothing is told. Mend "
            "the source; if it "
            "is so, reload (SIGHUP) to accept it",
            emptied, all);
    poller_trouble(p, "case database", e.text);
    return true;
}

void poller_publish(struct poller *p, struct snapshot *s)
{
    struct status *st = &p->core->status;
    const struct findings *f = &s->findings;
    uint64_t rejected = f->unknown_case + f->unknown_event + f->unknown_ground + f->bad_date + f->double_case;
    if (p->reading_all && rejected > 0 &&
        (st->snapshot == NULL || memcmp(f, &st->snapshot->findings, sizeof *f) != 0))
        log_ev(LOG_WARNING, "rows_left_out", LOG_NO_FIELDS,
               "rows that take no part: %llu of unknown cases, %llu unknown events, %llu unknown grounds, "
               "%llu impossible dates, %llu doubled cases; /v1/data-quality lists them",
               (unsigned long long)f->unknown_case, (unsigned long long)f->unknown_event,
               (unsigned long long)f->unknown_ground, (unsigned long long)f->bad_date,
               (unsigned long long)f->double_case);
    status_take_snapshot(st, s, p->watch);
    st->evaluated_at = clock_wall_us();
    st->evaluation_seconds = clock_mono() - p->reading_since;
    st->evaluations++;
}
