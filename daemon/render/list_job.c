#include "list_job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "list_int.h"

#define ROWS_A_SLICE 16384

static const struct list_shape *shape_of(enum list_kind kind)
{
    return kind == LIST_CASES ? &list_cases : kind == LIST_DUE ? &list_due : &list_breaches;
}

struct breach_filter list_filter_default(enum list_kind kind, civil_day as_of)
{
    struct breach_filter f = breach_filter_default();
    if (kind == LIST_DUE) {
        f.states = 1u << STATE_ON_TRACK | 1u << STATE_AT_RISK;
        f.due_by = as_of + LIST_DUE_WITHIN;
    }
    if (kind == LIST_CASES)
        f.states = ~0u;
    return f;
}

const struct column *list_columns(enum list_kind kind, size_t *n)
{
    *n = shape_of(kind)->n_columns;
    return shape_of(kind)->columns;
}

bool list_sortable(enum list_kind kind, int column)
{
    return shape_of(kind)->sorts[column].key != NULL;
}

int list_column(enum list_kind kind, const char *name, size_t len)
{
    const struct list_shape *s = shape_of(kind);
    for (size_t i = 0; i < s->n_columns; i++)
        if (strlen(s->columns[i].name) == len && memcmp(s->columns[i].name, name, len) == 0)
            return (int)i;
    return -1;
}

/* --- rows ------------------------------------------------------------------------------------------------------------ */

uint32_t list_row(const struct list_job *j, size_t at)
{
    at += j->base;
    return j->sort.key != NULL ? j->sorted.items[at].row : (uint32_t)at;
}

const unsigned char *list_record(const struct list_job *j, uint32_t row)
{
    return j->breaches != NULL ? breach_list_record(j->breaches, row) : case_list_record(&j->cases, row);
}

const struct obligation *list_obligation(const struct list_job *j, uint32_t row)
{
    return breach_list_obligation(j->breaches, row);
}

const struct case_row *list_case(const struct list_job *j, uint32_t row)
{
    return &j->cases.rows[row];
}

const struct list_cache *list_load(const struct list_job *j, uint32_t row)
{
    struct list_cache *c = j->cache;
    if (c->any && c->row == row)
        return c;
    c->any = true;
    c->row = row;
    c->obligation = j->breaches != NULL ? list_obligation(j, row) : NULL;
    record_head(list_record(j, row), &c->head);
    return c;
}

struct cell list_place(const struct list_job *j, uint32_t number)
{
    return cell_text(names_text(j->want.how.words->places, number));
}

/* --- beside the rows ------------------------------------------------------------------------------------------------- */

static void fact(struct list_job *j, const char *name, const char *title, struct cell value)
{
    j->facts[j->job.table.n_facts++] = (struct table_fact){name, title, 0, value};
}

static void number(struct list_job *j, const char *name, const char *title, size_t n)
{
    fact(j, name, title, cell_int((int64_t)n));
}

static void counted(struct list_job *j, const char *before, size_t n, size_t cases)
{
    const size_t used = strlen(j->words), room = sizeof j->words - used;
    if (n == 0 && *before != '\0')
        snprintf(j->words + used, room, "%snone", before);
    else
        snprintf(j->words + used, room, "%s%zu obligation%s in %zu case%s", before, n, n == 1 ? "" : "s",
                 cases, cases == 1 ? "" : "s");
}

/* In a sentence, for people. */
static void facts_in_words(struct list_job *j, const struct breach_count *c)
{
    if (j->want.kind == LIST_CASES)
        snprintf(j->words, sizeof j->words, "%zu case%s, overdue: ", j->n, j->n == 1 ? "" : "s");
    counted(j, "", c->obligations, c->cases);
    if (c->excepted > 0)
        counted(j, "; without exceptions: ", c->obligations - c->excepted, c->cases - c->excepted_cases);
    fact(j, "count", "", cell_text(j->words));
}

static void facts_of(struct list_job *j)
{
    const struct breach_count *c = j->breaches != NULL ? &j->breaches->count : &j->cases.count;
    const struct list_pages p = list_job_pages(&j->job);
    j->job.table.facts = j->facts;
    if (j->want.terminal) {
        facts_in_words(j, c);
    } else if (j->want.kind == LIST_CASES) {
        number(j, "cases", "Cases", j->n);
        number(j, "overdue_obligations", "Overdue obligations", c->obligations);
        number(j, "overdue_cases", "Cases with one", c->cases);
        number(j, "overdue_obligations_excepted", "Of these obligations, excepted", c->excepted);
        number(j, "overdue_cases_excepted", "Of these cases, excepted in all", c->excepted_cases);
    } else {
        number(j, "obligations", "Obligations", c->obligations);
        number(j, "cases", "Cases", c->cases);
        if (j->want.kind == LIST_DUE)
            number(j, "within_days", "Within days", (size_t)(j->want.filter.due_by - j->want.how.as_of));
        else
            number(j, "obligations_excepted", "Of the obligations, excepted", c->excepted);
        if (j->want.kind == LIST_BREACHES)
            number(j, "cases_excepted", "Of the cases, excepted in all", c->excepted_cases);
    }
    if (p.per_page > 0 && !j->want.terminal) {
        number(j, "page", "Page", p.page);
        number(j, "per_page", "Rows a page", p.per_page);
        number(j, "pages", "Pages", p.pages);
    }
}

