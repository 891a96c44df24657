/* What the daemon knows of itself: the numbers behind /metrics and /readyz.
 *
 * One struct, owned by the app, written by the poller and the dispatcher as things happen and read by the HTTP handlers: all
 * on one thread. Counters start at 0 with the process. Pure. */
#ifndef EHCWATCH_STATUS_H
#define EHCWATCH_STATUS_H

#include "caseload.h"
#include "circuit.h"
#include "drift.h"
#include "meeting.h"

struct trend;

#define ENDPOINT_NAME_LEN 33
#define LATENCY_BUCKETS   9
#define FAILURE_REASONS   16
#define STANDING_LEN      160

/* Upper bounds of the delivery histogram, in seconds; the last bucket is +Inf. */
extern const double status_latency_bounds[LATENCY_BUCKETS];

struct endpoint_status {
    char name[ENDPOINT_NAME_LEN];
    uint64_t pending, dead; /* rows of the outbox, as last counted */
    int64_t oldest_pending; /* microseconds since 1970; 0: nothing pending */
    enum circuit_state circuit;
    bool failing;         /* somebody must look */
    int64_t last_success; /* microseconds since 1970; 0: never */
    uint64_t delivered;   /* acknowledged with a 2xx */
    struct {
        const char *reason; /* static text of retry_verdict; NULL ends the list */
        uint64_t n;
    } failures[FAILURE_REASONS]; /* failed attempts by reason */
    uint64_t
        latency[LATENCY_BUCKETS + 1]; /* attempts by duration, each in one bucket; last: above every bound */
    double latency_sum;               /* seconds */
};

/* How the limits under watch were chosen. */
enum watch_choice {
    WATCH_DEFAULT, /* the configuration names none */
    WATCH_NAMED,
    WATCH_ALL,
    WATCH_AUTO, /* those of which the source records the end */
};

struct watch {
    enum watch_choice choice;
    uint64_t occurs; /* WATCH_AUTO: EVENT_BIT of the events that decided */
};

/* The lease, as last heard. */
struct lease_status {
    char holder[160]; /* the leader's instance, "host:pid:..."; "" when nobody is known to lead */
    int64_t term;
    int64_t since;     /* microseconds since 1970: when the term began, on the database's clock */
    char trouble[512]; /* why the last question about it had no answer, one line; "" when it had one */
};

/* How many obligations of a limit stand how in a place. */
struct place_total {
    uint32_t locality, team; /* numbers of words.places; 0 where that label is switched off */
    uint8_t limit, state;
    uint32_t n;
};

/* Seconds for which what people were told before is kept back at most: a daemon that does not lead, or cannot evaluate, delivers too. */
#define PEOPLE_REST 30.

struct status {
    struct rulebook *rulebook; /* of the snapshot, and of the counters by limit; a reference of the status */
    const struct calendar *calendar;
    struct snapshot
        *snapshot;      /* the last good one, a reference of the status; NULL before the first evaluation */
    struct watch watch; /* why snapshot->limits are those */
    struct meeting_rule meeting; /* when the demand meeting is by the calendar, */
    struct trend *trend; /* what the history has of the last year (trend.h), as last heard; NULL: not yet */
    struct meeting_marks marks; /* and those that were marked as held, as last heard */

    bool source_up;    /* the case database answers */
    char trouble[512]; /* why no evaluation succeeds at present, one line; "" when the last one did */
    double
        written_of; /* monotonic: the beginning of the last full reading whose transitions are written; 0: none yet */
    bool composed;      /* whatever people were due when the state database came up, or the lease, is made */
    double people_from; /* monotonic: until then, or until `composed`, people are sent nothing of before */
    int64_t evaluated_at; /* microseconds since 1970 of the last success, our clock; 0: never */
    double evaluation_seconds;
    double stale_after; /* seconds */
    uint64_t evaluations, evaluation_failures;

    uint64_t transitions[LIMIT_MAX][ALERT_COUNT];
    uint64_t restatements[LIMIT_MAX];

    bool
        leader; /* this process evaluates and writes; else it stands by: what it shows is its own evaluation */
    struct lease_status lease;
    bool reload_ok;
    int64_t reloaded_at; /* microseconds since 1970 of the last good load of the configuration */

    double loop_lag;  /* seconds: worst lateness of the heartbeat in the last minute */
    double loop_busy; /* seconds: most CPU time of a pass of the loop in the last minute */
    uint64_t log_dropped;

    bool label_locality, label_team; /* labels that are switched on (a count of one can name a child) */
    struct place_total *places; /* with those labels, as last counted; NULL: none, or none is switched on */
    size_t n_places;
    uint64_t places_counted; /* how often they were: two of the same address may differ */

    bool counted; /* rows of the outbox are as last counted, and are being counted */
    /* Why messages cannot be claimed, recorded or counted at present, one line; "" when they can. */
    char undelivered[512];
    struct endpoint_status *endpoints;
    size_t n_endpoints;
};

/* Takes over a rulebook, with a reference of its own: counters go on under the same id. */
void status_take_rulebook(struct status *s, struct rulebook *rb);

/* Takes over the caller's reference to a snapshot, and its rulebook. */
void status_take_snapshot(struct status *s, struct snapshot *snapshot, struct watch why);

/* NULL when ready; else why not, borrowed from the status or constant. `now` in microseconds since 1970. A standby is ready while it knows who
 * leads: where nobody is known to, and the lease cannot be asked for, nothing may be written down or told. */
const char *status_not_ready(const struct status *s, int64_t now);

/* NULL when messages can be delivered, or there is nobody to deliver to; else why not, borrowed from the status. Receivers that do not take
 * them are no reason: each has its own numbers. */
const char *status_not_delivering(const struct status *s);

/* "leader since TIME", "standby: HOST:PID evaluates and writes since TIME", or that it is not known: for people, on one line. Returns
 * `text`. */
const char *status_standing(const struct status *s, char text[STANDING_LEN]);

struct place_counts;

/* Adds up counts (NULL: there are none any more) under the labels that are switched on, by limit, state, locality and team. Without memory there are
 * none until the next time. */
void status_take_places(struct status *s, const struct place_counts *counts);

/* Counts a failed attempt; `reason` is static text. */
void status_count_failure(struct endpoint_status *e, const char *reason);

/* Counts an attempt of `seconds` in the histogram. */
void status_count_latency(struct endpoint_status *e, double seconds);

#endif
