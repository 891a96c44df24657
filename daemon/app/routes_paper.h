/* How a paper is asked for and answered, whichever it is: the part that /v1/figures, /v1/forecast and the others share. */
#ifndef EHCWATCH_ROUTES_PAPER_H
#define EHCWATCH_ROUTES_PAPER_H

#include "paper_hold.h"
#include "routes_int.h"

struct paper_kind {
    const char *name;
    size_t in_csv; /* the table of a file, unless another is asked for */
    /* So many of the first tables are in the document; 0: JSON, too, is that one table, which may be long. */
    size_t in_json;
    paper_step_fn *step; /* NULL: the tables are there when the paper is made */
};

/* A question on its way to the papers. */
struct paper_ask {
    const struct paper_kind *kind;
    char path[32]; /* of the request: its suffix */
    enum answer_form form;
    char table[24]; /* "": none is asked for */
    struct xlsx_maker *workbooks;
    char *asked; /* what a workbook says of the filter */
};

/* Within the handler. */
void paper_ask_begin(struct paper_ask *a, const struct paper_kind *kind, const struct routes *r,
                     const struct httpd_request *q);
void paper_ask_clear(struct paper_ask *a);

/* Takes the parameter `table`. */
bool paper_ask_table(struct paper_ask *a, const char *value, struct err *e) MUST_CHECK;

/* Within a papers_fn: answers with the paper, which is taken over; NULL: 500. */
void paper_answer(struct paper_ask *a, struct paper *paper, struct papers *papers, struct httpd_reply *reply);

#endif
