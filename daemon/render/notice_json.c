/* Standard Webhooks and CloudEvents: an envelope around the same data. */
#include "instant.h"
#include "notice_int.h"
#include "obligation_text.h"

/* Of a whole body, and what is kept of it for what follows the items. Receivers and what stands before them refuse bodies of a
 * megabyte by default; a list of some 500 obligations is about as long as the one in a mail. */
enum { JSON_BYTES = 256 * 1024, JSON_END = 40 };

void json_member(struct buf *b, const char *key, const char *value)
{
    buf_printf(b, ",\"%s\":", key);
    if (value != NULL)
        json_text(b, value);
    else
        buf_text(b, "null");
}

void json_member_date(struct buf *b, const char *key, civil_day d)
{
    char text[CIVIL_TEXT_LEN];
    if (d == CIVIL_NONE)
        buf_printf(b, ",\"%s\":null", key);
    else
        buf_printf(b, ",\"%s\":\"%s\"", key, civil_format(d, text));
}

void envelope_begin(struct buf *b, enum format f, const struct channel *ch, const char *type,
                    const char *message_id, int64_t timestamp, const char *subject)
{
    char at[INSTANT_TEXT_LEN];
    instant_format(timestamp, at);
    if (f != FORMAT_CLOUDEVENTS) {
        buf_printf(b, "{\"type\":\"%s\",\"timestamp\":\"%s\",\"data\":", type, at);
        return;
    }
    buf_text(b, "{\"specversion\":\"1.0\",\"id\":");
    json_text(b, message_id);
    json_member(b, "source", ch->source != NULL ? ch->source : "urn:ehcwatchd");
    json_member(b, "type", type);
    if (subject != NULL && subject[0] != '\0')
        json_member(b, "subject", subject);
    buf_printf(b, ",\"time\":\"%s\",\"datacontenttype\":\"application/json\",\"data\":", at);
}

static void item(struct buf *b, const struct notice_item *i)
{
    static const char *const kinds[] = {"change", "reminder", "escalation"};
    buf_printf(b, "\"notice\":\"%s\"", kinds[i->kind]);
    json_member(b, "case_ref", i->case_ref);
    json_member(b, "limit", i->limit);
    json_member(b, "title", i->title);
    json_member(b, "subject", i->subject);
    json_member(b, "from", i->from == STATE_COUNT ? "none" : state_name(i->from));
    json_member(b, "to", state_name(i->to));
    json_member_date(b, "start_on", i->start);
    json_member_date(b, "due_on", i->due);
    json_member_date(b, "act_by", i->act_by);
    json_member_date(b, "closed_on", i->closed);
    json_member_date(b, "since", i->since);
    buf_printf(b, ",\"days\":%d,\"step\":%d", i->days, i->step);
    json_member(b, "citation", i->citation);
    json_member(b, "locality", i->locality);
    json_member(b, "team", i->team);
    json_member(b, "link", i->link);
}

/* As many as fit; the first always does. */
static void all_items(struct buf *b, const struct notice *n)
{
    size_t shown = 0;
    buf_text(b, ",\"items\":[");
    for (; shown < n->n; shown++) {
        const size_t before = b->n;
        buf_text(b, shown > 0 ? ",{" : "{");
        item(b, &n->items[shown]);
        buf_text(b, "}");
        if (shown > 0 && b->n > JSON_BYTES - JSON_END) {
            buf_back(b, before);
            break;
        }
    }
    buf_text(b, "]");
    if (shown < n->n)
        buf_printf(b, ",\"more\":%zu", n->n - shown);
}

static void notice(struct buf *b, enum format f, const struct channel *ch, const struct notice *n)
{
    envelope_begin(b, f, ch, n->type, n->message_id, n->timestamp, n->n == 1 ? n->items[0].case_ref : NULL);
    buf_text(b, "{");
    if (n->n == 1) {
        item(b, &n->items[0]);
    } else {
        buf_printf(b, "\"count\":%zu", n->n);
        json_member(b, "team", n->team);
        json_member(b, "link", n->link);
    }
    json_member_date(b, "as_of", n->as_of);
    json_member(b, "rulebook", n->rulebook);
    if (n->n > 1)
        all_items(b, n);
    buf_text(b, "}}");
}

void notice_standard(struct buf *b, const struct channel *ch, const struct notice *n)
{
    notice(b, FORMAT_STANDARD, ch, n);
}

void notice_cloudevents(struct buf *b, const struct channel *ch, const struct notice *n)
{
    notice(b, FORMAT_CLOUDEVENTS, ch, n);
}

static void note(struct buf *b, enum format f, const struct channel *ch, const struct note *n)
{
    envelope_begin(b, f, ch, n->type, n->message_id, n->timestamp, NULL);
    buf_text(b, n->data);
    buf_text(b, "}");
}

void note_standard(struct buf *b, const struct channel *ch, const struct note *n)
{
    note(b, FORMAT_STANDARD, ch, n);
}

void note_cloudevents(struct buf *b, const struct channel *ch, const struct note *n)
{
    note(b, FORMAT_CLOUDEVENTS, ch, n);
}
