#include "batch.h"

#include <stdlib.h>
#include <string.h>

#include "ack.h"
#include "message.h"
#include "random_id.h"

static struct pg_array *arrays(struct batch *b, size_t *n)
{
    *n = OBLIGATION_COLUMNS + TRANSITION_COLUMNS + OUTBOX_COLUMNS + NOTICE_COLUMNS + ACK_COLUMNS +
         DIGEST_COLUMNS;
    return b->obligation; /* the groups lie side by side */
}

_Static_assert(offsetof(struct batch, digest) - offsetof(struct batch, obligation) ==
                   (OBLIGATION_COLUMNS + TRANSITION_COLUMNS + OUTBOX_COLUMNS + NOTICE_COLUMNS + ACK_COLUMNS) *
                       sizeof(struct pg_array),
               "the groups of arrays lie side by side");

void batch_init(struct batch *b)
{
    size_t n;
    memset(b, 0, sizeof *b);
    struct pg_array *a = arrays(b, &n);
    for (size_t i = 0; i < n; i++)
        pg_array_init(&a[i]);
}

static void forget_cases(struct batch *b)
{
    for (size_t i = 0; i < b->n; i++) {
        free(b->cases[i].ref);
        free(b->cases[i].locality);
        free(b->cases[i].team);
    }
    b->n = 0;
}

bool batch_remember(struct batch *b, size_t i, const char *ref, const char *locality, const char *team)
{
    struct batch_case *k = &b->cases[i];
    k->ref = strdup(ref);
    k->locality = strdup(locality);
    k->team = strdup(team);
    return k->ref != NULL && k->locality != NULL && k->team != NULL;
}

void batch_free(struct batch *b)
{
    forget_cases(b);
    size_t n;
    struct pg_array *a = arrays(b, &n);
    for (size_t i = 0; i < n; i++)
        pg_array_free(&a[i]);
    record_room_free(&b->room);
    record_room_free(&b->past_room);
    for (int p = 0; p < BATCH_PASTS; p++)
        free(b->past[p].list);
    free(b->told);
    free(b->now.list);
}

void batch_begin(struct batch *b, const int64_t *cases, size_t n)
{
    size_t n_arrays;
    struct pg_array *a = arrays(b, &n_arrays);
    forget_cases(b);
    for (size_t i = 0; i < n_arrays; i++)
        pg_array_clear(&a[i]);
    for (size_t i = 0; i < n; i++)
        b->cases[i] = (struct batch_case){.id = cases[i]};
    b->n = n;
    b->n_obligations = b->n_transitions = b->n_outbox = b->n_notices = b->n_acks = 0;
    b->no_memory = false;
}

struct collecting {
    struct batch *b;
    const struct batch_how *how;
    uint64_t digest;
};

void batch_add_obligation(struct batch *b, struct obligations *to, const struct obligation *o)
{
    if (to->n == to->cap) {
        size_t cap = to->cap ? to->cap * 2 : 64;
        struct obligation *more = reallocarray(to->list, cap, sizeof *more);
        if (more == NULL) {
            b->no_memory = true;
            return;
        }
        to->list = more;
        to->cap = cap;
    }
    to->list[to->n++] = *o;
}

static void collect(void *ud, const struct obligation *o)
{
    struct collecting *c = ud;
    batch_add_obligation(c->b, &c->b->now, o);
    c->digest = obligation_digest(c->digest, c->how->core->rulebook, c->how->core->words->subjects, o);
}

static void add_obligation(struct batch *b, const struct batch_how *how, int64_t id, const struct change *c)
{
    const struct obligation *o = &c->now;
    struct pg_array *a = b->obligation;
    pg_array_int8(a++, id);
    pg_array_text(a++, obligation_limit(how->core->rulebook, o)->id);
    pg_array_text(a++, names_text(how->core->words->subjects, o->subject));
    pg_array_date(a++, o->start);
    pg_array_date(a++, o->due);
    pg_array_date(a++, o->closed);
    pg_array_text(a++, state_name((enum state)o->state));
    pg_array_text(a++, exception_verdict_name((enum exception_verdict)o->exception));
    pg_array_bool(a++, c->withdrawn);
    pg_array_int8(a++, c->seq);
    b->n_obligations++;
}

