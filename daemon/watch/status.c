#include "status.h"

#include <stdio.h>
#include <string.h>

#include "instant.h"

const double status_latency_bounds[LATENCY_BUCKETS] = {0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 20};

void status_take_rulebook(struct status *s, struct rulebook *rb)
{
    uint64_t transitions[LIMIT_MAX][ALERT_COUNT] = {0}, restatements[LIMIT_MAX] = {0};
    if (s->rulebook == rb)
        return;
    for (size_t i = 0; s->rulebook != NULL && i < rb->n; i++) {
        int before = rulebook_find(s->rulebook, rb->rule[i].limit->id);
        if (before < 0)
            continue;
        memcpy(transitions[i], s->transitions[before], sizeof transitions[i]);
        restatements[i] = s->restatements[before];
    }
    memcpy(s->transitions, transitions, sizeof transitions);
    memcpy(s->restatements, restatements, sizeof restatements);
    rulebook_ref(rb);
    rulebook_unref(s->rulebook);
    s->rulebook = rb;
}

void status_take_snapshot(struct status *s, struct snapshot *snapshot, struct watch why)
{
    status_take_rulebook(s, snapshot->rulebook);
    snapshot_unref(s->snapshot);
    s->snapshot = snapshot;
    s->watch = why;
}

const char *status_not_ready(const struct status *s, int64_t now)
{
    if (s->trouble[0] != '\0')
        return s->trouble;
    if (!s->leader && s->lease.holder[0] == '\0' && s->lease.trouble[0] != '\0')
        return s->lease.trouble;
    if (s->snapshot == NULL)
        return "no evaluation has finished yet";
    if ((double)(now - s->evaluated_at) / 1e6 > s->stale_after)
        return "the last evaluation is too old";
    return NULL;
}

const char *status_not_delivering(const struct status *s)
{
    return s->n_endpoints > 0 && s->undelivered[0] != '\0' ? s->undelivered : NULL;
}

/* "host:pid" of "host:pid:rest". */
static int short_name(const char *holder)
{
    const char *end = strchr(holder, ':');
    end = end != NULL ? strchr(end + 1, ':') : NULL;
    size_t n = end != NULL ? (size_t)(end - holder) : strlen(holder);
    return n < 90 ? (int)n : 90;
}

const char *status_standing(const struct status *s, char text[STANDING_LEN])
{
    const struct lease_status *l = &s->lease;
    char since[INSTANT_TEXT_LEN];
    instant_format(l->since, since);
    if (s->leader)
        snprintf(text, STANDING_LEN, "leader since %s", since);
    else if (l->holder[0] != '\0')
        snprintf(text, STANDING_LEN, "standby: %.*s evaluates and writes since %s", short_name(l->holder),
                 l->holder, since);
    else
        snprintf(text, STANDING_LEN, "it is not known who evaluates and writes");
    return text;
}

void status_count_failure(struct endpoint_status *e, const char *reason)
{
    for (int i = 0; i < FAILURE_REASONS; i++) {
        if (e->failures[i].reason == NULL)
            e->failures[i].reason = reason;
        if (strcmp(e->failures[i].reason, reason) == 0) {
            e->failures[i].n++;
            return;
        }
    }
}

void status_count_latency(struct endpoint_status *e, double seconds)
{
    int i = 0;
    while (i < LATENCY_BUCKETS && seconds > status_latency_bounds[i])
        i++;
    e->latency[i]++;
    e->latency_sum += seconds;
}
