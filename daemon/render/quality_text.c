#include "quality_text.h"

#include <stdlib.h>

#include "instant.h"
#include "obligation_text.h"
#include "utf8.h"

#define PIECE 16384

struct quality_cursor {
    struct quality_list *list;
    enum quality_format format;
    int64_t evaluated_at;
    size_t row;
    bool begun, ended;
    struct buf piece; /* rendered and not yet read from `at` on */
    size_t at;
    struct buf ref; /* the case reference with its NUL */
};

struct finding_words finding_words(const struct finding *f, const struct rulebook *rb,
                                   const struct names *subjects)
{
    if (f->kind == FINDING_EXCEPTION_UNSUPPORTED)
        return (struct finding_words){ground_name((enum ground)f->event), rb->rule[f->subject].limit->id};
    return (struct finding_words){f->event == EV_UNKNOWN ? "" : event_name((enum event)f->event),
                                  names_text(subjects, f->subject)};
}

static void csv_field(struct buf *b, const char *s)
{
    struct buf clean = {0};
    if (utf8_valid(s)) {
        buf_csv_guarded(b, s);
    } else {
        buf_utf8(&clean, s);
        b->failed |= clean.failed;
        if (!clean.failed)
            buf_csv_guarded(b, clean.p);
        buf_free(&clean);
    }
    buf_bytes(b, ",", 1);
}

static void csv_date(struct buf *b, civil_day d)
{
    char text[CIVIL_TEXT_LEN];
    buf_text(b, civil_format(d, text));
    buf_bytes(b, ",", 1);
}

/* A line end in place of the last comma. */
static void csv_end(struct buf *b)
{
    if (!b->failed)
        b->p[b->n - 1] = '\n';
}

const char *finding_csv_header(void)
{
    return "case_ref,kind,event,subject,occurred_on,explanation\n";
}

void finding_csv_row(struct buf *b, const char *case_ref, enum finding_kind kind, struct finding_words words,
                     civil_day on, const char *where)
{
    struct buf told = {0};
    buf_printf(&told, "%s%s%s", where, *where != '\0' ? ": " : "", finding_explanation(kind));
    csv_field(b, case_ref);
    csv_field(b, finding_id(kind));
    csv_field(b, words.event);
    csv_field(b, words.subject);
    csv_date(b, on);
    csv_field(b, told.failed ? "" : told.p);
    b->failed |= told.failed;
    buf_free(&told);
    csv_end(b);
}

/* --- one item of the list -------------------------------------------------------------------------------------------- */

/* What is shown of an item, with "" for what it does not have. */
struct shown {
    enum finding_kind kind;
    struct finding_words words;
    civil_day on;
    bool has_case; /* case_id is one */
    int64_t case_id;
    const char *ref; /* NULL: of no case that was read */
    const char *locality, *team, *officer;
};

static struct shown show(struct quality_cursor *c, size_t i)
{
    const struct snapshot *s = c->list->snapshot;
    const struct quality_item item = quality_list_item(c->list, i);
    struct shown x = {.kind = (enum finding_kind)item.finding.kind,
                      .words = {"", ""},
                      .on = item.finding.on,
                      .locality = "",
                      .team = "",
                      .officer = ""};
    if (item.rejected != NULL) {
        x.words.event = item.rejected->text;
        x.has_case = item.rejected->has_case;
        x.case_id = item.rejected->case_id;
    } else {
        x.words = finding_words(&item.finding, s->rulebook, s->words->subjects);
    }
    if (item.record != NULL) {
        struct record_case k;
        record_head(item.record, &k);
        c->ref.n = 0;
        buf_bytes(&c->ref, k.ref, k.ref_len);
        x.ref = c->ref.failed ? "" : c->ref.p;
        x.has_case = true;
        x.case_id = k.id;
        x.locality = names_text(s->words->places, k.locality);
        x.team = names_text(s->words->places, k.team);
        x.officer = names_text(s->words->places, k.officer);
    }
    return x;
}

static void csv_row(struct buf *b, const struct shown *x)
{
    csv_field(b, x->ref != NULL ? x->ref : "");
    if (x->has_case)
        buf_printf(b, "%lld", (long long)x->case_id);
    buf_bytes(b, ",", 1);
    csv_field(b, finding_id(x->kind));
    csv_field(b, finding_severity_name(finding_severity(x->kind)));
    csv_field(b, x->words.event);
    csv_field(b, x->words.subject);
    csv_date(b, x->on);
    csv_field(b, finding_explanation(x->kind));
    csv_field(b, x->locality);
    csv_field(b, x->team);
    csv_field(b, x->officer);
    csv_end(b);
}

