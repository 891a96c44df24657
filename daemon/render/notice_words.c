/* What people are told, in words. */
#include <stdio.h>
#include <string.h>

#include "instant.h"
#include "notice_int.h"
#include "plain.h"
#include "utf8.h"

enum {
    CUT_REF = 60,
    CUT_TITLE = 200,
    CUT_WORD = 60,
    CUT_CITATION = 120,
    LINK_MAX = 1000,
};

/* --- text that has a limit ----------------------------------------------------------------------------------------------- */

static size_t units(size_t utf8_bytes)
{
    return utf8_bytes == 4 ? 2 : 1;
}

void buf_cut(struct buf *b, const char *s, size_t most)
{
    size_t left = most, room = b->n; /* where the ellipsis goes if the rest does not fit */
    for (size_t step; *s != '\0'; s += step) {
        size_t n = utf8_length(s);
        unsigned char c = (unsigned char)*s;
        step = n > 0 ? n : 1;
        if (left < units(n)) {
            buf_back(b, room);
            buf_text(b, "\xe2\x80\xa6");
            return;
        }
        left -= units(n);
        if (n == 0)
            buf_text(b, "\xef\xbf\xbd");
        else if (c < 0x20 || c == 0x7f || (n == 2 && c == 0xc2 && (unsigned char)s[1] < 0xa0))
            buf_text(b, " ");
        else
            buf_bytes(b, s, n);
        if (left >= 1)
            room = b->n;
    }
}

void buf_back(struct buf *b, size_t n)
{
    if (b->failed || b->n <= n)
        return;
    b->n = n;
    b->p[n] = '\0';
}

const char *shown_link(const char *link)
{
    return link != NULL && strlen(link) <= LINK_MAX ? link : NULL;
}

/* --- one item -------------------------------------------------------------------------------------------------------------- */

/* "Monday 23 November 2026" */
static void day(struct buf *b, civil_day d)
{
    static const char *const names[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                        "Friday", "Saturday", "Sunday"};
    char text[20];
    buf_printf(b, "%s %s", names[civil_weekday(d)], civil_words(d, text, sizeof text));
}

bool item_is_urgent(const struct notice_item *i)
{
    return i->to == STATE_BREACHED || i->to == STATE_MISSED || i->kind == NOTICE_ESCALATION;
}

static const char *const headings[STATE_COUNT] = {
    [STATE_ON_TRACK] = "On track",   [STATE_AT_RISK] = "Due soon",
    [STATE_BREACHED] = "Overdue",    [STATE_MET] = "Done in time",
    [STATE_MET_LATE] = "Done late",  [STATE_EXCEPTED] = "Late, with an exception",
    [STATE_VOID] = "No longer owed", [STATE_MISSED] = "Missed",
};

/* The same behind "still". */
static const char *const again[STATE_COUNT] = {
    [STATE_ON_TRACK] = "on track",   [STATE_AT_RISK] = "due soon",
    [STATE_BREACHED] = "overdue",    [STATE_MET] = "done in time",
    [STATE_MET_LATE] = "done late",  [STATE_EXCEPTED] = "not done, with an exception",
    [STATE_VOID] = "no longer owed", [STATE_MISSED] = "missed",
};

static bool is_restated(const struct notice_item *i)
{
    return i->kind == NOTICE_CHANGE && strcmp(i->type, "obligation.restated") == 0;
}

void item_title(struct buf *b, const struct notice_item *i, civil_day as_of)
{
    if (i->kind == NOTICE_CHANGE) {
        if (is_restated(i))
            buf_printf(b, "Corrected, now %s", again[i->to]);
        else
            buf_text(b, headings[i->to]);
    } else {
        buf_printf(b, "%s %s", i->kind == NOTICE_REMINDER ? "Still" : "Escalated: still", again[i->to]);
        if (i->to == STATE_BREACHED && as_of > i->due)
            buf_printf(b, ", day %d", as_of - i->due);
    }
    buf_text(b, ": ");
    buf_cut(b, i->title, CUT_TITLE);
    if (i->subject[0] != '\0') {
        buf_text(b, ", ");
        buf_cut(b, i->subject, CUT_WORD);
    }
    buf_text(b, " (");
    buf_cut(b, i->case_ref, CUT_REF);
    buf_text(b, ")");
}

