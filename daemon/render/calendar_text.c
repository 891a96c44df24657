#include "calendar_text.h"

#include <stdio.h>
#include <string.h>

#include "event_words.h"
#include "message.h"
#include "utf8.h"

#define FOLD 75 /* octets of a line, without its end */

#define DAY_LEN 9  /* "20260329" and its NUL */
#define UID_LEN 33 /* 128 bits in hexadecimal */

/* --- lines --------------------------------------------------------------------------------------------------------------- */

/* Adds a piece that stays together, on a new line if this one has no room for it; `used` are the octets of the line. */
static void put(struct buf *b, const char *s, size_t n, size_t *used)
{
    if (*used + n > FOLD) {
        buf_bytes(b, "\r\n ", 3);
        *used = 1;
    }
    buf_bytes(b, s, n);
    *used += n;
}

void calendar_line(struct buf *b, const char *name, const char *value)
{
    size_t used = strlen(name) + 1;
    buf_text(b, name);
    buf_bytes(b, ":", 1);
    for (const char *s = value; *s != '\0';) {
        const size_t n = utf8_length(s);
        if (n == 0)
            put(b, "\xef\xbf\xbd", 3, &used);
        else if (*s == '\n')
            put(b, "\\n", 2, &used);
        else if (*s == '\\' || *s == ';' || *s == ',')
            put(b, *s == ';' ? "\\;" : *s == ',' ? "\\," : "\\\\", 2, &used);
        else if ((unsigned char)*s >= 0x20 && *s != 0x7f)
            put(b, s, n, &used);
        s += n > 0 ? n : 1;
    }
    buf_bytes(b, "\r\n", 2);
}

/* A link is no text: nothing in it is escaped. */
static void link_line(struct buf *b, const char *base, const char *ref)
{
    struct buf link = {0};
    size_t used = 4;
    message_case_link(&link, base, ref);
    buf_text(b, "URL:");
    for (size_t i = 0; i < link.n; i++)
        put(b, link.p + i, 1, &used);
    buf_bytes(b, "\r\n", 2);
    b->failed |= link.failed;
    buf_free(&link);
}

/* "20260329" */
static const char *day_text(civil_day d, char out[DAY_LEN])
{
    char text[CIVIL_TEXT_LEN];
    civil_format(d, text);
    memcpy(out, text, 4);
    memcpy(out + 4, text + 5, 2);
    memcpy(out + 6, text + 8, 3);
    return out;
}

/* The value of a line is ours and needs no escape. */
static void day_line(struct buf *b, const char *name, civil_day d, const char *time)
{
    char day[DAY_LEN];
    buf_printf(b, "%s:%s%s\r\n", name, day_text(d, day), time);
}

/* "DTSTAMP:20260329T101500Z" */
static void stamp_line(struct buf *b, const char *name, int64_t us)
{
    char time[40];
    const int64_t s = us / 1000000;
    const int left = (int)(s % 86400);
    snprintf(time, sizeof time, "T%02d%02d%02dZ", left / 3600, left / 60 % 60, left % 60);
    day_line(b, name, (civil_day)(s / 86400), time);
}

void calendar_begin(struct buf *b, const struct calendar_text *t)
{
    buf_text(b, "BEGIN:VCALENDAR\r\n"
                "VERSION:2.0\r\n"
                "PRODID:-//ehcwatchd//Statutory deadlines//EN\r\n"
                "CALSCALE:GREGORIAN\r\n"
                "METHOD:PUBLISH\r\n");
    calendar_line(b, "NAME", t->name);
    calendar_line(b, "X-WR-CALNAME", t->name);
    buf_text(b, "REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n"
                "X-PUBLISHED-TTL:PT1H\r\n");
}

/* An object has to have a component, and Outlook refuses one without: where nothing is owed, the time zone of England is one. */
void calendar_end(struct buf *b, size_t events)
{
    if (events == 0)
        buf_text(b, "BEGIN:VTIMEZONE\r\n"
                    "TZID:Europe/London\r\n"
                    "BEGIN:STANDARD\r\n"
                    "DTSTART:19961027T020000\r\n"
                    "TZOFFSETFROM:+0100\r\n"
                    "TZOFFSETTO:+0000\r\n"
                    "TZNAME:GMT\r\n"
                    "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\n"
                    "END:STANDARD\r\n"
                    "BEGIN:DAYLIGHT\r\n"
                    "DTSTART:19970330T010000\r\n"
                    "TZOFFSETFROM:+0000\r\n"
                    "TZOFFSETTO:+0100\r\n"
                    "TZNAME:BST\r\n"
                    "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\n"
                    "END:DAYLIGHT\r\n"
                    "END:VTIMEZONE\r\n");
    buf_text(b, "END:VCALENDAR\r\n");
}

/* --- an event ------------------------------------------------------------------------------------------------------------ */

