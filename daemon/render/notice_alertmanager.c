/* Alertmanager, API v2: a list of alerts. An alert is its labels, so nothing stands in them that changes while the obligation
 * is the same, but for its state: at risk and breached are two alerts, and each message says of both whether they
 * fire. A firing one ends by itself four refreshes on unless it is told again. */
#include "instant.h"
#include "metrics_text.h"
#include "notice_int.h"
#include "obligation_text.h"

#define SECOND INT64_C(1000000)

enum { REFRESHES = 4, ONCE_SECONDS = 86400 };

static const struct {
    const char *name, *severity;
    enum state state;
    bool once; /* nothing resolves it: it is told once and ends a day later */
} alerts[] = {
    {"EHCAtRisk", "warning", STATE_AT_RISK, false},
    {"EHCBreach", "critical", STATE_BREACHED, false},
    {"EHCMissed", "critical", STATE_MISSED, true},
};

static void instant_member(struct buf *b, const char *key, int64_t us)
{
    char text[INSTANT_TEXT_LEN];
    buf_printf(b, ",\"%s\":\"%s\"", key, instant_format(us, text));
}

/* An empty label is none. */
static void label(struct buf *b, const char *key, const char *value)
{
    if (value[0] != '\0')
        json_member(b, key, value);
}

static void annotations(struct buf *b, const struct notice_item *i, civil_day as_of)
{
    struct buf title = {0}, text = {0};
    item_title(&title, i, as_of);
    item_text(&text, i, as_of);
    b->failed |= title.failed || text.failed;
    if (!b->failed) {
        buf_text(b, ",\"annotations\":{\"summary\":");
        json_text(b, title.p);
        json_member(b, "description", text.p);
        json_member(b, "citation", i->citation);
        json_member_date(b, "due_on", i->due);
        buf_text(b, "}");
    }
    buf_free(&title);
    buf_free(&text);
}

static void alert(struct buf *b, const struct channel *ch, const struct notice *n,
                  const struct notice_item *i, size_t a)
{
    char start[CIVIL_TEXT_LEN];
    bool fires = i->to == alerts[a].state;
    buf_printf(b, "{\"labels\":{\"alertname\":\"%s\",\"severity\":\"%s\"", alerts[a].name,
               alerts[a].severity);
    label(b, "limit", i->limit);
    label(b, "case_ref", i->case_ref);
    label(b, "subject", i->subject);
    label(b, "start_on", civil_format(i->start, start));
    label(b, "locality", i->locality);
    label(b, "team", i->team);
    buf_text(b, "}");
    annotations(b, i, n->as_of);
    if (fires) {
        int64_t since = metrics_london_midnight(i->since) * SECOND;
        int64_t lasts = alerts[a].once ? ONCE_SECONDS : (int64_t)ch->refresh * REFRESHES;
        instant_member(b, "startsAt", since < n->timestamp ? since : n->timestamp);
        instant_member(b, "endsAt", n->timestamp + lasts * SECOND);
    } else {
        instant_member(b, "endsAt", n->timestamp);
    }
    if (shown_link(i->link) != NULL)
        json_member(b, "generatorURL", i->link);
    buf_text(b, "}");
}

void notice_alertmanager(struct buf *b, const struct channel *ch, const struct notice *n)
{
    bool first = true;
    buf_text(b, "[");
    for (size_t i = 0; i < n->n; i++)
        for (size_t a = 0; a < sizeof alerts / sizeof alerts[0]; a++) {
            if (alerts[a].once && n->items[i].to != alerts[a].state)
                continue;
            buf_text(b, first ? "" : ",");
            alert(b, ch, n, &n->items[i], a);
            first = false;
        }
    buf_text(b, "]");
}

void note_alertmanager(struct buf *b, const struct channel *ch, const struct note *n)
{
    struct buf text = {0};
    (void)ch;
    for (size_t i = 0; i < n->n_text; i++) {
        buf_text(&text, i > 0 ? "\n" : "");
        buf_text(&text, n->text[i]);
    }
    b->failed |= text.failed;
    buf_printf(b, "[{\"labels\":{\"alertname\":\"EHCNote\",\"severity\":\"%s\"",
               n->urgent ? "warning" : "info");
    json_member(b, "type", n->type);
    buf_text(b, "},\"annotations\":{\"summary\":");
    json_text(b, n->title);
    json_member(b, "description", !text.failed && text.n > 0 ? text.p : "");
    buf_text(b, "}");
    instant_member(b, "startsAt", n->timestamp);
    instant_member(b, "endsAt", n->timestamp + ONCE_SECONDS * SECOND);
    if (shown_link(n->link) != NULL)
        json_member(b, "generatorURL", n->link);
    buf_text(b, "}]");
    buf_free(&text);
}
