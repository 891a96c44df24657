/* Charts as SVG within a page: drawn by the server, no script, readable in black and white. Pure.
 *
 * Bars stand in cells of a table, whose numbers are their text. Lines have a title, a description and their names written at their
 * ends; they differ by dashes and marks, not by colour alone, and whoever draws one gives its numbers as a table, too. Colours and fonts
 * are classes of the style sheet. */
#ifndef EHCWATCH_CHART_H
#define EHCWATCH_CHART_H

#include "buf.h"
#include "civil.h"

/* A bar as wide as the share of its room; centred, in a funnel. */
void chart_bar(struct buf *b, double share, bool centred);

#define CHART_PARTS 6

/* One bar of up to CHART_PARTS parts, in the order of their classes; `whole` is as wide as the room. */
void chart_stack(struct buf *b, const double *part, size_t n, double whole);

/* The key of part i, for the heading of its column. */
void chart_key(struct buf *b, size_t i);

#define CHART_LINES 5

struct chart_line {
    const char *name;
    const double *y; /* one for each day; not a number: a gap */
};

struct chart_lines {
    const char *id; /* letters, digits and -: one a page */
    const char *title, *description;
    const civil_day *day; /* n, ascending; one may be there twice */
    size_t n;
    const struct chart_line *line;
    size_t n_lines; /* at most CHART_LINES */
    bool share;     /* 0.2 is 20%, and the axis ends at 100% */
    double target;  /* a line across; not a number: none */
    const char *target_name;
};

/* Nothing when there are fewer than two days: a point is no trend. False then. */
bool chart_lines(struct buf *b, const struct chart_lines *c);

/* The smallest of 1, 2, 5, 10, 20 ... that divides [0, most] into at most `steps` parts. */
double chart_step(double most, int steps);

#endif
