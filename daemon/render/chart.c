#include "chart.h"

#include <math.h>
#include <stdio.h>

#include "html.h"

#define SVG_HIDDEN "aria-hidden=\"true\" focusable=\"false\""

void chart_bar(struct buf *b, double share, bool centred)
{
    double width = share > 1 ? 100 : share > 0 ? 100 * share : 0;
    buf_printf(b,
               "<svg class=\"bar\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" " SVG_HIDDEN
               "><rect x=\"%.2f\" width=\"%.2f\" height=\"10\"/></svg>",
               centred ? (100 - width) / 2 : 0, width);
}

void chart_stack(struct buf *b, const double *part, size_t n, double whole)
{
    double at = 0;
    buf_text(b,
             "<svg class=\"bar stack\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" " SVG_HIDDEN ">");
    for (size_t i = 0; i < n && i < CHART_PARTS && whole > 0; i++) {
        double width = part[i] > 0 ? 100 * part[i] / whole : 0;
        if (width > 0)
            buf_printf(b, "<rect class=\"k%zu\" x=\"%.2f\" width=\"%.2f\" height=\"10\"/>", i, at, width);
        at += width;
    }
    buf_text(b, "</svg>");
}

void chart_key(struct buf *b, size_t i)
{
    buf_printf(b,
               "<svg class=\"key\" viewBox=\"0 0 10 10\" " SVG_HIDDEN
               "><rect class=\"k%zu\" width=\"10\" height=\"10\"/></svg>",
               i);
}

double chart_step(double most, int steps)
{
    double unit = 1;
    while (true) {
        static const double of[] = {1, 2, 5};
        for (size_t i = 0; i < 3; i++)
            if (of[i] * unit * steps >= most)
                return of[i] * unit;
        unit *= 10;
    }
}

/* --- lines ------------------------------------------------------------------------------------------------------------ */

enum { WIDTH = 820, HEIGHT = 260, LEFT = 52, RIGHT = 520, TOP = 14, BOTTOM = 222, LABEL = 16 };

struct frame {
    const struct chart_lines *c;
    double top; /* the value at TOP */
    double step;
};

static double across(const struct frame *f, size_t i)
{
    const struct chart_lines *c = f->c;
    double span = c->day[c->n - 1] - c->day[0];
    return LEFT + (RIGHT - LEFT) * (c->day[i] - c->day[0]) / (span > 0 ? span : 1);
}

static double up(const struct frame *f, double y)
{
    return BOTTOM - (BOTTOM - TOP) * y / f->top;
}

static struct frame frame_of(const struct chart_lines *c)
{
    double most = isnan(c->target) ? 0 : c->target;
    for (size_t l = 0; l < c->n_lines; l++)
        for (size_t i = 0; i < c->n; i++)
            if (!isnan(c->line[l].y[i]) && c->line[l].y[i] > most)
                most = c->line[l].y[i];
    if (c->share)
        return (struct frame){c, most > 1 ? most : 1, 0.25};
    double step = chart_step(most > 0 ? most : 1, 5);
    return (struct frame){c, step * ceil((most > 0 ? most : 1) / step), step};
}

static void scale(struct buf *b, const struct frame *f)
{
    for (double y = 0; y <= f->top + f->step / 1000; y += f->step) {
        buf_printf(b,
                   "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>"
                   "<text class=\"axis end\" x=\"%d\" y=\"%.1f\">",
                   LEFT, RIGHT, up(f, y), up(f, y), LEFT - 8, up(f, y) + 4);
        if (f->c->share)
            html_share(b, y, 0);
        else
            html_count(b, (int64_t)(y + 0.5));
        buf_text(b, "</text>\n");
    }
}

/* At most four dates, the first and the last among them. */
static void dates(struct buf *b, const struct frame *f)
{
    const struct chart_lines *c = f->c;
    size_t marks = c->n < 4 ? c->n : 4;
    for (size_t k = 0; k < marks; k++) {
        size_t i = k * (c->n - 1) / (marks - 1);
        const char *anchor = k == 0 ? "start" : k == marks - 1 ? "end" : "middle";
        struct civil_ymd d = civil_to_ymd(c->day[i]);
        if (i > 0 && c->day[i] == c->day[i - 1])
            continue;
        buf_printf(b, "<text class=\"axis\" text-anchor=\"%s\" x=\"%.1f\" y=\"%d\">%d %s %d</text>\n", anchor,
                   across(f, i), BOTTOM + 22, d.day, html_month(d.month), d.year);
    }
}

static void mark(struct buf *b, size_t line, double x, double y)
{
    static const char *const shapes[CHART_LINES] = {
        "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0Z",
        "M-4 -4H4V4H-4Z",
        "M0 -5L5 4H-5Z",
        "M0 -5L5 0L0 5L-5 0Z",
        "M0 5L5 -4H-5Z",
    };
    buf_printf(b, "<path class=\"mark l%zu\" transform=\"translate(%.1f %.1f)\" d=\"%s\"/>", line, x, y,
               shapes[line]);
}

static size_t last_of(const struct chart_lines *c, size_t l)
{
    size_t i = c->n;
    while (i > 0 && isnan(c->line[l].y[i - 1]))
        i--;
    return i; /* one behind it */
}

/* A gap begins anew. A day between two gaps is no line: it gets a mark, as the last one does in any case. */
static void line(struct buf *b, const struct frame *f, size_t l)
{
    const double *y = f->c->line[l].y;
    bool drawing = false;
    buf_printf(b, "<path class=\"line l%zu\" d=\"", l);
    for (size_t i = 0; i < f->c->n; i++) {
        if (!isnan(y[i]))
            buf_printf(b, "%s%.1f %.1f", drawing ? "L" : "M", across(f, i), up(f, y[i]));
        drawing = !isnan(y[i]);
    }
    buf_text(b, "\"/>\n");
    size_t last = last_of(f->c, l);
    for (size_t i = 0; i + 1 < last; i++) {
        if (isnan(y[i]) || (i > 0 && !isnan(y[i - 1])) || !isnan(y[i + 1]))
            continue;
        mark(b, l, across(f, i), up(f, y[i]));
        buf_text(b, "\n");
    }
}

/* Names at the ends of the lines, moved apart: from the top down each keeps its distance from the one above. */
static void names(struct buf *b, const struct frame *f)
{
    const struct chart_lines *c = f->c;
    size_t order[CHART_LINES], n = 0;
    double at[CHART_LINES];
    for (size_t l = 0; l < c->n_lines; l++) {
        size_t end = last_of(c, l), k = n;
        if (end == 0)
            continue;
        at[l] = up(f, c->line[l].y[end - 1]);
        mark(b, l, across(f, end - 1), at[l]);
        for (; k > 0 && at[order[k - 1]] > at[l]; k--)
            order[k] = order[k - 1];
        order[k] = l;
        n++;
    }
    double floor_y = TOP;
    for (size_t k = 0; k < n; k++) {
        size_t l = order[k];
        double y = at[l] > floor_y ? at[l] : floor_y, most = BOTTOM + 4 - (double)LABEL * (double)(n - 1 - k);
        if (y > most)
            y = most;
        floor_y = y + LABEL;
        mark(b, l, RIGHT + 14, y);
        buf_printf(b, "<text class=\"name\" x=\"%d\" y=\"%.1f\">", RIGHT + 24, y + 4);
        html_text(b, c->line[l].name);
        buf_text(b, "</text>\n");
    }
}

bool chart_lines(struct buf *b, const struct chart_lines *c)
{
    if (c->n < 2)
        return false;
    const struct frame f = frame_of(c);
    buf_printf(
        b,
        "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-labelledby=\"%s-title\">\n"
        "<svg class=\"chart\" viewBox=\"0 0 %d %d\" role=\"img\" aria-labelledby=\"%s-title %s-desc\">\n"
        "<title id=\"%s-title\">",
        c->id, WIDTH, HEIGHT, c->id, c->id, c->id);
    html_text(b, c->title);
    buf_printf(b, "</title>\n<desc id=\"%s-desc\">", c->id);
    html_text(b, c->description);
    buf_text(b, "</desc>\n");
    scale(b, &f);
    dates(b, &f);
    if (!isnan(c->target)) {
        buf_printf(b,
                   "<line class=\"target\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>"
                   "<text class=\"axis\" x=\"%d\" y=\"%.1f\">",
                   LEFT, RIGHT, up(&f, c->target), up(&f, c->target), LEFT + 6, up(&f, c->target) + 14);
        html_text(b, c->target_name);
        buf_text(b, "</text>\n");
    }
    for (size_t l = 0; l < c->n_lines && l < CHART_LINES; l++)
        line(b, &f, l);
    names(b, &f);
    buf_text(b, "</svg>\n</div>\n");
    return true;
}