/* What nobody has seen yet has no acknowledgement. */
static void end_ack(struct batch *b, const struct batch_how *how, int64_t id, const struct change *c)
{
    const struct obligation *o = &c->now;
    enum ack_end end = c->from == STATE_COUNT ? ACK_HOLDS : ack_after(how->core->rulebook, c);
    if (end == ACK_HOLDS)
        return;
    pg_array_int8(&b->ack[0], id);
    pg_array_text(&b->ack[1], obligation_limit(how->core->rulebook, o)->id);
    pg_array_text(&b->ack[2], names_text(how->core->words->subjects, o->subject));
    pg_array_date(&b->ack[3], o->start);
    pg_array_text(&b->ack[4], ack_end_name(end));
    b->n_acks++;
}

static bool count_told(struct batch *b, const struct change *c)
{
    if (b->n_transitions == b->cap_told) {
        size_t cap = b->cap_told ? b->cap_told * 2 : 64;
        void *more = reallocarray(b->told, cap, sizeof *b->told);
        if (more == NULL)
            return false;
        b->told = more;
        b->cap_told = cap;
    }
    b->told[b->n_transitions].limit = c->now.limit;
    b->told[b->n_transitions].alert = (uint8_t)c->alert;
    b->n_transitions++;
    return true;
}

static void add_transition(struct batch *b, const struct batch_how *how, const struct batch_case *k,
                           const struct change *c, const char *message_id)
{
    const struct obligation *o = &c->now;
    struct pg_array *a = b->transition;
    pg_array_int8(a++, k->id);
    pg_array_text(a++, obligation_limit(how->core->rulebook, o)->id);
    pg_array_text(a++, names_text(how->core->words->subjects, o->subject));
    pg_array_date(a++, o->start);
    pg_array_int8(a++, c->seq);
    pg_array_int8(a++, k->event_seq);
    pg_array_text(a++, alert_type(c->alert));
    pg_array_text(a++, c->from == STATE_COUNT ? "none" : state_name(c->from));
    pg_array_text(a++, state_name((enum state)o->state));
    pg_array_date(a++, c->due_before);
    pg_array_date(a++, o->due);
    pg_array_date(a++, o->closed);
    pg_array_text(a++, message_id);
}

/* The case's own words: of the snapshot while it is there. */
static bool name_case(struct batch_case *k, const struct batch_how *how, const struct record_case *head)
{
    const struct names *places = how->core->words->places;
    free(k->ref);
    free(k->locality);
    free(k->team);
    k->ref = strndup(head->ref, head->ref_len);
    k->locality = strdup(names_text(places, head->locality));
    k->team = strdup(names_text(places, head->team));
    return k->ref != NULL && k->locality != NULL && k->team != NULL;
}

/* What the messages about one change are made of, and those that several endpoints share. */
struct telling {
    struct message_about about;
    struct message_case about_case;
    const struct change *change;
    struct buf shared[FORMAT_COUNT], own;
};

static void begin_telling(struct telling *t, struct batch *b, const struct batch_how *how,
                          const struct batch_case *k, const unsigned char *record, const struct change *c,
                          const char *message_id)
{
    *t = (struct telling){
        .about =
            {
                .rulebook = how->core->rulebook,
                .calendar = &how->core->calendar,
                .subjects = how->core->words->subjects,
                .as_of = how->snapshot->as_of,
                .known_at = how->snapshot->read_at,
                .timestamp = how->now,
                .link = how->core->config->public_url,
            },
        .about_case =
            {
                .message_id = message_id,
                .ref = k->ref,
                .locality = k->locality,
                .team = k->team,
                .facts = record != NULL ? &b->room.view : NULL,
                .record = record,
                .event_seq = k->event_seq,
                .cause = cause_of(record, obligation_rule(how->core->rulebook, &c->now)),
            },
        .change = c,
    };
}

/* A body is made once for each format, but where it depends on the endpoint. NULL: out of memory. */
static const struct buf *body_for(struct telling *t, const struct writer_endpoint *e)
{
    bool own = (FORMAT_BIT(e->format) & FORMATS_PER_ENDPOINT) != 0;
    struct buf *body = own ? &t->own : &t->shared[e->format];
    if (own)
        buf_free(body);
    if (body->n == 0)
        message_transition(body, e->format, &e->channel, &t->about, &t->about_case, t->change);
    return body->failed ? NULL : body;
}