static void open_words(struct buf *b, const struct notice_item *i, civil_day as_of)
{
    if (as_of > i->due) {
        buf_text(b, "It was due on ");
        day(b, i->due);
        buf_printf(b, " and is %snot done: ", i->kind == NOTICE_CHANGE ? "" : "still ");
        buf_days(b, as_of - i->due);
        buf_text(b, " late. Please see to it now; it stays overdue until it is done and recorded.");
        return;
    }
    buf_text(b, "It is due ");
    if (as_of == i->due)
        buf_text(b, "today, ");
    else
        buf_text(b, "on ");
    day(b, i->due);
    if (as_of < i->due) {
        buf_text(b, ", in ");
        buf_days(b, i->due - as_of);
    }
    buf_text(b, ".");
    if (i->act_by != CIVIL_NONE && i->act_by >= as_of) {
        buf_text(b, " Please act by ");
        day(b, i->act_by);
        buf_text(b, ".");
    }
}

static void done_words(struct buf *b, const struct notice_item *i)
{
    buf_text(b, "It was due on ");
    day(b, i->due);
    buf_text(b, " and was done");
    if (i->closed == CIVIL_NONE) {
        buf_text(b, i->to == STATE_MET ? " in time." : " late.");
        return;
    }
    buf_text(b, " on ");
    day(b, i->closed);
    if (i->to == STATE_MET_LATE && i->closed > i->due) {
        buf_text(b, ", ");
        buf_days(b, i->closed - i->due);
        buf_text(b, " late");
    } else if (i->to == STATE_MET) {
        buf_text(b, ", in time");
    }
    buf_text(b, ".");
}

static void state_words(struct buf *b, const struct notice_item *i, civil_day as_of)
{
    switch (i->to) {
    case STATE_ON_TRACK:
    case STATE_AT_RISK:
    case STATE_BREACHED:
        open_words(b, i, as_of);
        return;
    case STATE_MET:
    case STATE_MET_LATE:
        done_words(b, i);
        return;
    case STATE_EXCEPTED:
        buf_text(b, "It was due on ");
        day(b, i->due);
        buf_text(
            b, ". An exception of the regulations is claimed, so it does not count as late; the date itself "
               "has not moved.");
        return;
    case STATE_VOID:
        buf_text(b, "Nothing has to be done about it any more. It would have been due on ");
        day(b, i->due);
        buf_text(b, ".");
        return;
    case STATE_MISSED:
    case STATE_COUNT:
        break;
    }
    buf_text(b, "The date, ");
    day(b, i->due);
    buf_text(b, ", was not kept, and that cannot be put right now.");
}

void item_text(struct buf *b, const struct notice_item *i, civil_day as_of)
{
    if (is_restated(i))
        buf_text(b, "What was told before has been corrected. ");
    state_words(b, i, as_of);
    if (i->kind == NOTICE_ESCALATION) {
        buf_printf(b, " It has been so for %d working day%s", i->step, i->step == 1 ? "" : "s");
        if (i->told != NULL) {
            buf_text(b, "; told before: ");
            buf_cut(b, i->told, CUT_TITLE);
        }
        buf_text(b, ".");
    }
    buf_text(b, " Law: ");
    buf_cut(b, i->citation, CUT_CITATION);
    buf_text(b, ".");
    const char *const places[] = {i->team, i->locality};
    for (size_t k = 0; k < 2; k++)
        if (places[k][0] != '\0') {
            buf_text(b, k == 0 ? " Team: " : " Locality: ");
            buf_cut(b, places[k], CUT_WORD);
            buf_text(b, ".");
        }
}

/* --- the whole message ------------------------------------------------------------------------------------------------------- */

/* "3 overdue, 2 due soon" */
static void counts(struct buf *b, const struct notice *n)
{
    static const enum state order[] = {STATE_BREACHED, STATE_MISSED,   STATE_AT_RISK, STATE_ON_TRACK,
                                       STATE_EXCEPTED, STATE_MET_LATE, STATE_MET,     STATE_VOID};
    bool first = true;
    for (size_t s = 0; s < sizeof order / sizeof order[0]; s++) {
        size_t k = 0;
        for (size_t i = 0; i < n->n; i++)
            k += n->items[i].to == order[s];
        if (k == 0)
            continue;
        buf_printf(b, "%s%zu %s", first ? "" : ", ", k, again[order[s]]);
        first = false;
    }
}

void notice_title(struct buf *b, const struct notice *n)
{
    bool daily = strcmp(n->type, "digest.daily") == 0, weekly = strcmp(n->type, "digest.weekly") == 0;
    if (n->n == 1 && !daily && !weekly) {
        item_title(b, &n->items[0], n->as_of);
        return;
    }
    buf_printf(b, "EHC time limits, %s", daily ? "today" : weekly ? "this week" : "news");
    if (n->team[0] != '\0') {
        buf_text(b, ", ");
        buf_cut(b, n->team, CUT_WORD);
    }
    buf_text(b, ": ");
    counts(b, n);
}

void more_text(struct buf *b, size_t n, const char *link)
{
    buf_printf(b, "+%zu more%s", n, shown_link(link) != NULL ? ": see the whole list" : "");
}
