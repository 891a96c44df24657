#include "ledger.h"

#include <stdlib.h>
#include <string.h>

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
        l->owing -= l->rows[i].digest != LEDGER_NOTHING;
        l->owing += digest != LEDGER_NOTHING;
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
    if (l->settled == l->n - 1 && (l->settled == 0 || l->rows[l->settled - 1].case_id < case_id)) {
        l->settled = l->n;
        l->owing += digest != LEDGER_NOTHING;
    }
    return true;
}

static int by_id(const void *x, const void *y)
{
    const struct ledger_row *a = x, *b = y;
    return a->case_id < b->case_id ? -1 : a->case_id > b->case_id;
}

/* Puts the additions in order, each case once; how many they are then. What was set twice before settling is of one commit, and
 * either will do. */
static size_t order_additions(struct ledger_row *rows, size_t n)
{
    size_t kept = 0, i = 1;
    while (i < n && rows[i - 1].case_id < rows[i].case_id)
        i++;
    if (i < n)
        qsort(rows, n, sizeof *rows, by_id);
    for (i = 0; i < n; i++)
        if (kept == 0 || rows[kept - 1].case_id != rows[i].case_id)
            rows[kept++] = rows[i];
    return kept;
}

/* Few are added to very many, and the loop waits: only what lies behind the first of the additions is moved. */
static void merge_additions(struct ledger *l, size_t added)
{
    size_t to = l->settled + added, old = l->settled;
    struct ledger_row *late = reallocarray(NULL, added, sizeof *late);
    if (late == NULL) { /* slower, and as good */
        qsort(l->rows, to, sizeof *l->rows, by_id);
        return;
    }
    memcpy(late, l->rows + l->settled, added * sizeof *late);
    while (added > 0) {
        bool older = old > 0 && l->rows[old - 1].case_id > late[added - 1].case_id;
        l->rows[--to] = older ? l->rows[--old] : late[--added];
    }
    free(late);
}

void ledger_settle(struct ledger *l)
{
    struct ledger_row *first = l->rows + l->settled;
    if (l->settled == l->n)
        return;
    size_t added = order_additions(first, l->n - l->settled);
    for (size_t i = 0; i < added; i++)
        l->owing += first[i].digest != LEDGER_NOTHING;
    if (l->settled > 0 && first->case_id < first[-1].case_id)
        merge_additions(l, added);
    l->n = l->settled += added;
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
    return l->owing;
}
