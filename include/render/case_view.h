/* A case evaluated for showing: its facts, its obligations in the order of the output, and how far it has drifted. Pure. */
#ifndef EHCWATCH_CASE_VIEW_H
#define EHCWATCH_CASE_VIEW_H

#include "explain.h"

struct case_view {
    struct record_case head;
    struct buf ref; /* the reference, with its NUL */
    struct record_room room;
    struct obligation *obligations; /* by limit, subject, start, closing and state as bytes */
    size_t n, cap;
    bool there; /* case_is_there (caseload.h); else there is no stage to speak of */
    enum stage stage;
    bool any_open; /* `drift` has a meaning */
    int drift; /* case_drift (case_pick.h): of every limit that was evaluated, unless case_view_watched narrows it */
    bool watched;               /* to the limits under watch */
    struct explain_about about; /* to explain each with */
};

/* `how` and the record are borrowed for as long as the view lives. False: out of memory; to be freed all the same. */
bool case_view_make(struct case_view *v, const struct judge_how *how, const unsigned char *record) MUST_CHECK;

/* The drift as the list of cases counts it: of the limits under watch, when they are known (not 0) and were all evaluated. */
void case_view_watched(struct case_view *v, const struct judge_how *how, uint64_t watched);

void case_view_free(struct case_view *v);

#endif