static void end_telling(struct telling *t)
{
    for (int f = 0; f < FORMAT_COUNT; f++)
        buf_free(&t->shared[f]);
    buf_free(&t->own);
}

/* What people are owed. A level of escalation hears of a change only when it ends a breach, of which it may have been told. */
static void add_notice(struct batch *b, const struct writer_endpoint *e, const struct batch_case *k,
                       const struct change *c)
{
    if (e->policy.escalate_days > 0 && c->from != STATE_BREACHED)
        return;
    pg_array_int8(&b->notice[0], k->id);
    pg_array_int8(&b->notice[1], k->event_seq);
    pg_array_text(&b->notice[2], e->name);
    pg_array_int8(&b->notice[3], c->alert == ALERT_AT_RISK ? e->policy.settle : 0);
    b->n_notices++;
}

static bool add_messages(struct batch *b, const struct batch_how *how, const struct batch_case *k,
                         const unsigned char *record, const struct change *c, const char *message_id)
{
    struct telling t;
    bool ok = true;
    begin_telling(&t, b, how, k, record, c, message_id);
    for (size_t e = 0; e < how->n_endpoints && ok; e++) {
        const struct writer_endpoint *endpoint = &how->endpoints[e];
        if (!route_wants(&endpoint->route, how->core->rulebook, c, k->locality, k->team))
            continue;
        if (endpoint->people) {
            add_notice(b, endpoint, k, c);
            continue;
        }
        const struct buf *body = body_for(&t, endpoint);
        ok = body != NULL;
        if (!ok)
            break;
        pg_array_int8(&b->outbox[0], k->id);
        pg_array_int8(&b->outbox[1], k->event_seq);
        pg_array_text(&b->outbox[2], endpoint->name);
        pg_array_bytea(&b->outbox[3], body->p, body->n);
        pg_array_text(&b->outbox[4], format_content_type(endpoint->format));
        b->n_outbox++;
    }
    end_telling(&t);
    return ok;
}

bool batch_compare(struct batch *b, const struct batch_how *how, size_t i, struct stored *stored,
                   size_t n_stored)
{
    struct batch_case *k = &b->cases[i];
    struct collecting c = {b, how, LEDGER_NOTHING};
    struct record_case head;
    const struct core *core = how->core;
    const unsigned char *record = snapshot_case(how->snapshot, k->id);
    b->now.n = 0;
    for (int p = 0; p < BATCH_PASTS; p++)
        b->past[p].made = false;
    if (record != NULL) {
        if (!record_view(record, core->words, how->snapshot->as_of, KNOWN_NOW, &b->room))
            return false;
        record_head(record, &head);
        if (!name_case(k, how, &head))
            return false;
        evaluate(core->rulebook, &core->calendar, &b->room.view, how->snapshot->as_of, how->snapshot->limits,
                 collect, &c);
    }
    struct change *changes = calloc(n_stored + b->now.n + 1, sizeof *changes);
    if (changes == NULL || b->no_memory) {
        free(changes);
        return false;
    }
    size_t n = drift_compare(core->rulebook, how->snapshot->limits, how->work->baseline, stored, n_stored,
                             b->now.list, b->now.n, changes);
    bool ok = n != SIZE_MAX;
    for (size_t x = 0; x < n && ok; x++) {
        add_obligation(b, how, k->id, &changes[x]);
        end_ack(b, how, k->id, &changes[x]);
        if (changes[x].alert == ALERT_NONE)
            continue;
        char message_id[RANDOM_ID_LEN];
        k->event_seq++;
        bool untold = false;
        ok = random_id(message_id) && count_told(b, &changes[x]) &&
             batch_untold(b, how, record, &changes[x], &untold);
        if (!ok)
            break;
        add_transition(b, how, k, &changes[x], message_id);
        ok = untold || add_messages(b, how, k, record, &changes[x], message_id);
    }
    free(changes);
    k->digest = c.digest;
    pg_array_int8(&b->digest[0], k->id);
    pg_array_int8(&b->digest[1], (int64_t)k->digest);
    pg_array_int8(&b->digest[2], k->event_seq);
    pg_array_text(&b->digest[3], k->ref);
    pg_array_text(&b->digest[4], k->locality);
    pg_array_text(&b->digest[5], k->team);
    return ok;
}
