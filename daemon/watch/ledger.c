#include "ledger.h"

#include <stdlib.h>

static size_t lower_bound(const struct ledger *l, int64_t case_id)
{
    size_t lo = 0, hi = l->settled;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (l->rows[mid].case_id < case_id)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

bool ledger_set(struct ledger *l, int64_t case_id, uint64_t digest)
{
    size_t i = lower_bound(l, case_id);
    if (i < l->settled && l->rows[i].case_id == case_id) {
        l->rows[i].digest = digest;
        return true;
    }
    if (l->n == l->cap) {
        size_t cap = l->cap ? l->cap + l->cap / 4 + 16 : 1024;
        struct ledger_row *rows = reallocarray(l->rows, cap, sizeof *rows);
        if (rows == NULL)
            return false;
        l->rows = rows;
        l->cap = cap;
    }
    l->rows[l->n++] = (struct ledger_row){case_id, digest};
    /* Rows that come in order, as when the ledger is read, need no settling. */
    if (l->settled == l->n - 1 && (l->settled == 0 || l->rows[l->settled - 1].case_id < case_id))
        l->settled = l->n;
    return true;
}

static int by_id(const void *x, const void *y)
{
    const struct ledger_row *a = x, *b = y;
    return a->case_id < b->case_id ? -1 : a->case_id > b->case_id;
}

void ledger_settle(struct ledger *l)
{
    if (l->settled == l->n)
        return;
    qsort(l->rows, l->n, sizeof *l->rows, by_id);
    size_t kept = 0;
    for (size_t i = 0; i < l->n; i++) {
        if (kept > 0 && l->rows[kept - 1].case_id == l->rows[i].case_id)
            kept--; /* the same case set twice before settling: qsort keeps no order, and both are of one commit */
        l->rows[kept++] = l->rows[i];
    }
    l->n = l->settled = kept;
}

void ledger_clear(struct ledger *l)
{
    free(l->rows);
    *l = (struct ledger){0};
}

uint64_t ledger_digest(const struct ledger *l, int64_t case_id)
{
    size_t i = lower_bound(l, case_id);
    return i < l->settled && l->rows[i].case_id == case_id ? l->rows[i].digest : LEDGER_NOTHING;
}

size_t ledger_after(const struct ledger *l, int64_t case_id)
{
    return case_id == INT64_MAX ? l->settled : lower_bound(l, case_id + 1);
}

size_t ledger_cases(const struct ledger *l)
{
    size_t n = 0;
    for (size_t i = 0; i < l->settled; i++)
        n += l->rows[i].digest != LEDGER_NOTHING;
    return n;
}
