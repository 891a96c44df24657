#include "case_text.h"

#include <string.h>

#include "case_view.h"
#include "event_words.h"
#include "instant.h"
#include "plain.h"

enum { LABEL = 12, INDENT = 4, WIDTH = 98 };

static size_t characters(const char *s, size_t len)
{
    size_t n = 0;
    for (size_t i = 0; i < len; i++)
        n += ((unsigned char)s[i] & 0xc0) != 0x80;
    return n;
}

/* "    Label       text", the text broken at blanks and kept under itself. */
static void field(struct buf *b, const char *label, const char *text)
{
    size_t at = INDENT + LABEL;
    bool first = true;
    buf_printf(b, "%*s%-*s", INDENT, "", LABEL, label);
    while (*text != '\0') {
        size_t len = strcspn(text, " "), wide = characters(text, len);
        if (!first && at + 1 + wide > WIDTH) {
            buf_printf(b, "\n%*s", INDENT + LABEL, "");
            at = INDENT + LABEL;
        } else if (!first) {
            buf_bytes(b, " ", 1);
            at++;
        }
        buf_bytes(b, text, len);
        at += wide;
        first = false;
        text += len + (text[len] == ' ');
    }
    buf_text(b, "\n");
}

/* Takes the text over, empty again afterwards. */
static void take(struct buf *b, const char *label, struct buf *text)
{
    b->failed |= text->failed;
    if (!text->failed && text->n > 0)
        field(b, label, text->p);
    text->n = 0;
}

static void exceptions(struct buf *b, const struct explanation *x, struct buf *text)
{
    struct explained_exception e;
    const char *label = "Exceptions", *last = explain_exceptions_end(x);
    for (size_t i = 0; explain_has_exceptions(x) && i < x->n_exceptions; i++) {
        if (!explain_exception(x, i, &e))
            continue;
        explain_exception_words(text, x, &e);
        take(b, label, text);
        label = "";
    }
    if (*last != '\0')
        field(b, label, last);
}

static void obligation(struct buf *b, const struct case_view *v, const struct obligation *o, struct buf *text)
{
    static const struct {
        const char *label;
        void (*write)(struct buf *, const struct explanation *);
    } parts[] = {{"State", explain_state}, {"Start", explain_start}};
    struct explanation x;
    explain(&x, &v->about, o);
    buf_text(b, "\n");
    buf_plain(b, x.limit->title);
    subject_words(b, v->about.subjects, o->subject);
    buf_printf(b, "  [%s, %s]\n", x.limit->id, limit_kind_name(x.limit->kind));
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        parts[i].write(text, &x);
        take(b, parts[i].label, text);
    }
    field(b, "Counted", x.count);
    explain_due(text, &x);
    take(b, "Due", text);
    explain_closing(text, &x);
    take(b, explain_closing_label(&x), text);
    exceptions(b, &x, text);
    explain_source(text, &x);
    take(b, "Source", text);
    for (size_t i = 0; i < law_note_count(); i++) {
        if (!explain_noted(&x, i))
            continue;
        buf_printf(text, "%s %s", law_note_at(i)->text, law_note_at(i)->citation);
        take(b, "Note", text);
    }
}

static void head(struct buf *b, const struct case_text_about *about, const struct case_view *v,
                 struct buf *text)
{
    const struct judge_how *how = &about->how;
    const struct {
        const char *label;
        uint32_t place;
    } places[] = {{"Locality", v->head.locality}, {"Team", v->head.team}, {"Officer", v->head.officer}};
    char known[INSTANT_TEXT_LEN];
    buf_text(b, "Case ");
    buf_plain(b, v->ref.p);
    buf_text(b, "\n");
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        buf_plain(text, names_text(how->words->places, places[i].place));
        take(b, places[i].label, text);
    }
    field(b, "Stage",
          v->there ? stage_name(v->stage) : "none: nothing is known to have happened by that day");
    day_words(text, how->as_of);
    buf_printf(text, ", as it was known at %s; rulebook %s",
               instant_format(how->known_at == KNOWN_NOW ? about->read_at : how->known_at, known),
               how->rulebook->version);
    take(b, "As of", text);
    if (!v->any_open)
        return;
    buf_days(text, v->drift < 0 ? -v->drift : v->drift);
    buf_text(text, v->drift > 0 ? " behind the first date that is not kept" : " in hand until the next date");
    buf_text(text, v->watched ? " (of the limits under watch)" : " (of the limits shown here)");
    take(b, "Drift", text);
}

static void facts(struct buf *b, const struct case_view *v, struct buf *text)
{
    const struct case_facts *cf = &v->room.view;
    char day[CIVIL_TEXT_LEN];
    buf_text(b, "\nFacts\n");
    for (size_t i = 0; i < cf->n; i++) {
        const struct fact *f = &cf->facts[i];
        buf_text(text, event_words((enum event)f->event));
        subject_words(text, v->about.subjects, f->subject);
        take(b, civil_format(f->on, day), text);
    }
}

void case_plain(struct buf *b, const struct case_text_about *about, const unsigned char *record)
{
    struct case_view v;
    struct buf text = {0};
    if (case_view_make(&v, &about->how, record)) {
        case_view_watched(&v, &about->how, about->watched);
        head(b, about, &v, &text);
        for (size_t i = 0; i < v.n; i++)
            obligation(b, &v, &v.obligations[i], &text);
        facts(b, &v, &text);
    } else {
        b->failed = true;
    }
    buf_free(&text);
    case_view_free(&v);
}
