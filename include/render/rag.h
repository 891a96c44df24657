/* RED, AMBER, GREEN, BLUE and PINK: how a council's action plan would mark an obligation. Pure.
 *
 *   RED    delayed: breached, or missed for good
 *   AMBER  at risk
 *   GREEN  on track
 *   BLUE   complete, also where it was late
 *   PINK   waiting on another step, which is not this desk's own:
 *            - time that belongs to the family, while it runs (limits of kind floor: comments on a draft or on amendments, the
 *              time for an appeal before a plan ends): to be waited for, never to be hurried
 *            - advice that another body owes (advice_6w) and a school's or college's answer (consultation_15d), on track: from the
 *              warning time on they are AMBER, and RED when they are late, because then somebody here has to ask for them
 *            - an exception whose facts hold, and still without the event that closes it: the limit is disapplied, and its cause
 *              (a school that is closed, an absence, personal circumstances) lies with others; its date is shown all the same
 *   none   not owed (void)
 *
 * What is late is never PINK but by an exception: waiting does not hide a breach. The colour is never alone: the tag says its word and
 * what it means. */
#ifndef EHCWATCH_RAG_H
#define EHCWATCH_RAG_H

#include "buf.h"
#include "evaluate.h"

enum rag { RAG_NONE, RAG_RED, RAG_AMBER, RAG_GREEN, RAG_BLUE, RAG_PINK, RAG_COUNT };

struct rag_mark {
    enum rag colour;
    const char *meaning; /* "delayed"; constant */
};

/* `l` may be NULL where the limit is not known. `closed`: an event has ended it. */
struct rag_mark rag_mark(const struct limit *l, enum state s, bool closed);

/* "RED"; "" for RAG_NONE */
const char *rag_name(enum rag r);

/* Of the style sheet: "red"; "none" for RAG_NONE */
const char *rag_class(enum rag r);

/* The tag in HTML: <strong class="tag tag-red">RED<span> delayed</span></strong> */
void rag_tag(struct buf *b, struct rag_mark m);

#endif
