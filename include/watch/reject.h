/* Rows of the source that took no part in an evaluation, kept for the list: "never silently dropped". Pure. */
#ifndef EHCWATCH_REJECT_H
#define EHCWATCH_REJECT_H

#include "finding.h"

#define REJECTS_KEPT 1000 /* of a reading; the rest is counted only */
#define REJECT_TEXT  41   /* of the event, ground or case_ref: 40 bytes and a NUL, cut between characters */

struct reject {
    int64_t case_id;
    civil_day on;  /* CIVIL_NONE: no date, or none that is one */
    uint8_t kind;  /* enum finding_kind: unknown_event to double_case */
    bool has_case; /* the row has a case_id, which need not be one of a case */
    char text[REJECT_TEXT];
};

/* Shared by snapshots; immutable. */
struct rejects {
    unsigned refs;
    size_t n;
    struct reject row[];
};

/* `case_id` may be NULL. `text` is copied as far as it fits. */
struct reject reject_row(enum finding_kind kind, const int64_t *case_id, const char *text, size_t len,
                         civil_day on);

/* NULL: out of memory. One reference. */
struct rejects *rejects_new(const struct reject *row, size_t n);
struct rejects *rejects_ref(struct rejects *r);
void rejects_unref(struct rejects *r); /* NULL is fine */

#endif
