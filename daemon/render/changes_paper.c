#include "changes_paper.h"

#include <stdlib.h>
#include <string.h>

#include "plain.h"
#include "worktime.h"

enum { LIST, COUNTS, TABLES };

/* How something left the list, as it is told in a sentence. */
enum { DONE, MISSED, OTHERWISE, WAYS };

/* A row of the counts. */
struct group {
    uint8_t limit;
    uint32_t team;
    uint32_t n[CHANGED_KINDS], missed;
};

struct changes_paper {
    struct paper paper;
    struct table tables[TABLES];
    struct table_fact facts[1 + CHANGED_KINDS];
    const struct changes *c;
    const struct snapshot *s;
    size_t n;
    uint32_t *picked; /* of the changes */
    size_t count[CHANGED_KINDS];
    size_t cleared[WAYS]; /* of what is no longer overdue */
    size_t n_groups, cap_groups;
    struct group *groups; /* by limit, then by the name of the team */
    uint32_t *slot;       /* a table of them: number plus one; at most half full */
    size_t slots;
};

/* --- the list --------------------------------------------------------------------------------------------------------------- */

enum {
    CHANGE,
    REF,
    LIMIT,
    TITLE,
    SUBJECT,
    START,
    DUE,
    WAS,
    IS,
    HOW,
    CLOSED,
    DAYS,
    LOCALITY,
    TEAM,
    OFFICER,
    LIST_COLUMNS
};

static const struct column list_columns[LIST_COLUMNS] = {
    [CHANGE] = {"change", "Change", CELL_TEXT, 12},
    [REF] = {"case_ref", "Case", CELL_CASE, 16},
    [LIMIT] = {"limit", "Limit", CELL_TEXT, 22},
    [TITLE] = {"title", "What is owed", CELL_TEXT, 44},
    [SUBJECT] = {"subject", "Of whom", CELL_TEXT, 14},
    [START] = {"start_on", "Counted from", CELL_DATE, 12},
    [DUE] = {"due_on", "Due on", CELL_DATE, 12},
    [WAS] = {"was", "Then", CELL_STATE, 10},
    [IS] = {"is", "Now", CELL_STATE, 10},
    [HOW] = {"how", "Why no longer overdue", CELL_TEXT, 12},
    [CLOSED] = {"closed_on", "Closed on", CELL_DATE, 12},
    [DAYS] = {"days", "Days overdue", CELL_INT, 8},
    [LOCALITY] = {"locality", "Locality", CELL_TEXT, 16},
    [TEAM] = {"team", "Team", CELL_TEXT, 16},
    [OFFICER] = {"officer", "Officer", CELL_TEXT, 16},
};

static struct cell state_cell(unsigned state)
{
    return state < STATE_COUNT ? cell_state(state_name((enum state)state)) : (struct cell){.type = CELL_NONE};
}

/* Days past the due date: of what is overdue now. */
static struct cell days_cell(const struct changes_paper *p, const struct changed *k)
{
    bool overdue = k->state == STATE_BREACHED ||
                   (k->state == STATE_EXCEPTED && (k->kind == CHANGED_NEW || k->kind == CHANGED_WORSENED));
    return overdue ? cell_int(p->s->as_of - k->due) : (struct cell){.type = CELL_NONE};
}

static void list_cell(const void *ud, size_t row, size_t column, struct cell *out)
{
    const struct changes_paper *p = ud;
    const struct changed *k = &p->c->items[p->picked[row]];
    const struct rulebook *rb = p->c->then.rulebook;
    const struct obligation o = {.limit = k->limit, .version = k->version};
    const struct limit *l = obligation_limit(rb, &o);
    const struct names *places = p->s->words->places;
    struct record_case head;
    record_head(changed_record(p->s, k), &head);
    const struct cell cells[LIST_COLUMNS] = {
        [CHANGE] = cell_text(change_kind_name((enum change_kind)k->kind)),
        [REF] = cell_case(head.ref, head.ref_len),
        [LIMIT] = cell_text(l->id),
        [TITLE] = cell_text(l->title),
        [SUBJECT] = cell_text(names_text(p->s->words->subjects, k->subject)),
        [START] = cell_date(k->start),
        [DUE] = cell_date(k->due),
        [WAS] = state_cell(k->was),
        [IS] = state_cell(k->state),
        [HOW] = cell_text(change_how_name((enum change_how)k->how)),
        [CLOSED] = cell_date(k->closed),
        [DAYS] = days_cell(p, k),
        [LOCALITY] = cell_text(names_text(places, head.locality)),
        [TEAM] = cell_text(names_text(places, head.team)),
        [OFFICER] = cell_text(names_text(places, head.officer)),
    };
    *out = cells[column];
}