struct list_pages list_job_pages(const struct table_job *job)
{
    const struct list_job *j = (const struct list_job *)job;
    const size_t per = j->want.per_page;
    struct list_pages p = {.rows = j->n, .page = 1, .per_page = per, .pages = 1};
    if (per > 0) {
        p.page = j->want.page;
        p.pages = j->n > 0 ? (j->n + per - 1) / per : 1;
    }
    return p;
}

/* --- going on -------------------------------------------------------------------------------------------------------- */

static bool end_if_done(struct list_job *j)
{
    if (j->phase != PHASE_DONE)
        return false;

    const size_t per = j->want.per_page;
    size_t rows = j->n;
    if (per > 0) {
        j->base = (j->want.page - 1) * per;
        rows = j->base >= j->n ? 0 : j->n - j->base < per ? j->n - j->base : per;
    }
    j->job.table.n_rows = rows;
    j->job.step = NULL;
    facts_of(j);
    return true;
}

/* The rows are found: they are sorted, unless they are in order already. */
static int found(struct list_job *j)
{
    j->n = j->breaches != NULL ? j->breaches->n : j->cases.n;
    j->phase = PHASE_DONE;
    if (j->sort.key != NULL)
        return list_sort_begin(j) ? 1 : -1;
    return 1;
}

/* Of what the snapshot lists. */
static int pick(struct list_job *j)
{
    if (j->phase == PHASE_ORDER)
        return breach_list_order(j->breaches) ? found(j) : -1;
    if (!breach_list_pick(j->breaches, j->want.how.rulebook, &j->want.filter, ROWS_A_SLICE))
        j->phase = PHASE_ORDER;
    return 1;
}

static int walk(struct list_job *j)
{
    const int more =
        j->breach_walk != NULL ? breach_walk_next(j->breach_walk) : case_list_walk_next(j->case_walk);
    if (more != 0)
        return more;
    if (j->breach_walk != NULL) {
        j->breaches = breach_walk_list(j->breach_walk);
        breach_walk_free(j->breach_walk);
        j->breach_walk = NULL;
        return j->breaches != NULL ? found(j) : -1;
    }
    j->cases = case_list_walk_list(j->case_walk);
    case_list_walk_free(j->case_walk);
    j->case_walk = NULL;
    return found(j);
}

static int step(struct table_job *job)
{
    struct list_job *j = (struct list_job *)job;
    int more = 1;
    if (j->phase == PHASE_WALK)
        more = walk(j);
    else if (j->phase == PHASE_PICK || j->phase == PHASE_ORDER)
        more = pick(j);
    else if (j->phase != PHASE_DONE)
        more = list_sort_step(j) ? 1 : -1;
    return more < 0 ? more : !end_if_done(j);
}

static void job_free(struct table_job *job)
{
    struct list_job *j = (struct list_job *)job;
    breach_walk_free(j->breach_walk);
    case_list_walk_free(j->case_walk);
    breach_list_free(j->breaches);
    case_list_free(&j->cases);
    slice_sort_free(&j->sorted);
    free(j->rank);
    snapshot_unref(j->snapshot);
    free(j);
}

/* A walk begins, or picking what the snapshot lists, which is done at once unless it lists very much. */
static bool begin(struct list_job *j)
{
    const struct list_want *w = &j->want;
    if (w->kind == LIST_CASES) {
        j->case_walk = case_list_walk_new(j->snapshot, &w->how, &w->filter);
        return j->case_walk != NULL;
    }
    if (w->kind == LIST_DUE || w->other || breach_filter_asks_facts(&w->filter)) {
        j->breach_walk = breach_walk_new(j->snapshot, &w->how, &w->filter);
        return j->breach_walk != NULL;
    }
    size_t most;
    j->breaches = breach_list_begin(j->snapshot, &most);
    j->phase = PHASE_PICK;
    if (j->breaches == NULL || most > ROWS_A_SLICE)
        return j->breaches != NULL;
    return pick(j) > 0 && pick(j) > 0;
}

static struct table table_of(const struct list_job *j)
{
    const struct list_shape *s = j->shape;
    const bool short_form = j->want.terminal && s->terminal != NULL;
    return (struct table){
        .name = s->name,
        .title = s->title,
        .columns = short_form ? s->terminal : s->columns,
        .n_columns = short_form ? s->n_terminal : s->n_columns,
        .n_more = short_form ? 0 : s->n_more,
        .json_order = short_form ? NULL : s->json_order,
        .cell = short_form ? s->terminal_cell : s->cell,
        .ud = j,
    };
}

struct table_job *list_job_new(struct snapshot *s, const struct list_want *want)
{
    const struct list_shape *shape = shape_of(want->kind);
    const bool own = want->sort == LIST_OWN_ORDER;
    const int sort = own ? shape->own_order : want->sort;
    struct list_job *j = calloc(1, sizeof *j);
    if (j == NULL)
        return NULL;
    j->want = *want;
    j->calendar = *want->how.calendar;
    j->want.how.calendar = &j->calendar;
    j->shape = shape;
    j->snapshot = snapshot_ref(s);
    j->cache = &j->room;
    j->descending = own ? shape->own_descending : want->descending;
    if (sort != LIST_OWN_ORDER)
        j->sort = shape->sorts[sort];
    j->job = (struct table_job){
        .table = table_of(j),
        .about = {want->how.as_of, want->evaluated_at,
                  want->how.known_at == KNOWN_NOW ? s->read_at : want->how.known_at,
                  want->how.rulebook->version},
        .step = step,
        .free = job_free,
    };
    if (!begin(j)) {
        job_free(&j->job);
        return NULL;
    }
    end_if_done(j);
    return &j->job;
}
