#include "baseline_text.h"

#include "instant.h"
#include "obligation_text.h"

enum baseline_reason baseline_reason(const struct baseline_about *a)
{
    if (a->bulk)
        return BASELINE_BULK_IMPORT;
    if (a->fresh != 0 && a->began == BASELINE_FIRST_RUN)
        return BASELINE_FIRST_RUN;
    return a->rewritten != 0 ? BASELINE_RULEBOOK : a->fresh != 0 ? BASELINE_NEW_LIMIT : BASELINE_NONE;
}

static const struct {
    const char *title, *text, *next;
} words[] = {
    [BASELINE_NONE] = {"", "", ""},
    [BASELINE_FIRST_RUN] = {"EHC time limits: the watch has begun",
                            "What is so already has been counted once, without a message for each.",
                            "From now on you are told of what changes."},
    [BASELINE_NEW_LIMIT] =
        {"EHC time limits: more of them are under watch",
         "The time limits that are new under watch have been counted once, without a message "
         "for each.",
         "From now on you are told of what changes."},
    [BASELINE_RULEBOOK] = {"EHC time limits: the rules have changed",
                           "What changed only because of them is recorded, without a message for each.",
                           "What happened or fell due since is told as ever."},
    [BASELINE_BULK_IMPORT] =
        {"EHC time limits: many cases have changed at once",
         "That looks like an import. What it brought is recorded, without a message for each.",
         "What fell due since the last evaluation is told as ever, and so is every change "
         "from now on."},
};

static enum baseline_reason reason_of(const struct baseline_about *a, size_t limit)
{
    return (a->fresh & LIMIT_BIT(limit)) != 0       ? a->began
           : (a->rewritten & LIMIT_BIT(limit)) != 0 ? BASELINE_RULEBOOK
           : a->bulk                                ? BASELINE_BULK_IMPORT
                                                    : BASELINE_NONE;
}

static void limits(struct buf *b, const struct baseline_about *a)
{
    const struct snapshot *s = a->snapshot;
    bool first = true;
    for (size_t i = 0; i < s->rulebook->n; i++) {
        enum baseline_reason why = reason_of(a, i);
        if (why == BASELINE_NONE || (s->limits & LIMIT_BIT(i)) == 0)
            continue;
        const struct limit *l = s->rulebook->rule[i].limit;
        buf_printf(b, "%s{\"limit\":\"%s\",\"title\":", first ? "" : ",", l->id);
        json_text(b, l->title);
        buf_printf(b, ",\"reason\":\"%s\"", baseline_reason_name(why));
        for (int st = 0; st < STATE_COUNT; st++)
            buf_printf(b, ",\"%s\":%u", state_name((enum state)st), s->tally.states[i][st]);
        buf_text(b, "}");
        first = false;
    }
}

static void data(struct buf *b, const struct baseline_about *a)
{
    const struct snapshot *s = a->snapshot;
    char as_of[CIVIL_TEXT_LEN], known[INSTANT_TEXT_LEN];
    buf_printf(b, "{\"reason\":\"%s\",\"changed_cases\":", baseline_reason_name(baseline_reason(a)));
    if (a->bulk)
        buf_printf(b, "%zu", a->bulk_cases);
    else
        buf_text(b, "null");
    buf_printf(
        b, ",\"cases\":%zu,\"breached_cases\":%u,\"as_of\":\"%s\",\"known_at\":\"%s\",\"rulebook\":\"%s\"",
        s->n_cases, s->tally.breached_cases, civil_format(s->as_of, as_of), instant_format(s->read_at, known),
        s->rulebook->version);
    buf_text(b, ",\"limits\":[");
    limits(b, a);
    buf_text(b, "],\"link\":");
    if (a->link != NULL)
        json_text(b, a->link);
    else
        buf_text(b, "null");
    buf_text(b, "}");
}

void baseline_body(struct buf *b, enum format f, const struct channel *ch, const struct baseline_about *a)
{
    const struct snapshot *s = a->snapshot;
    enum baseline_reason why = baseline_reason(a);
    unsigned overdue = 0, soon = 0;
    struct buf json = {0}, standing = {0};
    for (size_t i = 0; i < s->rulebook->n; i++) {
        overdue += reason_of(a, i) != BASELINE_NONE ? s->tally.states[i][STATE_BREACHED] : 0;
        soon += reason_of(a, i) != BASELINE_NONE ? s->tally.states[i][STATE_AT_RISK] : 0;
    }
    data(&json, a);
    if (a->bulk)
        buf_printf(&standing, "%zu cases have changed. ", a->bulk_cases);
    buf_printf(&standing, "As it stands, %u are overdue and %u due soon, in %zu cases.", overdue, soon,
               s->n_cases);
    b->failed |= json.failed || standing.failed;
    if (!b->failed) {
        const char *const text[] = {words[why].text, standing.p, words[why].next};
        note_body(b, f, ch,
                  &(struct note){
                      .type = "baseline.summary",
                      .message_id = a->message_id,
                      .title = words[why].title,
                      .text = text,
                      .n_text = sizeof text / sizeof text[0],
                      .data = json.p,
                      .link = a->link,
                      .timestamp = a->timestamp,
                  });
    }
    buf_free(&json);
    buf_free(&standing);
}