/* --- the counts --------------------------------------------------------------------------------------------------------------- */

enum { G_LIMIT, G_TITLE, G_TEAM, G_FIRST, G_MISSED = G_FIRST + CHANGED_KINDS, COUNT_COLUMNS };

static const struct column count_columns[COUNT_COLUMNS] = {
    [G_LIMIT] = {"limit", "Limit", CELL_TEXT, 22},
    [G_TITLE] = {"title", "What is owed", CELL_TEXT, 44},
    [G_TEAM] = {"team", "Team", CELL_TEXT, 16},
    [G_FIRST + CHANGED_NEW] = {"new", "Newly overdue", CELL_INT, 10},
    [G_FIRST + CHANGED_WORSENED] = {"worsened", "Worse", CELL_INT, 10},
    [G_FIRST + CHANGED_IN_BETWEEN] = {"in_between", "Came and went", CELL_INT, 10},
    [G_FIRST + CHANGED_CLEARED] = {"cleared", "No longer overdue", CELL_INT, 10},
    [G_MISSED] = {"missed", "Of these, missed for good", CELL_INT, 10},
};

static void count_cell(const void *ud, size_t row, size_t column, struct cell *out)
{
    const struct changes_paper *p = ud;
    const struct group *g = &p->groups[row];
    const struct limit *l = p->c->then.rulebook->rule[g->limit].limit;
    if (column == G_TEAM)
        *out = cell_text(names_text(p->s->words->places, g->team));
    else if (column == G_MISSED)
        *out = cell_int(g->missed);
    else if (column >= G_FIRST)
        *out = cell_int(g->n[column - G_FIRST]);
    else
        *out = cell_text(column == G_LIMIT ? l->id : l->title);
}

static size_t home(const struct changes_paper *p, uint8_t limit, uint32_t team)
{
    const uint64_t h = ((uint64_t)limit << 32 | team) * UINT64_C(0x9e3779b97f4a7c15);
    return (size_t)(h >> 32) & (p->slots - 1);
}

/* Where the group is in the table, or would be. */
static uint32_t *place_of(const struct changes_paper *p, uint8_t limit, uint32_t team)
{
    size_t at = home(p, limit, team);
    for (; p->slot[at] != 0; at = (at + 1) & (p->slots - 1)) {
        const struct group *g = &p->groups[p->slot[at] - 1];
        if (g->limit == limit && g->team == team)
            break;
    }
    return &p->slot[at];
}

static bool more_groups(struct changes_paper *p)
{
    const size_t cap = p->cap_groups > 0 ? p->cap_groups * 2 : 32;
    struct group *groups = reallocarray(p->groups, cap, sizeof *groups);
    if (groups == NULL)
        return false;
    p->groups = groups;
    uint32_t *slot = calloc(2 * cap, sizeof *slot);
    if (slot == NULL)
        return false;
    free(p->slot);
    p->slot = slot;
    p->slots = 2 * cap;
    p->cap_groups = cap;
    for (size_t i = 0; i < p->n_groups; i++)
        *place_of(p, groups[i].limit, groups[i].team) = (uint32_t)i + 1;
    return true;
}

/* NULL: out of memory. */
static struct group *group_of(struct changes_paper *p, uint8_t limit, uint32_t team)
{
    if (p->n_groups == p->cap_groups && !more_groups(p))
        return NULL;
    uint32_t *at = place_of(p, limit, team);
    if (*at == 0) {
        p->groups[p->n_groups++] = (struct group){.limit = limit, .team = team};
        *at = (uint32_t)p->n_groups;
    }
    return &p->groups[*at - 1];
}

/* Few: an insertion each is no work. */
static void sort_groups(struct changes_paper *p)
{
    const struct names *places = p->s->words->places;
    for (size_t i = 1; i < p->n_groups; i++) {
        const struct group g = p->groups[i];
        size_t k = i;
        for (; k > 0; k--) {
            const struct group *before = &p->groups[k - 1];
            int order = before->limit != g.limit
                            ? (before->limit > g.limit) - (before->limit < g.limit)
                            : strcmp(names_text(places, before->team), names_text(places, g.team));
            if (order <= 0)
                break;
            p->groups[k] = *before;
        }
        p->groups[k] = g;
    }
}

