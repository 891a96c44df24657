#include "breach_text.h"

#include <stdlib.h>
#include <string.h>

#include "instant.h"
#include "obligation_text.h"
#include "utf8.h"

#define PIECE 16384

struct breach_cursor {
    struct breach_list *list;
    enum breach_format format;
    struct breach_text_about about;
    size_t row;
    bool begun, ended;
    struct buf piece; /* rendered and not yet read from `at` on */
    size_t at;
    struct buf ref, clean;
};

struct breach_cursor *breach_cursor_new(struct breach_list *list, enum breach_format format,
                                        const struct breach_text_about *about)
{
    struct breach_cursor *c = calloc(1, sizeof *c);
    if (c == NULL) {
        breach_list_free(list);
        return NULL;
    }
    c->list = list;
    c->format = format;
    c->about = *about;
    return c;
}

void breach_cursor_free(struct breach_cursor *c)
{
    if (c == NULL)
        return;
    breach_list_free(c->list);
    buf_free(&c->piece);
    buf_free(&c->ref);
    buf_free(&c->clean);
    free(c);
}

/* The case reference with its NUL; "" when memory is short, which the buffer remembers. */
static const char *ref_text(struct breach_cursor *c, const struct record_case *k)
{
    c->ref.n = 0;
    buf_bytes(&c->ref, k->ref, k->ref_len);
    return c->ref.failed ? "" : c->ref.p;
}

static void csv_field(struct breach_cursor *c, const char *s)
{
    if (!utf8_valid(s)) {
        c->clean.n = 0;
        buf_utf8(&c->clean, s);
        s = c->clean.failed ? "" : c->clean.p;
    }
    buf_csv_guarded(&c->piece, s);
    buf_bytes(&c->piece, ",", 1);
}

static void csv_date(struct breach_cursor *c, civil_day d)
{
    char text[CIVIL_TEXT_LEN];
    buf_text(&c->piece, civil_format(d, text));
    buf_bytes(&c->piece, ",", 1);
}

static void csv_row(struct breach_cursor *c, const struct obligation *o, const struct record_case *k)
{
    const struct words *w = c->list->snapshot->words;
    const struct limit *l = obligation_limit(c->about.rulebook, o);
    csv_field(c, ref_text(c, k));
    csv_field(c, l->id);
    csv_field(c, l->title);
    csv_field(c, limit_kind_name(l->kind));
    csv_field(c, names_text(w->subjects, o->subject));
    csv_date(c, o->start);
    csv_date(c, o->due);
    csv_date(c, obligation_safe_on(c->about.rulebook, o));
    csv_date(c, obligation_act_by(c->about.rulebook, c->about.calendar, o));
    csv_field(c, state_name((enum state)o->state));
    csv_field(c, exception_verdict_name((enum exception_verdict)o->exception));
    buf_printf(&c->piece, "%d,", o->days);
    csv_field(c, names_text(w->places, k->locality));
    csv_field(c, names_text(w->places, k->team));
    csv_field(c, names_text(w->places, k->officer));
    csv_field(c, l->citation);
    if (!c->piece.failed)
        c->piece.p[c->piece.n - 1] = '\n'; /* in place of the last comma */
}

static void json_member(struct buf *b, const char *name, const char *value)
{
    buf_printf(b, ",\"%s\":", name);
    json_text(b, value);
}

static void json_item(struct breach_cursor *c, const struct obligation *o, const struct record_case *k)
{
    const struct words *w = c->list->snapshot->words;
    const struct obligation_text t = {c->about.rulebook, c->about.calendar, w->subjects};
    struct buf *b = &c->piece;
    buf_text(b, c->row == 0 ? "\n" : ",\n");
    obligation_json(b, &t, ref_text(c, k), o);
    if (b->failed)
        return;
    b->n--; /* the object goes on */
    json_member(b, "locality", names_text(w->places, k->locality));
    json_member(b, "team", names_text(w->places, k->team));
    json_member(b, "officer", names_text(w->places, k->officer));
    buf_text(b, "}");
}

static void json_begin(struct breach_cursor *c)
{
    const struct breach_list *list = c->list;
    char as_of[CIVIL_TEXT_LEN], evaluated[INSTANT_TEXT_LEN], known[INSTANT_TEXT_LEN];
    buf_printf(&c->piece,
               "{\"as_of\":\"%s\",\"evaluated_at\":\"%s\",\"known_at\":\"%s\",\"rulebook\":\"%s\","
               "\"obligations\":%zu,\"cases\":%zu,\"items\":[",
               civil_format(list->snapshot->as_of, as_of), instant_format(c->about.evaluated_at, evaluated),
               instant_format(list->snapshot->read_at, known), RULEBOOK_VERSION, list->n, list->n_cases);
}

static void render(struct breach_cursor *c)
{
    c->piece.n = c->at = 0;
    if (!c->begun && c->format == BREACH_CSV)
        buf_text(&c->piece,
                 "case_ref,limit,title,kind,subject,start_on,due_on,safe_on,act_by,state,exception,"
                 "days,locality,team,officer,citation\n");
    else if (!c->begun)
        json_begin(c);
    c->begun = true;
    for (; c->row < c->list->n && c->piece.n < PIECE && !c->piece.failed; c->row++) {
        struct record_case k;
        record_head(breach_list_record(c->list, c->row), &k);
        if (c->format == BREACH_CSV)
            csv_row(c, breach_list_obligation(c->list, c->row), &k);
        else
            json_item(c, breach_list_obligation(c->list, c->row), &k);
    }
    if (c->row < c->list->n)
        return;
    if (c->format == BREACH_JSON)
        buf_text(&c->piece, c->list->n > 0 ? "\n]}\n" : "]}\n");
    c->ended = true;
}

size_t breach_cursor_read(struct breach_cursor *c, char *out, size_t max)
{
    if (c->at == c->piece.n && !c->ended)
        render(c);
    if (c->piece.failed || c->ref.failed || c->clean.failed)
        return BREACH_TEXT_FAILED;
    size_t n = c->piece.n - c->at;
    n = n < max ? n : max;
    if (n > 0)
        memcpy(out, c->piece.p + c->at, n);
    c->at += n;
    return n;
}
