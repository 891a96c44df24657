#include "breach_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "instant.h"
#include "obligation_text.h"
#include "plain.h"
#include "utf8.h"

#define PIECE 16384

#define CHUNKS_A_BYTE 64 /* of a walk: some tenths of a second */

/* The rows come from the list; of a walk it is there when the walk is at its end. */
struct breach_cursor {
    struct breach_list *list;
    struct breach_walk *walk;
    size_t steps; /* of the walk */
    const struct words *words;
    civil_day as_of;
    int64_t known_at;
    enum breach_format format;
    struct breach_text_about about;
    size_t row;      /* of the list */
    size_t rendered; /* in all */
    bool begun, ended, failed;
    struct buf piece; /* rendered and not yet read from `at` on */
    size_t at;
    struct buf ref, clean;
};

static struct breach_cursor *cursor_new(enum breach_format format, const struct breach_text_about *about)
{
    struct breach_cursor *c = calloc(1, sizeof *c);
    if (c == NULL)
        return NULL;
    c->format = format;
    c->about = *about;
    return c;
}

struct breach_cursor *breach_cursor_new(struct breach_list *list, enum breach_format format,
                                        const struct breach_text_about *about)
{
    struct breach_cursor *c = cursor_new(format, about);
    if (c == NULL) {
        breach_list_free(list);
        return NULL;
    }
    c->list = list;
    c->words = list->snapshot->words;
    c->as_of = list->snapshot->as_of;
    c->known_at = snapshot_known_at(list->snapshot);
    return c;
}

struct breach_cursor *breach_cursor_walk(struct breach_walk *walk, enum breach_format format,
                                         const struct breach_text_about *about)
{
    struct breach_cursor *c = cursor_new(format, about);
    if (c == NULL) {
        breach_walk_free(walk);
        return NULL;
    }
    c->walk = walk;
    c->words = walk->snapshot->words;
    c->as_of = walk->how.as_of;
    c->known_at = walk->how.known_at == KNOWN_NOW ? walk->snapshot->read_at : walk->how.known_at;
    return c;
}

void breach_cursor_free(struct breach_cursor *c)
{
    if (c == NULL)
        return;
    breach_list_free(c->list);
    breach_walk_free(c->walk);
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
    const struct words *w = c->words;
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
    const struct words *w = c->words;
    const struct obligation_text t = {c->about.rulebook, c->about.calendar, w->subjects};
    struct buf *b = &c->piece;
    buf_text(b, c->rendered == 0 ? "\n" : ",\n");
    obligation_json(b, &t, ref_text(c, k), o);
    if (b->failed)
        return;
    b->n--; /* the object goes on */
    json_member(b, "locality", names_text(w->places, k->locality));
    json_member(b, "team", names_text(w->places, k->team));
    json_member(b, "officer", names_text(w->places, k->officer));
    buf_text(b, "}");
}

/* What is known before the list is. */
static void json_begin(struct breach_cursor *c)
{
    char as_of[CIVIL_TEXT_LEN], evaluated[INSTANT_TEXT_LEN], known[INSTANT_TEXT_LEN];
    buf_printf(&c->piece,
               "{\"as_of\":\"%s\",\"evaluated_at\":\"%s\",\"known_at\":\"%s\",\"rulebook\":\"%s\",",
               civil_format(c->as_of, as_of), instant_format(c->about.evaluated_at, evaluated),
               instant_format(c->known_at, known), c->about.rulebook->version);
}

static void json_totals(struct breach_cursor *c)
{
    buf_printf(&c->piece, "\"obligations\":%zu,\"cases\":%zu,\"items\":[", c->list->n, c->list->n_cases);
}

static void json_end(struct breach_cursor *c)
{
    buf_text(&c->piece, c->rendered > 0 ? "\n]}\n" : "]}\n");
}

/* --- text ------------------------------------------------------------------------------------------------------------ */

enum { REF_WIDTH = 16, WHAT_WIDTH = 46, STATE_WIDTH = 20, PLACE_WIDTH = 14 };

static void text_row(struct breach_cursor *c, const struct obligation *o, const struct record_case *k)
{
    char due[CIVIL_TEXT_LEN], what[160], state[40];
    const struct limit *l = obligation_limit(c->about.rulebook, o);
    const char *subject = names_text(c->words->subjects, o->subject);
    snprintf(what, sizeof what, *subject != '\0' ? "%s (%s)" : "%s", l->title, subject);
    snprintf(state, sizeof state, o->state == STATE_EXCEPTED ? "%s %s" : "%s",
             state_name((enum state)o->state),
             o->exception == EXCEPTION_UNVERIFIED ? "unverified" : "supported");
    buf_printf(&c->piece, "%6d  %s  ", o->days, civil_format(o->due, due));
    buf_plain_column(&c->piece, ref_text(c, k), REF_WIDTH);
    buf_text(&c->piece, "  ");
    buf_plain_column(&c->piece, what, WHAT_WIDTH);
    buf_text(&c->piece, "  ");
    buf_plain_column(&c->piece, state, STATE_WIDTH);
    const uint32_t places[] = {k->locality, k->team};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        buf_text(&c->piece, "  ");
        buf_plain_column(&c->piece, names_text(c->words->places, places[i]), PLACE_WIDTH);
    }
    buf_text(&c->piece, "  ");
    buf_plain(&c->piece, names_text(c->words->places, k->officer));
    while (!c->piece.failed && c->piece.p[c->piece.n - 1] == ' ')
        c->piece.n--;
    buf_text(&c->piece, "\n");
}