/* --- all of it ---------------------------------------------------------------------------------------------------------------- */

static void changes_words(struct buf *b, const struct paper *paper)
{
    const struct changes_paper *p = (const struct changes_paper *)paper;
    static const char *const ways[WAYS] = {
        [DONE] = "done", [MISSED] = "missed for good", [OTHERWISE] = "excepted, corrected or no longer owed"};
    struct local_time at = worktime_local(p->c->since);
    char day[24];
    int any = 0;
    buf_printf(b, "Since %02d:%02d on %s: %s newly overdue, %s worse than then, %s no longer overdue",
               at.minute / 60, at.minute % 60, civil_words(at.day, day, sizeof day),
               COUNT(p->count[CHANGED_NEW]), COUNT(p->count[CHANGED_WORSENED]),
               COUNT(p->count[CHANGED_CLEARED]));
    for (int i = 0; i < WAYS; i++)
        if (p->cleared[i] > 0)
            buf_printf(b, "%s%s %s", any++ == 0 ? " (" : ", ", COUNT(p->cleared[i]), ways[i]);
    buf_printf(b, "%s, %s that came and went in between.\n", any > 0 ? ")" : "",
               COUNT(p->count[CHANGED_IN_BETWEEN]));
    buf_text(b, "Worse than then: on track then and at risk now, no longer excepted, or past another mark of "
                "6, 16, 20, "
                "26 or 52 weeks (overdue, or since the request).\n");
}

static void changes_paper_free(struct paper *paper)
{
    struct changes_paper *p = (struct changes_paper *)paper;
    free(p->picked);
    free(p->groups);
    free(p->slot);
    free(p);
}

static size_t way_of(enum change_how how)
{
    return how == HOW_MET || how == HOW_MET_LATE ? DONE : how == HOW_MISSED ? MISSED : OTHERWISE;
}

static bool pick(struct changes_paper *p, uint64_t limits, unsigned kinds)
{
    p->picked = malloc((p->c->n + 1) * sizeof *p->picked);
    for (size_t i = 0; i < p->c->n && p->picked != NULL; i++) {
        const struct changed *k = &p->c->items[i];
        if ((limits & LIMIT_BIT(k->limit)) == 0 || (kinds & 1u << k->kind) == 0)
            continue;
        struct group *g = group_of(p, k->limit, k->team);
        if (g == NULL)
            return false;
        g->n[k->kind]++;
        if (k->kind == CHANGED_CLEARED) {
            p->cleared[way_of((enum change_how)k->how)]++;
            g->missed += k->how == HOW_MISSED;
        }
        p->count[k->kind]++;
        p->picked[p->n++] = (uint32_t)i;
    }
    sort_groups(p);
    return p->picked != NULL;
}

struct paper *changes_paper_new(const struct changes *c, const struct snapshot *s, uint64_t limits,
                                unsigned kinds)
{
    struct changes_paper *p = calloc(1, sizeof *p);
    if (p == NULL)
        return NULL;
    p->c = c;
    p->s = s;
    p->paper = (struct paper){
        "changes", "Changes since the last meeting", p->tables, TABLES, changes_words, changes_paper_free};
    if (!pick(p, limits, kinds)) {
        paper_free(&p->paper);
        return NULL;
    }
    p->facts[0] = (struct table_fact){"since", "Since", 0, cell_time(c->since)};
    for (int k = 0; k < CHANGED_KINDS; k++)
        p->facts[1 + k] =
            (struct table_fact){count_columns[G_FIRST + k].name, count_columns[G_FIRST + k].title, 0,
                                cell_int((int64_t)p->count[k])};
    p->tables[LIST] = (struct table){"changes",
                                     "Changes one by one",
                                     TABLE_COLUMNS(list_columns),
                                     .n_rows = p->n,
                                     .cell = list_cell,
                                     .ud = p,
                                     .facts = p->facts,
                                     .n_facts = sizeof p->facts / sizeof p->facts[0]};
    p->tables[COUNTS] = (struct table){"counts",
                                       "Changes by limit and team",
                                       TABLE_COLUMNS(count_columns),
                                       .n_rows = p->n_groups,
                                       .cell = count_cell,
                                       .ud = p};
    return &p->paper;
}