static void json_member(struct buf *b, const char *name, const char *value)
{
    buf_printf(b, ",\"%s\":", name);
    if (value != NULL)
        json_text(b, value);
    else
        buf_text(b, "null");
}

static void json_item(struct buf *b, const struct shown *x, bool first)
{
    char day[CIVIL_TEXT_LEN];
    buf_text(b, first ? "\n{\"case_ref\":" : ",\n{\"case_ref\":");
    if (x->ref != NULL)
        json_text(b, x->ref);
    else
        buf_text(b, "null");
    if (x->has_case)
        buf_printf(b, ",\"case_id\":%lld", (long long)x->case_id);
    else
        buf_text(b, ",\"case_id\":null");
    json_member(b, "kind", finding_id(x->kind));
    json_member(b, "severity", finding_severity_name(finding_severity(x->kind)));
    json_member(b, "event", *x->words.event != '\0' ? x->words.event : NULL);
    json_member(b, "subject", *x->words.subject != '\0' ? x->words.subject : NULL);
    json_member(b, "occurred_on", x->on != CIVIL_NONE ? civil_format(x->on, day) : NULL);
    json_member(b, "explanation", finding_explanation(x->kind));
    json_member(b, "locality", x->ref != NULL ? x->locality : NULL);
    json_member(b, "team", x->ref != NULL ? x->team : NULL);
    json_member(b, "officer", x->ref != NULL ? x->officer : NULL);
    buf_text(b, "}");
}

/* --- piece by piece -------------------------------------------------------------------------------------------------- */

struct quality_cursor *quality_cursor_new(struct quality_list *list, enum quality_format format,
                                          int64_t evaluated_at)
{
    struct quality_cursor *c = calloc(1, sizeof *c);
    if (c == NULL) {
        quality_list_free(list);
        return NULL;
    }
    c->list = list;
    c->format = format;
    c->evaluated_at = evaluated_at;
    return c;
}

void quality_cursor_free(struct quality_cursor *c)
{
    if (c == NULL)
        return;
    quality_list_free(c->list);
    buf_free(&c->piece);
    buf_free(&c->ref);
    free(c);
}

static void json_begin(struct quality_cursor *c)
{
    const struct snapshot *s = c->list->snapshot;
    const struct quality_share *x = &s->tally.exceptions;
    char as_of[CIVIL_TEXT_LEN], evaluated[INSTANT_TEXT_LEN], known[INSTANT_TEXT_LEN];
    buf_printf(&c->piece,
               "{\"as_of\":\"%s\",\"evaluated_at\":\"%s\",\"known_at\":\"%s\",\"rulebook\":\"%s\","
               "\"findings\":%zu,\"unlisted\":%llu,",
               civil_format(s->as_of, as_of), instant_format(c->evaluated_at, evaluated),
               instant_format(snapshot_known_at(s), known), s->rulebook->version, c->list->n,
               (unsigned long long)c->list->unlisted);
    buf_printf(&c->piece,
               "\"exceptions\":{\"limit\":\"" QUALITY_EXCEPTION_LIMIT
               "\",\"obligations\":%llu,\"excepted\":%llu,\"implausible\":%s},\"items\":[",
               (unsigned long long)x->obligations, (unsigned long long)x->excepted,
               quality_exceptions_implausible(x) ? "true" : "false");
}

static void render(struct quality_cursor *c)
{
    c->piece.n = c->at = 0;
    if (!c->begun && c->format == QUALITY_CSV)
        buf_text(&c->piece, "case_ref,case_id,kind,severity,event,subject,occurred_on,explanation,"
                            "locality,team,officer\n");
    else if (!c->begun)
        json_begin(c);
    c->begun = true;
    for (; c->row < c->list->n && c->piece.n < PIECE && !c->piece.failed; c->row++) {
        const struct shown x = show(c, c->row);
        if (c->format == QUALITY_CSV)
            csv_row(&c->piece, &x);
        else
            json_item(&c->piece, &x, c->row == 0);
    }
    if (c->row < c->list->n)
        return;
    if (c->format == QUALITY_JSON)
        buf_text(&c->piece, c->list->n > 0 ? "\n]}\n" : "]}\n");
    c->ended = true;
}

size_t quality_cursor_read(struct quality_cursor *c, char *out, size_t max)
{
    if (c->at == c->piece.n && !c->ended)
        render(c);
    if (c->piece.failed || c->ref.failed)
        return QUALITY_TEXT_FAILED;
    return buf_read(&c->piece, &c->at, out, max);
}
