#include "calendar_text.h"

#include <stdlib.h>

#include "case_pick.h"

#define SLICE 100 /* cases */

struct calendar_feed {
    struct calendar_text text;
    struct calendar calendar; /* a reload changes the one that is in force while a feed is read */
    struct breach_filter filter;
    uint64_t limits;
    struct case_walk *walk;
    struct buf piece; /* said and not yet read from `at` on */
    size_t at, events;
    bool ended;
    struct buf link;
};

static bool visit(void *ud, const struct case_seen *seen)
{
    struct calendar_feed *f = ud;
    for (size_t i = 0; i < seen->n; i++) {
        const struct obligation *o = &seen->obligations[i];
        if (!obligation_is_owed(o) || !breach_filter_takes(&f->filter, f->limits, o))
            continue;
        calendar_event(&f->piece, &f->text, seen->head, o);
        f->events++;
    }
    return !f->piece.failed;
}

struct calendar_feed *calendar_feed_new(struct snapshot *s, const struct judge_how *how,
                                        const struct breach_filter *filter, const struct calendar_text *t)
{
    struct calendar_feed *f = calloc(1, sizeof *f);
    if (f == NULL)
        return NULL;
    const struct case_visitor visitor = {visit, f};
    struct judge_how what = *how;
    f->text = *t;
    f->calendar = *how->calendar;
    f->text.calendar = what.calendar = &f->calendar;
    f->filter = *filter;
    f->limits = breach_filter_limits(filter, how->rulebook);
    what.limits &= f->limits;
    if (t->link != NULL) {
        buf_text(&f->link, t->link);
        f->text.link = f->link.p;
    }
    f->walk = f->link.failed ? NULL : case_walk_new(s, &what, &visitor, 1);
    if (f->walk == NULL) {
        calendar_feed_free(f);
        return NULL;
    }
    case_walk_only(f->walk, case_pick_place, &f->filter);
    calendar_begin(&f->piece, &f->text);
    f->text.name = ""; /* said, and not kept */
    return f;
}

void calendar_feed_free(struct calendar_feed *f)
{
    if (f == NULL)
        return;
    case_walk_free(f->walk);
    buf_free(&f->piece);
    buf_free(&f->link);
    free(f);
}

static bool go_on(struct calendar_feed *f)
{
    f->piece.n = f->at = 0;
    const int more = case_walk_next(f->walk, SLICE);
    if (more == 0) {
        calendar_end(&f->piece, f->events);
        f->ended = true;
    }
    return more >= 0;
}

size_t calendar_feed_read(struct calendar_feed *f, char *out, size_t max)
{
    if (f->at == f->piece.n && f->ended)
        return 0;
    if (f->at == f->piece.n && !go_on(f))
        return CALENDAR_FAILED;
    if (f->piece.failed)
        return CALENDAR_FAILED;
    if (f->at == f->piece.n)
        return CALENDAR_AGAIN;
    return buf_read(&f->piece, &f->at, out, max);
}
