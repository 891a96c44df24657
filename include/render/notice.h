/* What people, and the channels that people read, are told: one message about one thing or about many. Pure.
 *
 * The composer gathers what an endpoint is owed into a struct notice; this renders it in the endpoint's format. Bodies are
 * valid UTF-8 and, but for e-mail, one JSON document; the same notice gives the same bytes. Each format keeps to its
 * receiver's limits: what does not fit is counted, "+12 more", with the link. Nothing of a child but the case reference goes in. */
#ifndef EHCWATCH_NOTICE_H
#define EHCWATCH_NOTICE_H

#include "buf.h"
#include "evaluate.h"
#include "format.h"

enum notice_kind {
    NOTICE_CHANGE,     /* something has changed */
    NOTICE_REMINDER,   /* nothing has: it is still so, and worded as that */
    NOTICE_ESCALATION, /* it is still so, and now somebody else is told too */
};

/* All texts are borrowed. */
struct notice_item {
    enum notice_kind kind;
    const char
        *type; /* "obligation.breached", "obligation.restated", "obligation.reminder": as if it went alone */
    const char *case_ref;
    const char *limit, *title; /* the limit's id, and what is to be done */
    const char *subject;       /* "" where there is none */
    const char *citation;
    const char *locality, *team;
    const char *link; /* to the case; NULL: none */
    const char *told; /* of an escalation: who was told before, "the officer"; NULL: not said */
    enum state from;  /* STATE_COUNT: first seen */
    enum state to;
    civil_day start, due, act_by; /* act_by: the last working day that is safe; CIVIL_NONE: not said */
    civil_day closed;             /* CIVIL_NONE: not closed */
    civil_day since;              /* the first day of `to` as far as we know */
    int days;                     /* as obligation.days */
    int step;                     /* of a reminder or an escalation: working days in the state */
};

struct notice {
    const char *
        type; /* of the message: an item's own when there is one or all share it, else "digest.daily" and so on */
    const char *message_id;
    const char *team; /* "" when it is not one team's */
    civil_day as_of;
    int64_t timestamp; /* microseconds: when it was composed */
    const struct notice_item *items;
    size_t n;         /* 1 or more, the most pressing first */
    const char *link; /* to the list that has them all; NULL: none */
    const char *rulebook;
};

/* A message that is about no obligation: a test, an endpoint that fails, the summary of a baseline. */
struct note {
    const char *type; /* "endpoint.test" */
    const char *message_id;
    const char *title;       /* a line */
    const char *const *text; /* sentences, each a paragraph */
    size_t n_text;
    bool urgent;       /* somebody has to do something */
    const char *data;  /* for machines: a JSON object */
    const char *link;  /* NULL: none */
    int64_t timestamp; /* microseconds */
};

/* What of the endpoint goes into a body. */
struct channel {
    const char *name;
    const char *source;    /* cloudevents: the address of the daemon's pages; NULL: none is known */
    const char *mail_from; /* e-mail: addresses, without a name */
    const char *const *mail_to;
    size_t n_mail_to;
    int refresh; /* alertmanager: seconds between two refreshes */
};

void notice_body(struct buf *b, enum format f, const struct channel *ch, const struct notice *n);
void note_body(struct buf *b, enum format f, const struct channel *ch, const struct note *n);

#endif
