/* The forecast as tables and in plain words: what /v1/forecast answers and the page shows.
 *
 *   expected   the 20 weeks and the 6 weeks, by horizon: if nothing moves, and the number to expect
 *   limits     every limit under watch (the 20 weeks first): how many will be broken in 1, 2, 4 and 8 weeks if nothing moves
 *   stages     how long the stages of an assessment took in the last twelve months, and how many are in each
 *   cases      the obligations that will be broken within 8 weeks if nothing moves, the soonest due first
 *
 * Pure. */
#ifndef EHCWATCH_FORECAST_PAPER_H
#define EHCWATCH_FORECAST_PAPER_H

#include "forecast.h"
#include "paper.h"

enum forecast_table {
    FORECAST_EXPECTED,
    FORECAST_LIMITS,
    FORECAST_STAGES,
    FORECAST_CASES,
    FORECAST_TABLES,
};

struct forecast_paper {
    struct paper paper;
    struct table tables[FORECAST_TABLES];
    const struct forecast *forecast;
    const struct snapshot *snapshot;
    struct forecast_view view;
    struct pipeline_flow flow;
    size_t n_limits;
    uint8_t limits[LIMIT_MAX]; /* in the order of the table */
    char stage_names[MILESTONE_COUNT][40];
};

/* For the cases in `where`, and of the list of cases those of the `limits`. What the forecast and the snapshot point to outlives it. NULL: out of
 * memory. */
struct forecast_paper *forecast_paper_new(const struct forecast *f, const struct snapshot *s,
                                          const struct case_places *where, uint64_t limits);
/* What the numbers say and how they are made: the words of the paper. */
void forecast_words(struct buf *b, const struct paper *paper);

/* "request to decision" */
void stage_words(char *out, size_t cap, const struct pipeline_stage *s);

#endif
