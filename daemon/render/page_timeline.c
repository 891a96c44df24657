#include <stdio.h>

#include "event_words.h"
#include "html.h"
#include "page_case.h"
#include "rag.h"

/* One row for each obligation: from its start to its last lawful day an outlined bar, what is late behind it filled, a mark where it
 * was closed; above them the facts as marks on one line, and today across all. */
enum {
    WIDTH = 760,
    NAMES = 236, /* where the time begins */
    END = 744,
    AXIS = 34,
    FACTS = 58,
    FIRST = 80,
    ROW = 26,
    BAR = 12,
    MOST_ROWS = 14,
    SHOWN_CLOSED = 6, /* when nothing is open */
};

struct lane {
    const struct case_view *v;
    civil_day from, to, as_of;
    size_t row[MOST_ROWS], n; /* obligations */
};

static double at(const struct lane *l, civil_day d)
{
    civil_day in = d < l->from ? l->from : d > l->to ? l->to : d;
    return NAMES + (double)(END - NAMES) * (in - l->from) / (l->to > l->from ? l->to - l->from : 1);
}

static void choose(struct lane *l)
{
    const struct case_view *v = l->v;
    for (size_t i = 0; i < v->n && l->n < MOST_ROWS; i++)
        if (obligation_is_owed(&v->obligations[i]))
            l->row[l->n++] = i;
    if (l->n > 0)
        return;
    size_t i = v->n > SHOWN_CLOSED ? v->n - SHOWN_CLOSED : 0; /* the last that were closed */
    for (; i < v->n; i++)
        l->row[l->n++] = i;
}

static void span(struct lane *l)
{
    l->from = l->to = l->as_of;
    for (size_t k = 0; k < l->n; k++) {
        const struct obligation *o = &l->v->obligations[l->row[k]];
        civil_day first = o->start < o->due ? o->start : o->due, last = o->start > o->due ? o->start : o->due;
        if (first < l->from)
            l->from = first;
        if (last > l->to)
            l->to = last;
    }
    civil_day margin = (l->to - l->from) / 25 + 3;
    l->from -= margin;
    l->to += margin;
}

/* Months, quarters or years, so that a dozen marks at most are written. */
static void axis(struct buf *b, const struct lane *l)
{
    static const int steps[] = {1, 2, 3, 6, 12, 24, 60, 120};
    int all = (l->to - l->from) / 30 + 1;
    size_t s = 0;
    while (s + 1 < sizeof steps / sizeof steps[0] && all / steps[s] > 9)
        s++;
    struct civil_ymd y = civil_to_ymd(l->from);
    civil_day d = civil_from_ymd(y.year, 1, 1);
    for (; d <= l->to; d = civil_add_months(d, steps[s])) {
        if (d < l->from)
            continue;
        y = civil_to_ymd(d);
        buf_printf(b,
                   "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%zu\"/>"
                   "<text class=\"axis\" x=\"%.1f\" y=\"16\" text-anchor=\"middle\">%s %d</text>\n",
                   at(l, d), at(l, d), AXIS - 12, FIRST + l->n * ROW, at(l, d), html_month(y.month), y.year);
    }
}

static void facts(struct buf *b, const struct lane *l)
{
    const struct case_facts *cf = &l->v->room.view;
    buf_printf(b, "<text class=\"row\" x=\"0\" y=\"%d\">What has happened</text>\n", FACTS + 4);
    for (size_t i = 0; i < cf->n; i++) {
        const struct fact *f = &cf->facts[i];
        struct buf words = {0};
        char day[32];
        if (f->on < l->from || f->on > l->to)
            continue;
        buf_printf(&words, "%s: %s", civil_words(f->on, day, sizeof day), event_words((enum event)f->event));
        subject_words(&words, l->v->about.subjects, f->subject);
        buf_printf(b, "<circle class=\"fact\" cx=\"%.1f\" cy=\"%d\" r=\"4\"><title>", at(l, f->on), FACTS);
        b->failed |= words.failed;
        if (!words.failed)
            html_text(b, words.p);
        buf_text(b, "</title></circle>\n");
        buf_free(&words);
    }
}

