/* baseline.summary: one message in place of many, which says why, and how things stand. Pure. */
#ifndef EHCWATCH_BASELINE_TEXT_H
#define EHCWATCH_BASELINE_TEXT_H

#include "bulk.h"
#include "caseload.h"
#include "notice.h"

struct baseline_about {
    const struct snapshot *snapshot; /* as it was evaluated */
    uint64_t fresh;                  /* limits with which the story begins, */
    enum baseline_reason began;      /* and why: BASELINE_FIRST_RUN or BASELINE_NEW_LIMIT */
    uint64_t rewritten;              /* limits whose rule is another one */
    bool bulk;
    size_t bulk_cases; /* cases that the import changed */
    const char *link;  /* address of the daemon's pages; NULL: none */
    const char *message_id;
    int64_t timestamp; /* microseconds */
};

/* Of several reasons the one that it is about: an import before a first run before rules before new limits. BASELINE_NONE: there is
 * nothing to be told. */
enum baseline_reason baseline_reason(const struct baseline_about *a);

/* The body for one endpoint. For machines, data: {"reason","changed_cases","cases","breached_cases","as_of","known_at","rulebook","limits":
 * [{"limit","title","reason",STATE:N}],"link"}: of an import all limits under watch, else those that it is about; changed_cases is null
 * but for an import. */
void baseline_body(struct buf *b, enum format f, const struct channel *ch, const struct baseline_about *a);

#endif