/* FNV-1a, each field with its end. */
static uint64_t hash(uint64_t h, const char *s, size_t n)
{
    for (size_t i = 0; i <= n; i++)
        h = (h ^ (i < n ? (unsigned char)s[i] : 0xff)) * 0x100000001b3;
    return h;
}

static void uid_line(struct buf *b, const struct calendar_text *t, const struct record_case *head,
                     const struct obligation *o)
{
    char start[DAY_LEN];
    uint64_t h[2] = {0xcbf29ce484222325, 0x9ae16a3b2f90404f};
    const char *limit = obligation_limit(t->rulebook, o)->id,
               *subject = names_text(t->words->subjects, o->subject);
    day_text(o->start, start);
    for (size_t i = 0; i < 2; i++) {
        h[i] = hash(h[i], head->ref, head->ref_len);
        h[i] = hash(h[i], limit, strlen(limit));
        h[i] = hash(h[i], subject, strlen(subject));
        h[i] = hash(h[i], start, DAY_LEN - 1);
    }
    buf_printf(b, "UID:%016llx%016llx@ehcwatchd\r\n", (unsigned long long)h[0], (unsigned long long)h[1]);
}

/* When what is said of it last changed, and the how manieth time that was. */
static civil_day changed_on(const struct calendar_text *t, const struct obligation *o, int *sequence)
{
    *sequence = o->state == STATE_ON_TRACK ? 0 : o->state == STATE_AT_RISK ? 1 : 2;
    if (*sequence == 2)
        return o->due + 1;
    const civil_day at_risk = o->due - obligation_limit(t->rulebook, o)->warn_days;
    return *sequence == 1 && at_risk > o->start ? at_risk : o->start;
}

/* What an event says of a state, and its categories: two of them where a comma stands, which is not escaped (RFC 5545 section 3.8.1.2). */
static const struct {
    const char *words, *categories;
} marks[STATE_COUNT] = {[STATE_ON_TRACK] = {"due", "due"},
                        [STATE_AT_RISK] = {"due", "due"},
                        [STATE_BREACHED] = {"overdue", "overdue"},
                        [STATE_EXCEPTED] = {"overdue, excepted", "overdue,excepted"}};

static void summary(struct buf *text, const struct calendar_text *t, const struct record_case *head,
                    const struct obligation *o)
{
    const char *subject = names_text(t->words->subjects, o->subject);
    buf_bytes(text, head->ref, head->ref_len);
    buf_printf(text, ": %s", obligation_limit(t->rulebook, o)->title);
    if (*subject != '\0')
        buf_printf(text, " (%s)", subject);
    buf_printf(text, " (%s)", marks[o->state].words);
}

static void place(struct buf *text, const struct calendar_text *t, const char *what, uint32_t number)
{
    const char *name = names_text(t->words->places, number);
    if (*name != '\0')
        buf_printf(text, "\n%s: %s", what, name);
}

static void description(struct buf *text, const struct calendar_text *t, const struct record_case *head,
                        const struct obligation *o)
{
    buf_text(text,
             o->state == STATE_ON_TRACK || o->state == STATE_AT_RISK ? "Act by " : "Overdue. Was to act by ");
    day_words(text, obligation_act_by(t->rulebook, t->calendar, o));
    buf_text(text, "\nDue ");
    day_words(text, o->due);
    buf_text(text, "\nBegan ");
    day_words(text, o->start);
    buf_printf(text, "\n%s", obligation_limit(t->rulebook, o)->citation);
    place(text, t, "Locality", head->locality);
    place(text, t, "Team", head->team);
    place(text, t, "Officer", head->officer);
}

void calendar_event(struct buf *b, const struct calendar_text *t, const struct record_case *head,
                    const struct obligation *o)
{
    struct buf text = {.p = NULL};
    int sequence;
    const civil_day changed = changed_on(t, o, &sequence);
    buf_text(b, "BEGIN:VEVENT\r\n");
    uid_line(b, t, head, o);
    stamp_line(b, "DTSTAMP", t->known_at);
    day_line(b, "LAST-MODIFIED", changed, "T000000Z");
    buf_printf(b, "SEQUENCE:%d\r\n", sequence);
    day_line(b, "DTSTART;VALUE=DATE", o->due, "");
    day_line(b, "DTEND;VALUE=DATE", o->due + 1, "");
    summary(&text, t, head, o);
    calendar_line(b, "SUMMARY", text.failed ? "" : text.p);
    text.n = 0;
    description(&text, t, head, o);
    calendar_line(b, "DESCRIPTION", text.failed ? "" : text.p);
    buf_printf(b, "CATEGORIES:%s\r\n", marks[o->state].categories);
    text.n = 0;
    buf_bytes(&text, head->ref, head->ref_len);
    if (t->link != NULL)
        link_line(b, t->link, text.failed ? "" : text.p);
    buf_text(b, "TRANSP:TRANSPARENT\r\n"
                "END:VEVENT\r\n");
    b->failed |= text.failed;
    buf_free(&text);
}