static void text_begin(struct breach_cursor *c)
{
    char day[32], known[INSTANT_TEXT_LEN];
    struct buf *b = &c->piece;
    buf_printf(b, "Overdue on %s, as known at %s (rulebook %s)\n\n", civil_words(c->as_of, day, sizeof day),
               instant_format(c->known_at, known), c->about.rulebook->version);
    buf_text(b, "  days  due         ");
    buf_plain_column(b, "case", REF_WIDTH + 2);
    buf_plain_column(b, "what", WHAT_WIDTH + 2);
    buf_plain_column(b, "state", STATE_WIDTH + 2);
    buf_plain_column(b, "locality", PLACE_WIDTH + 2);
    buf_plain_column(b, "team", PLACE_WIDTH + 2);
    buf_text(b, "officer\n");
}

static void text_end(struct breach_cursor *c)
{
    size_t n = c->list->n, cases = c->list->n_cases;
    buf_printf(&c->piece, "\n%zu obligation%s in %zu case%s\n", n, n == 1 ? "" : "s", cases,
               cases == 1 ? "" : "s");
}

/* --- piece by piece -------------------------------------------------------------------------------------------------- */

static void begin(struct breach_cursor *c)
{
    switch (c->format) {
    case BREACH_CSV:
        buf_text(&c->piece,
                 "case_ref,limit,title,kind,subject,start_on,due_on,safe_on,act_by,state,exception,"
                 "days,locality,team,officer,citation\n");
        break;
    case BREACH_JSON:
        json_begin(c);
        break;
    case BREACH_TEXT:
        text_begin(c);
        break;
    }
    c->begun = true;
}

static void end(struct breach_cursor *c)
{
    if (c->format == BREACH_JSON)
        json_end(c);
    else if (c->format == BREACH_TEXT)
        text_end(c);
    c->ended = true;
}

static void one_row(struct breach_cursor *c, const struct obligation *o, const unsigned char *record)
{
    struct record_case k;
    record_head(record, &k);
    switch (c->format) {
    case BREACH_CSV:
        csv_row(c, o, &k);
        break;
    case BREACH_JSON:
        json_item(c, o, &k);
        break;
    case BREACH_TEXT:
        text_row(c, o, &k);
        break;
    }
    c->rendered++;
}

/* One step of the walk; at its end the list takes its place. */
static void step(struct breach_cursor *c)
{
    int more = breach_walk_next(c->walk);
    c->failed |= more < 0;
    c->steps++;
    if (more != 0)
        return;
    c->list = breach_walk_list(c->walk);
    c->failed |= c->list == NULL;
    breach_walk_free(c->walk);
    c->walk = NULL;
}

static void render(struct breach_cursor *c)
{
    c->piece.n = c->at = 0;
    if (!c->begun)
        begin(c);
    if (c->list == NULL)
        return;
    if (c->format == BREACH_JSON && c->row == 0)
        json_totals(c);
    for (; c->row < c->list->n && c->piece.n < PIECE && !c->piece.failed; c->row++)
        one_row(c, breach_list_obligation(c->list, c->row), breach_list_record(c->list, c->row));
    if (c->row == c->list->n)
        end(c);
}

/* How much of what is rendered may go out: of the first line no more than has been earned, and its last byte with the list. */
static size_t due(const struct breach_cursor *c)
{
    size_t left = c->piece.n - c->at, earned = 1 + c->steps / CHUNKS_A_BYTE;
    if (c->walk == NULL)
        return left;
    earned = earned < c->piece.n ? earned : c->piece.n - 1;
    return earned > c->at ? earned - c->at : 0;
}

size_t breach_cursor_read(struct breach_cursor *c, char *out, size_t max)
{
    if (c->walk != NULL && c->begun)
        step(c);
    if (!c->failed && c->at == c->piece.n && !c->ended)
        render(c);
    if (c->failed || c->piece.failed || c->ref.failed || c->clean.failed)
        return BREACH_TEXT_FAILED;
    size_t n = due(c);
    if (n == 0 && !c->ended)
        return BREACH_TEXT_AGAIN;
    n = n < max ? n : max;
    if (n > 0)
        memcpy(out, c->piece.p + c->at, n);
    c->at += n;
    return n;
}
