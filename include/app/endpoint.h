/* The configured endpoints, ready for use: where to post, how to sign, what to route.
 *
 * Made from a configuration and its credentials; a reload makes a new set. An endpoint lives until the last delivery
 * that is under way with it has ended, whatever the configuration says by then. */
#ifndef EHCWATCH_ENDPOINT_H
#define EHCWATCH_ENDPOINT_H

#include <sys/queue.h>

#include "config.h"
#include "credentials.h"
#include "netguard.h"
#include "writer.h"

struct job; /* of the dispatcher */
TAILQ_HEAD(jobs, job);

struct endpoint {
    unsigned refs;
    enum format format;
    char *name, *url;
    struct secret_set keys; /* none when the format is not signed */
    char *member;           /* of format_secret_member: the topic, the routing key; else NULL */
    char *mail_from, **mail_to;
    size_t n_mail_to;
    char *user, *password; /* for the relay, or NULL */
    bool allow_http, allow_internal, allow_plain;
    struct netguard guard;
    char *proxy, *ca_file; /* or NULL */
    int concurrency;
    int timeout;        /* seconds */
    int rate, burst;    /* messages a second, 0: any number; and how many of them at once */
    bool strict;        /* a dead message holds back what comes later in its case */
    bool hears_failing; /* hears of endpoints that fail */
    bool people;        /* the composer makes its messages, and takes back those that newer ones replace */

    /* The dispatcher's. */
    int slots;           /* posts at a time: its concurrency, or its share of what all may have together */
    int posting;         /* posts under way */
    struct jobs waiting; /* messages claimed ahead, for the slots that fall free next */
    int n_waiting;
    int doubts; /* failures that are not recorded yet */
    bool quick; /* it took the last message at once: more may be claimed ahead */
};

struct endpoints {
    struct endpoint **list;
    struct writer_endpoint
        *routes; /* names and strings borrowed from the configuration, which must outlive this */
    size_t n;    /* enabled ones only */
};

/* NULL: out of memory. */
struct endpoints *endpoints_new(const struct config *c, const struct rulebook *rb,
                                const struct credentials *cr);
void endpoints_free(struct endpoints *e);
void endpoint_unref(struct endpoint *e);

/* What of an endpoint goes into bodies: borrowed from the configuration. */
struct channel endpoint_channel(const struct config *c, const struct config_webhook *w);

/* Gives each a row in the status; counters go on under the same name. False: out of memory, and nothing has changed. */
bool endpoints_count_on(const struct endpoints *e, struct status *st) MUST_CHECK;

/* The endpoint of that name, or NULL. */
struct endpoint *endpoint_find(const struct endpoints *e, const char *name);

#endif
