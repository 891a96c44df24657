#include "flow_paper.h"

#include <stdlib.h>

enum { PERIOD, FROM_ON, TO_ON, WHOLE, COUNTS, COLUMNS = COUNTS + FLOW_COUNT };

struct flow_paper {
    struct paper paper;
    struct table table;
    struct column columns[COLUMNS];
    struct table_fact by;
    struct flow_row *rows;
    char (*names)[FLOW_PERIOD_LEN];
};

static void flow_cell(const void *ud, size_t row, size_t column, struct cell *out)
{
    const struct flow_paper *p = ud;
    const struct flow_row *r = &p->rows[row];
    switch (column) {
    case PERIOD:
        *out = cell_text(p->names[row]);
        break;
    case FROM_ON:
        *out = cell_date(r->from);
        break;
    case TO_ON:
        *out = cell_date(r->to);
        break;
    case WHOLE:
        *out = cell_bool(r->whole);
        break;
    default:
        *out = cell_int((int64_t)r->n[column - COUNTS]);
        break;
    }
}

static void take_columns(struct flow_paper *p)
{
    const struct column first[COUNTS] = {
        [PERIOD] = {"period", "Period", CELL_TEXT, 10, 0},
        [FROM_ON] = {"from_on", "From", CELL_DATE, 11, 0},
        [TO_ON] = {"to_on", "To", CELL_DATE, 11, 0},
        [WHOLE] = {"whole", "Whole period", CELL_BOOL, 8, 0},
    };
    for (int i = 0; i < COUNTS; i++)
        p->columns[i] = first[i];
    for (int i = 0; i < FLOW_COUNT; i++)
        p->columns[COUNTS + i] = (struct column){flow_rules[i].name, flow_rules[i].title, CELL_INT, 9, 0};
}

static void flow_paper_free(struct paper *paper)
{
    struct flow_paper *p = (struct flow_paper *)paper;
    free(p->rows);
    free(p->names);
    free(p);
}

struct paper *flow_paper_new(const struct flow *f, enum flow_by by, civil_day from, civil_day to)
{
    struct flow_paper *p = calloc(1, sizeof *p);
    if (p == NULL)
        return NULL;
    size_t n;
    p->paper = (struct paper){"flow", "What came in and what went out", &p->table, 1, NULL, flow_paper_free};
    p->rows = flow_rows(f, by, from, to, &n);
    p->names = calloc(n > 0 ? n : 1, sizeof p->names[0]);
    if ((p->rows == NULL && from <= to) || p->names == NULL) {
        paper_free(&p->paper);
        return NULL;
    }
    for (size_t i = 0; i < n; i++)
        flow_period_name(by, p->rows[i].first, p->names[i]);
    take_columns(p);
    p->by = (struct table_fact){"by", "By", 0, cell_text(flow_by_name(by))};
    p->table = (struct table){.name = "flow",
                              .title = p->paper.title,
                              .columns = p->columns,
                              .n_columns = COLUMNS,
                              .n_rows = n,
                              .cell = flow_cell,
                              .ud = p,
                              .facts = &p->by,
                              .n_facts = 1};
    return &p->paper;
}
