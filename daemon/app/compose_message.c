/* From what is told to messages: one for each team, the most pressing first. */
#include <stdlib.h>
#include <string.h>

#include "composer_int.h"
#include "instant.h"
#include "obligation_text.h"

/* What is new stands before what is known, and what is broken before what may be. */
static int rank(const struct notice_item *i)
{
    bool breached = i->to == STATE_BREACHED;
    switch (i->kind) {
    case NOTICE_ESCALATION:
        return 0;
    case NOTICE_CHANGE:
        return breached ? 1 : i->to == STATE_AT_RISK ? 2 : 3;
    case NOTICE_REMINDER:
        break;
    }
    return breached ? 4 : 5;
}

static int by_team(const void *x, const void *y)
{
    const struct notice_item *a = &((const struct entry *)x)->item, *b = &((const struct entry *)y)->item;
    int order = strcmp(a->team, b->team);
    if (order == 0)
        order = rank(a) - rank(b);
    if (order == 0)
        order = (a->due > b->due) - (a->due < b->due);
    if (order == 0)
        order = strcmp(a->case_ref, b->case_ref);
    if (order == 0)
        order = strcmp(a->limit, b->limit);
    if (order == 0)
        order = strcmp(a->subject, b->subject);
    return order != 0 ? order : (a->start > b->start) - (a->start < b->start);
}

static size_t end_of_team(const struct telling *t, size_t first)
{
    size_t end = first;
    while (end < t->n && strcmp(t->entries[end].item.team, t->entries[first].item.team) == 0)
        end++;
    return end;
}

static bool has_news(const struct telling *t, size_t first, size_t end)
{
    for (size_t i = first; i < end; i++)
        if (t->entries[i].notice_id != 0 || t->entries[i].step)
            return true;
    return false;
}

void telling_sort(struct telling *t)
{
    bool weekly = t->endpoint->policy.send == SEND_WEEKLY;
    size_t kept = 0;
    if (t->n > 0)
        qsort(t->entries, t->n, sizeof *t->entries, by_team);
    for (size_t first = 0, end; first < t->n; first = end) {
        end = end_of_team(t, first);
        if (!weekly && !has_news(t, first, end))
            continue;
        for (size_t i = first; i < end; i++) {
            t->entries[kept] = t->entries[i];
            t->entries[kept++].message = t->n_messages;
        }
        t->n_messages++;
    }
    t->n = kept;
    if (t->n_messages == 0 && t->verdict.digest && weekly)
        t->n_messages = 1; /* that there is nothing to tell: so that silence is noticed */
}

static const char *digest_type(enum send send)
{
    return send == SEND_WEEKLY ? "digest.weekly" : send == SEND_DAILY ? "digest.daily" : "digest.immediate";
}

static void nothing_to_tell(const struct telling *t, const char *message_id, struct buf *body)
{
    static const char *const text[] = {
        "No time limit changed since the last digest; none is overdue and none is due soon."};
    struct buf data = {0};
    char as_of[CIVIL_TEXT_LEN];
    buf_printf(&data, "{\"count\":0,\"as_of\":\"%s\",\"rulebook\":", civil_format(t->as_of, as_of));
    json_text(&data, t->core->rulebook->version);
    buf_text(&data, "}");
    body->failed |= data.failed;
    const struct note note = {
        .type = "digest.weekly",
        .message_id = message_id,
        .title = "Nothing changed",
        .text = text,
        .n_text = 1,
        .data = data.p,
        .link = t->core->config->public_url,
        .timestamp = t->now,
    };
    if (!data.failed)
        note_body(body, t->endpoint->format, &t->endpoint->channel, &note);
    buf_free(&data);
}

bool telling_message(const struct telling *t, size_t m, const char *message_id, const char **type,
                     struct buf *body)
{
    size_t first = 0, n = 0;
    *type = digest_type(t->endpoint->policy.send);
    if (t->n == 0) {
        nothing_to_tell(t, message_id, body);
        return !body->failed;
    }
    while (t->entries[first].message != m)
        first++;
    n = end_of_team(t, first) - first;
    struct notice_item *items = calloc(n, sizeof *items);
    struct buf link = {0};
    if (items == NULL)
        return false;
    bool shared = true;
    for (size_t i = 0; i < n; i++) {
        items[i] = t->entries[first + i].item;
        shared &= strcmp(items[i].type, items[0].type) == 0;
    }
    if (shared && !t->verdict.digest)
        *type = items[0].type;
    if (t->core->config->public_url != NULL)
        buf_printf(&link, "%s/v1/breaches", t->core->config->public_url);
    const struct notice notice = {
        .type = *type,
        .message_id = message_id,
        .team = items[0].team,
        .as_of = t->as_of,
        .timestamp = t->now,
        .items = items,
        .n = n,
        .link = link.p,
        .rulebook = t->core->rulebook->version,
    };
    if (!link.failed)
        notice_body(body, t->endpoint->format, &t->endpoint->channel, &notice);
    bool ok = !body->failed && !link.failed;
    free(items);
    buf_free(&link);
    return ok;
}
