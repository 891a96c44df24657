/* The formats of notice.h, one file each, and what they share. Private to render. */
#ifndef EHCWATCH_NOTICE_INT_H
#define EHCWATCH_NOTICE_INT_H

#include "notice.h"

typedef void notice_fn(struct buf *b, const struct channel *ch, const struct notice *n);
typedef void note_fn(struct buf *b, const struct channel *ch, const struct note *n);

notice_fn notice_standard, notice_cloudevents, notice_alertmanager, notice_pagerduty, notice_teams,
    notice_slack, notice_ntfy, notice_email;
note_fn note_standard, note_cloudevents, note_alertmanager, note_pagerduty, note_teams, note_slack, note_ntfy,
    note_email;

/* --- JSON (notice_json.c) -------------------------------------------------------------------------------------------- */

/* Up to the value of "data", whose end the writer follows with "}". `subject` is the case reference, or NULL. */
void envelope_begin(struct buf *b, enum format f, const struct channel *ch, const char *type,
                    const char *message_id, int64_t timestamp, const char *subject);

/* ,"key":"value" (null for NULL) and ,"key":"2026-05-01" (null for CIVIL_NONE). */
void json_member(struct buf *b, const char *key, const char *value);
void json_member_date(struct buf *b, const char *key, civil_day d);

/* --- words (notice_words.c) ------------------------------------------------------------------------------------------ */

/* Each text of the database is cut to a length of its own, so that one item always fits into any of the formats. */
void notice_title(struct buf *b, const struct notice *n); /* of the message: one line */
void item_title(struct buf *b, const struct notice_item *i,
                civil_day as_of); /* "Overdue: Issue the final plan (EHC-0142)" */
void item_text(struct buf *b, const struct notice_item *i,
               civil_day as_of); /* sentences: how it stands, what to do, the law */

/* "+12 more: see the whole list" */
void more_text(struct buf *b, size_t n, const char *link);

/* Somebody has to do something: overdue, missed or escalated. */
bool item_is_urgent(const struct notice_item *i);

/* A link that can be shown: NULL when there is none, or it is longer than any address of ours. */
const char *shown_link(const char *link);

/* At most `most` UTF-16 units of s (the unit in which the receivers' limits are counted at the strictest), with an ellipsis
 * when it is cut. Control characters become blanks, bytes that are no UTF-8 U+FFFD. */
void buf_cut(struct buf *b, const char *s, size_t most);

/* Takes back what was written since the buffer had `n` bytes. */
void buf_back(struct buf *b, size_t n);

#endif
