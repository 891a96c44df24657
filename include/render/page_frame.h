/* What is around every page for people: head, skip link, navigation, warning, and at the foot the date, the time and the rulebook that
 * it is of. Pure.
 *
 * Pages work without a script and hold none; style comes from one sheet of this server, nothing from elsewhere, and no element has a
 * style of its own: a Content-Security-Policy that allows no more is sent along (PAGE_POLICY). */
#ifndef EHCWATCH_PAGE_FRAME_H
#define EHCWATCH_PAGE_FRAME_H

#include "civil.h"
#include "page_query.h"

#define PAGE_POLICY                                                                                          \
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "            \
    "frame-ancestors 'none'"

enum page_place { PAGE_NOWHERE, PAGE_PAPERS, PAGE_BREACHES, PAGE_DUE, PAGE_CASES };

/* The moment that a page is of. */
struct page_time {
    civil_day as_of;
    int64_t known_at;     /* microseconds since 1970: what was known then is seen */
    bool past;            /* asked for by as_of or known_at, rather than now */
    int64_t evaluated_at; /* microseconds since 1970 */
    const char *rulebook;
};

/* All borrowed. */
struct page_frame {
    const char *title;     /* first heading, and in front in the window's title: a constant of ours */
    const char *name;      /* of the council's, behind the title: a case reference; "" when there is none */
    enum page_place place; /* where one is in the navigation */
    const struct page_query *query;
    const struct page_time *time; /* NULL: of no moment, an error */
    const char *style, *icon;     /* addresses of the style sheet and the icon */
    const char *trouble;          /* why what is shown may be out of date; "" when it is not */
    const char *standing;         /* who evaluates and writes (status.h); "" when it is not to be said */
    const char *reader;           /* who is logged in; "" where nobody has to be */
    const char *teams;            /* what he is held to, each with a NUL behind it */
    size_t n_teams;               /* 0: he sees every team */
};

/* Up to and with the first heading, within <main>. */
void page_begin(struct buf *b, const struct page_frame *f);
void page_end(struct buf *b, const struct page_frame *f);

/* "Teams: North, South" of a reader who is held to some; nothing of one who sees all. */
void page_teams(struct buf *b, const struct page_frame *f);

/* A whole page that says what was the matter: "404", "No such case", and in one sentence why. `f` needs no title and no time. */
void page_error(struct buf *b, const struct page_frame *f, unsigned status, const char *title,
                const char *detail);

#endif
