/* Why an obligation stands as it does: from which fact its date follows, how, and what became of it.
 *
 * The one reading of an obligation that everybody shows: a case as JSON (case_text.h), as text for people
 * (explain_text.h), and the paragraph in an alert. The sentences are for SEN officers and for lawyers; they hold no name
 * and no birth date. Pure. */
#ifndef EHCWATCH_EXPLAIN_H
#define EHCWATCH_EXPLAIN_H

#include "buf.h"
#include "caseload.h"
#include "count_words.h"
#include "exception.h"
#include "note.h"

/* All borrowed. */
struct explain_about {
    const struct rulebook *rulebook;
    const struct calendar *calendar;
    const struct names *subjects;
    const struct case_facts *facts; /* as evaluated; NULL: the case is gone */
    const unsigned char *record;    /* tells when a fact was recorded; NULL: that is left out */
    civil_day as_of;
    int64_t known_at; /* KNOWN_NOW, or microseconds */
};

struct explained_fact {
    enum event event; /* EV_UNKNOWN: no event */
    uint32_t subject;
    civil_day on;        /* CIVIL_NONE: none, or not to be told */
    int64_t recorded_at; /* microseconds, to the next full second; TIME_NONE: not known */
};

enum ending {
    ENDING_OPEN,
    ENDING_PASSED,     /* the time went by without an event: a floor that was kept, a notice never given */
    ENDING_DONE,       /* discharged; of a floor: what must not come before has come */
    ENDING_VOIDED,     /* not owed after all */
    ENDING_LAPSED,     /* overtaken by an event */
    ENDING_SUPERSEDED, /* overtaken by a next start */
    ENDING_BIRTHDAY,   /* no longer under five: the day is not told */
    ENDING_WITHDRAWN,  /* the fact that started it is no longer recorded */
};

struct explanation {
    const struct explain_about *about;
    const struct obligation *obligation;
    const struct rule *rule;
    const struct limit *limit;
    struct explained_fact start, closing;
    enum ending ending;
    civil_day safe_on, act_by;
    char count[COUNT_WORDS_LEN];
    size_t n_exceptions; /* claims to go through with explain_exception, the missed appointment included */
    civil_day appointment;
};

/* `x` points to the other two for as long as it is used. */
void explain(struct explanation *x, const struct explain_about *about, const struct obligation *o);

struct explained_exception {
    bool appointment;   /* no claim: the child missed an appointment with the body that is to advise */
    const char *ground; /* of the rulebook, or "appointment_missed" */
    struct claim claim;
    struct exception_test test;
    enum exception_verdict verdict;
};

/* Exception i of those that were weighed. False: it is not seen yet. */
bool explain_exception(const struct explanation *x, size_t i, struct explained_exception *e);

/* Whether note i of law (note.h) touches it. */
bool explain_noted(const struct explanation *x, size_t i);

/* Sentences, without a capital in front and a full stop behind. */
void explain_state(struct buf *b, const struct explanation *x); /* "12 days late, not closed" */
void explain_start(struct buf *b,
                   const struct explanation *x); /* "request ... received (parent), Monday 5 ..." */
void explain_due(struct buf *b,
                 const struct explanation *x); /* "Monday 25 May 2026; act by Friday 22 ..." while open */
void explain_closing(struct buf *b, const struct explanation *x); /* what closed it, or would */
const char *explain_closing_label(const struct explanation *x);   /* "Closed", "Closes with" */
void explain_exception_words(struct buf *b, const struct explanation *x, const struct explained_exception *e);
void explain_source(struct buf *b, const struct explanation *x); /* citation and evidence */

/* Whether what is claimed in the case is worth going through: the law gives the limit exceptions. */
bool explain_has_exceptions(const struct explanation *x);

/* What is to be said of the weighed exceptions as a whole: that the date stays; "" when there were none. */
const char *explain_exceptions_end(const struct explanation *x);

/* All of it as one paragraph of whole sentences. */
void explain_paragraph(struct buf *b, const struct explanation *x);

#endif