/* A title is cut where the time begins; the whole of it is in the list below. */
static void name(struct buf *b, const struct lane *l, const struct obligation *o, double y)
{
    enum { MOST = 34 };
    const char *title = obligation_limit(l->v->about.rulebook, o)->title;
    struct buf words = {0};
    buf_text(&words, title);
    subject_words(&words, l->v->about.subjects, o->subject);
    b->failed |= words.failed;
    if (!words.failed) {
        size_t n = words.n;
        if (n > MOST)
            for (n = MOST - 1; n > 0 && ((unsigned char)words.p[n] & 0xc0) == 0x80;)
                n--;
        buf_printf(b, "<text class=\"row\" x=\"0\" y=\"%.1f\">", y + 4);
        html_bytes(b, words.p, n);
        buf_text(b, n < words.n ? "\xe2\x80\xa6</text>\n" : "</text>\n");
    }
    buf_free(&words);
}

static void row(struct buf *b, const struct lane *l, size_t k)
{
    const struct obligation *o = &l->v->obligations[l->row[k]];
    const char *colour = rag_class(page_mark(l->v, o).colour);
    bool told = o->closed != CIVIL_NONE && !obligation_ended_by_birthday(l->v->about.rulebook, o);
    double y = FIRST + (double)k * ROW + ROW / 2.;
    civil_day first = o->start < o->due ? o->start : o->due, last = o->start < o->due ? o->due : o->start;
    civil_day until = told ? o->closed : l->as_of;
    name(b, l, o, y);
    buf_printf(b, "<rect class=\"span %s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%d\"/>\n", colour,
               at(l, first), y - BAR / 2., at(l, last) - at(l, first), BAR);
    if (until > o->due && (obligation_is_owed(o) || told))
        buf_printf(b, "<rect class=\"late %s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%d\"/>\n",
                   colour, at(l, o->due), y - BAR / 2., at(l, until) - at(l, o->due), BAR);
    buf_printf(b, "<line class=\"due\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>\n", at(l, o->due),
               at(l, o->due), y - 9, y + 9);
    if (told)
        buf_printf(b, "<circle class=\"fact\" cx=\"%.1f\" cy=\"%.1f\" r=\"4\"/>\n", at(l, o->closed), y);
}

static void heading(struct buf *b, const struct lane *l)
{
    char from[32], to[32], as_of[32];
    buf_text(b, "<title id=\"timeline-title\">Timeline of case ");
    html_text(b, l->v->ref.p);
    buf_printf(b,
               "</title>\n<desc id=\"timeline-desc\">From %s to %s, the position of %s marked across. A row "
               "for each of %zu "
               "time limits: an outlined bar from its start to its last lawful day, what is late filled "
               "behind it. The "
               "same dates are in the tables on this page.</desc>\n",
               civil_words(l->from, from, sizeof from), civil_words(l->to, to, sizeof to),
               civil_words(l->as_of, as_of, sizeof as_of), l->n);
}

/* The date is written beside its line, on the side where there is room. */
static void today(struct buf *b, const struct lane *l, size_t height)
{
    double x = at(l, l->as_of);
    const char *anchor = x < NAMES + 90 ? "start" : x > END - 90 ? "end" : "middle";
    char day[32];
    buf_printf(b,
               "<line class=\"today\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%zu\"/>"
               "<text class=\"axis today\" x=\"%.1f\" y=\"%d\" text-anchor=\"%s\">%s</text>\n",
               x, x, AXIS + 6, height - 8, x, AXIS + 2, anchor, civil_words(l->as_of, day, sizeof day));
}

bool page_timeline(struct buf *b, const struct case_view *v, civil_day as_of)
{
    struct lane l = {.v = v, .as_of = as_of};
    choose(&l);
    if (l.n == 0)
        return false;
    span(&l);
    size_t height = FIRST + l.n * ROW + 8;
    buf_printf(b,
               "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Timeline\">\n"
               "<svg class=\"chart timeline\" viewBox=\"0 0 %d %zu\" role=\"img\" "
               "aria-labelledby=\"timeline-title timeline-desc\">\n",
               WIDTH, height);
    heading(b, &l);
    axis(b, &l);
    facts(b, &l);
    for (size_t k = 0; k < l.n; k++)
        row(b, &l, k);
    today(b, &l, height);
    buf_text(b, "</svg>\n</div>\n");
    return true;
}
