/* The formats of notice.h, one file each, and what they share. Private to render. */
#ifndef EHCWATCH_NOTICE_INT_H
#define EHCWATCH_NOTICE_INT_H

#include "notice.h"

typedef void notice_fn(struct buf *b, const struct channel *ch, const struct notice *n);
typedef void note_fn(struct buf *b, const struct channel *ch, const struct note *n);

notice_fn notice_standard, notice_cloudevents;
note_fn note_standard, note_cloudevents;

/* Up to the value of "data", whose end the writer follows with "}". `subject` is the case reference, or NULL. */
void envelope_begin(struct buf *b, enum format f, const struct channel *ch, const char *type,
                    const char *message_id, int64_t timestamp, const char *subject);

/* ,"key":"value" and ,"key":"2026-05-01" (null for CIVIL_NONE). */
void json_member(struct buf *b, const char *key, const char *value);
void json_member_date(struct buf *b, const char *key, civil_day d);

#endif
