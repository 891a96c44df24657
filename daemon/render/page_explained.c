#include "event_words.h"
#include "html.h"
#include "page_case.h"

/* A term and what is said of it; the text begins a sentence and is empty afterwards. Nothing when it is empty already. */
static void term(struct buf *b, const char *label, struct buf *text)
{
    b->failed |= text->failed;
    if (!text->failed && text->n > 0) {
        buf_printf(b, "<div><dt>%s</dt><dd>", label);
        html_sentence(b, text->p);
        buf_text(b, ".</dd></div>\n");
    }
    text->n = 0;
}

static void exceptions(struct buf *b, const struct explanation *x, struct buf *text)
{
    const char *last = explain_exceptions_end(x);
    struct explained_exception e;
    if (*last == '\0')
        return;
    buf_text(b, "<div><dt>Exceptions</dt><dd>");
    for (size_t i = 0; explain_has_exceptions(x) && i < x->n_exceptions; i++) {
        if (!explain_exception(x, i, &e))
            continue;
        text->n = 0;
        explain_exception_words(text, x, &e);
        b->failed |= text->failed;
        if (text->failed || text->n == 0)
            continue;
        html_sentence(b, text->p);
        buf_text(b, ".<br>\n");
    }
    text->n = 0;
    html_sentence(b, last);
    buf_text(b, ".</dd></div>\n");
}

void page_explained(struct buf *b, const struct case_view *v, const struct obligation *o)
{
    static const struct {
        const char *label;
        void (*write)(struct buf *, const struct explanation *);
    } parts[] = {{"State", explain_state}, {"Start", explain_start}};
    struct explanation x;
    struct buf text = {0};
    explain(&x, &v->about, o);
    buf_text(b, "<dl class=\"explained\">\n");
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        parts[i].write(&text, &x);
        term(b, parts[i].label, &text);
    }
    buf_text(&text, x.count);
    term(b, "Counted", &text);
    explain_due(&text, &x);
    term(b, "Due", &text);
    if (x.ending != ENDING_BIRTHDAY && x.ending != ENDING_WITHDRAWN) { /* which the state says */
        explain_closing(&text, &x);
        term(b, explain_closing_label(&x), &text);
    }
    exceptions(b, &x, &text);
    explain_source(&text, &x);
    term(b, "Source", &text);
    for (size_t i = 0; i < law_note_count(); i++) {
        if (!explain_noted(&x, i))
            continue;
        buf_printf(b, "<div><dt>Note</dt><dd>%s %s.</dd></div>\n", law_note_at(i)->text,
                   law_note_at(i)->citation);
    }
    buf_text(b, "</dl>\n");
    buf_free(&text);
}
