/* PagerDuty Events API v2: one incident for each obligation, opened by what somebody has to see to and resolved when it
 * is not so any more. The routing key is put in front when it is sent, so that no secret is stored. */
#include <stdint.h>
#include <string.h>

#include "instant.h"
#include "notice_int.h"
#include "obligation_text.h"
#include "utf8.h"

enum { PAGER_SUMMARY = 1024, PAGER_KEY = 255, PAGER_SHOWN = 200 };

/* The whole name of the obligation; one that is too long ends in a number made of all of it (FNV-1a). */
static void dedup_key(struct buf *b, const struct notice_item *i)
{
    char start[CIVIL_TEXT_LEN];
    struct buf key = {0};
    buf_text(&key, "ehc/");
    buf_utf8(&key, i->case_ref);
    buf_printf(&key, "/%s/", i->limit);
    buf_utf8(&key, i->subject);
    buf_printf(&key, "/%s", civil_format(i->start, start));
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t k = 0; k < key.n; k++)
        hash = (hash ^ (unsigned char)key.p[k]) * UINT64_C(1099511628211);
    size_t cut = key.n > PAGER_KEY ? PAGER_KEY - 17 : key.n;
    while (cut < key.n && cut > 0 && ((unsigned char)key.p[cut] & 0xc0) == 0x80)
        cut--;
    if (cut < key.n) {
        buf_back(&key, cut);
        buf_printf(&key, "/%016llx", (unsigned long long)hash);
    }
    b->failed |= key.failed;
    if (!b->failed)
        json_member(b, "dedup_key", key.p);
    buf_free(&key);
}

static const char *severity(const struct notice_item *i)
{
    switch (i->to) {
    case STATE_AT_RISK:
        return "warning";
    case STATE_BREACHED:
        return "critical";
    case STATE_MISSED:
        return "error"; /* nothing brings it back: a person resolves it */
    default:
        return NULL;
    }
}

static void payload(struct buf *b, const char *summary, const char *severity_word, int64_t timestamp)
{
    char at[INSTANT_TEXT_LEN];
    struct buf cut = {0};
    buf_cut(&cut, summary, PAGER_SUMMARY);
    b->failed |= cut.failed;
    if (!b->failed) {
        buf_text(b, ",\"payload\":{\"summary\":");
        json_text(b, cut.p);
        buf_printf(b, ",\"source\":\"ehcwatchd\",\"severity\":\"%s\",\"timestamp\":\"%s\"", severity_word,
                   instant_format(timestamp, at));
    }
    buf_free(&cut);
}

static void links(struct buf *b, const char *link)
{
    buf_text(b, "}");
    if (shown_link(link) != NULL) {
        buf_text(b, ",\"links\":[{\"href\":");
        json_text(b, link);
        buf_text(b, ",\"text\":\"Open\"}]");
    }
    buf_text(b, ",\"client\":\"ehcwatchd\"}");
}

static void details(struct buf *b, const struct notice_item *i, civil_day as_of)
{
    struct buf text = {0};
    item_text(&text, i, as_of);
    b->failed |= text.failed;
    if (!b->failed) {
        json_member(b, "class", i->limit);
        if (i->team[0] != '\0')
            json_member(b, "group", i->team);
        buf_text(b, ",\"custom_details\":{\"text\":");
        json_text(b, text.p);
        json_member(b, "case_ref", i->case_ref);
        json_member(b, "limit", i->limit);
        json_member(b, "subject", i->subject);
        json_member(b, "state", state_name(i->to));
        json_member_date(b, "due_on", i->due);
        json_member(b, "citation", i->citation);
        json_member(b, "locality", i->locality);
        buf_text(b, "}");
    }
    buf_free(&text);
}

static void one(struct buf *b, const struct notice *n)
{
    const struct notice_item *i = &n->items[0];
    const char *how = severity(i);
    struct buf title = {0};
    buf_printf(b, "{\"event_action\":\"%s\"", how != NULL ? "trigger" : "resolve");
    dedup_key(b, i);
    if (how == NULL) {
        buf_text(b, "}");
        return;
    }
    item_title(&title, i, n->as_of);
    b->failed |= title.failed;
    if (!b->failed) {
        payload(b, title.p, how, n->timestamp);
        details(b, i, n->as_of);
        links(b, i->link);
    }
    buf_free(&title);
}

/* Several in one message are an incident of their own, which nothing resolves by itself. */
static void many(struct buf *b, const struct notice *n)
{
    struct buf title = {0};
    notice_title(&title, n);
    buf_text(b, "{\"event_action\":\"trigger\"");
    json_member(b, "dedup_key", n->message_id);
    b->failed |= title.failed;
    if (!b->failed) {
        payload(b, title.p, item_is_urgent(&n->items[0]) ? "error" : "warning", n->timestamp);
        buf_text(b, ",\"custom_details\":{\"items\":[");
        for (size_t i = 0; i < n->n && i < PAGER_SHOWN; i++) {
            struct buf text = {0};
            item_title(&text, &n->items[i], n->as_of);
            buf_text(b, i > 0 ? "," : "");
            b->failed |= text.failed;
            if (!b->failed)
                json_text(b, text.p);
            buf_free(&text);
        }
        buf_text(b, "]");
        if (n->n > PAGER_SHOWN)
            buf_printf(b, ",\"more\":\"+%zu more\"", n->n - PAGER_SHOWN);
        buf_text(b, "}");
        links(b, n->link);
    }
    buf_free(&title);
}

void notice_pagerduty(struct buf *b, const struct channel *ch, const struct notice *n)
{
    (void)ch;
    if (n->n == 1)
        one(b, n);
    else
        many(b, n);
}

void note_pagerduty(struct buf *b, const struct channel *ch, const struct note *n)
{
    (void)ch;
    buf_text(b, "{\"event_action\":\"trigger\"");
    json_member(b, "dedup_key", n->message_id);
    payload(b, n->title, n->urgent ? "error" : "info", n->timestamp);
    buf_text(b, ",\"custom_details\":{\"text\":[");
    for (size_t i = 0; i < n->n_text; i++) {
        buf_text(b, i > 0 ? "," : "");
        json_text(b, n->text[i]);
    }
    buf_text(b, "]}");
    links(b, n->link);
}
