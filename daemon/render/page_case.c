#include "page_case.h"

#include <string.h>

#include "event_words.h"
#include "html.h"
#include "page_form.h"
#include "plain.h"
#include "rag.h"

struct rag_mark page_mark(const struct case_view *v, const struct obligation *o)
{
    return rag_mark(obligation_limit(v->about.rulebook, o), (enum state)o->state, !obligation_is_owed(o));
}

/* --- the head --------------------------------------------------------------------------------------------------------- */

static const char *stage_words(const struct case_view *v)
{
    static const char *const words[STAGE_COUNT] = {
        [STAGE_REQUESTED] = "Requested: not decided yet whether to assess",
        [STAGE_ASSESSING] = "Being assessed: no plan and no refusal yet",
        [STAGE_REFUSED] = "Refused, and nothing since",
        [STAGE_PLAN] = "A plan is in force",
        [STAGE_ENDED] = "Ended",
    };
    return v->there ? words[v->stage] : "None: nothing is known to have happened by that day";
}

static void head(struct buf *b, const struct case_view *v, const struct judge_how *how)
{
    const struct {
        const char *label;
        uint32_t place;
    } places[] = {{"Locality", v->head.locality}, {"Team", v->head.team}, {"Officer", v->head.officer}};
    buf_text(b, "<dl class=\"facts\">\n");
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        const char *name = names_text(how->words->places, places[i].place);
        buf_printf(b, "<div><dt>%s</dt><dd>", places[i].label);
        if (*name != '\0')
            html_name(b, name);
        else
            buf_text(b, "not recorded");
        buf_text(b, "</dd></div>\n");
    }
    buf_printf(b, "<div><dt>Stage</dt><dd>%s</dd></div>\n</dl>\n<p class=\"lead\">", stage_words(v));
    if (!v->any_open) {
        buf_text(b, "No time limit is running.");
    } else {
        buf_days(b, v->drift < 0 ? -v->drift : v->drift);
        buf_text(b, v->drift > 0 ? " behind the first date that was not kept."
                                 : " in hand until the next date.");
    }
    buf_text(b, "</p>\n");
}

static void date_form(struct buf *b, const struct page_frame *f)
{
    struct buf action = {0};
    const struct page_field fields[] = {
        {.type = FIELD_DATE, .name = "as_of", .label = "Show the position on", .hint = ""},
        {.type = FIELD_TEXT,
         .name = "known_at",
         .label = "As it was known at",
         .hint = "For example 2026-03-04T17:00:00Z. Leave empty for what is known now."},
    };
    buf_text(&action, "/v1/cases/");
    html_url_part(&action, f->name, strlen(f->name));
    b->failed |= action.failed;
    if (!action.failed)
        page_form(b, &(struct page_form){.id = "moment",
                                         .label = "Another date",
                                         .action = action.p,
                                         .query = f->query,
                                         .keep = PAGE_KEEP_NONE,
                                         .field = fields,
                                         .n = sizeof fields / sizeof fields[0],
                                         .button = "Show"});
    buf_free(&action);
}

/* --- what is owed ----------------------------------------------------------------------------------------------------- */

static void title(struct buf *b, const struct case_view *v, const struct obligation *o)
{
    struct buf text = {0};
    buf_text(&text, obligation_limit(v->about.rulebook, o)->title);
    subject_words(&text, v->about.subjects, o->subject);
    b->failed |= text.failed;
    if (!text.failed)
        html_text(b, text.p);
    buf_free(&text);
}

static void owed_row(struct buf *b, const struct case_view *v, size_t i, bool open)
{
    const struct obligation *o = &v->obligations[i];
    bool birthday = obligation_ended_by_birthday(v->about.rulebook, o);
    buf_printf(b, "<tr><th scope=\"row\"><a href=\"#limit-%zu\">", i + 1);
    title(b, v, o);
    buf_text(b, "</a></th><td>");
    rag_tag(b, page_mark(v, o));
    buf_printf(b, "</td><td>%s</td><td class=\"w\">",
               limit_kind_name(obligation_limit(v->about.rulebook, o)->kind));
    html_day(b, o->start, HTML_DAY_SHORT);
    buf_text(b, "</td><td class=\"w\">");
    html_day(b, o->due, HTML_DAY_SHORT);
    buf_text(b, "</td><td class=\"w\">");
    if (open)
        html_day(b, obligation_act_by(v->about.rulebook, v->about.calendar, o), HTML_DAY_SHORT);
    else if (!birthday)
        html_day(b, o->closed, HTML_DAY_SHORT);
    buf_text(b, "</td></tr>\n");
}

static void owed(struct buf *b, const struct case_view *v, bool open)
{
    const char *id = open ? "open" : "closed";
    size_t n = 0;
    for (size_t i = 0; i < v->n; i++)
        n += obligation_is_owed(&v->obligations[i]) == open;
    buf_printf(b, "<h2 id=\"%s-heading\">%s</h2>\n", id,
               open ? "What is owed now" : "What is done or no longer owed");
    if (n == 0) {
        buf_text(b,
                 open ? "<p class=\"none\">Nothing is owed.</p>\n" : "<p class=\"none\">Nothing yet.</p>\n");
        return;
    }
    buf_printf(
        b,
        "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-labelledby=\"%s-caption\">\n<table>\n"
        "<caption id=\"%s-caption\">%s</caption>\n<thead><tr><th scope=\"col\">Time limit</th><th "
        "scope=\"col\">Mark"
        "</th><th scope=\"col\">Kind</th><th scope=\"col\">Started</th><th scope=\"col\">Due</th>"
        "<th scope=\"col\">%s</th></tr></thead>\n<tbody>\n",
        id, id, open ? "Time limits that are running or late" : "Time limits that have ended",
        open ? "Act by" : "Ended");
    for (size_t i = 0; i < v->n; i++)
        if (obligation_is_owed(&v->obligations[i]) == open)
            owed_row(b, v, i, open);
    buf_text(b, "</tbody>\n</table>\n</div>\n");
}

static void explained(struct buf *b, const struct case_view *v, bool open)
{
    for (size_t i = 0; i < v->n; i++) {
        const struct obligation *o = &v->obligations[i];
        if (obligation_is_owed(o) != open)
            continue;
        buf_printf(b, "<section class=\"limit\" id=\"limit-%zu\">\n<h3>", i + 1);
        title(b, v, o);
        buf_text(b, " ");
        rag_tag(b, page_mark(v, o));
        buf_text(b, "</h3>\n");
        page_explained(b, v, o);
        buf_text(b, "</section>\n");
    }
}

/* --- what is known ---------------------------------------------------------------------------------------------------- */

static void facts(struct buf *b, const struct case_view *v)
{
    const struct case_facts *cf = &v->room.view;
    struct buf text = {0};
    buf_text(b, "<h2 id=\"facts\">What has happened</h2>\n");
    if (cf->n == 0) {
        buf_text(b, "<p class=\"none\">Nothing is recorded.</p>\n");
        return;
    }
    buf_text(
        b,
        "<table>\n<caption>Facts of the case, oldest first</caption>\n<thead><tr><th scope=\"col\">Date</th>"
        "<th scope=\"col\">What</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < cf->n; i++) {
        text.n = 0;
        buf_text(&text, event_words((enum event)cf->facts[i].event));
        subject_words(&text, v->about.subjects, cf->facts[i].subject);
        b->failed |= text.failed;
        buf_text(b, "<tr><td class=\"w\">");
        html_day(b, cf->facts[i].on, HTML_DAY_SHORT);
        buf_text(b, "</td><td>");
        if (!text.failed)
            html_sentence(b, text.p);
        buf_text(b, "</td></tr>\n");
    }
    buf_text(b, "</tbody>\n</table>\n");
    buf_free(&text);
}

static void claims(struct buf *b, const struct case_view *v)
{
    const struct case_facts *cf = &v->room.view;
    if (cf->n_claims == 0)
        return;
    buf_text(
        b,
        "<h2 id=\"exceptions\">Exceptions claimed</h2>\n<p>An exception never moves a date. What the facts "
        "support is said with each time limit above.</p>\n<table>\n<caption>Exceptions that the authority "
        "has recorded</caption>\n<thead><tr><th scope=\"col\">Ground</th><th scope=\"col\">From</th>"
        "<th scope=\"col\">To</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < cf->n_claims; i++) {
        buf_text(b, "<tr><td>");
        html_sentence(b, ground_words((enum ground)cf->claims[i].ground));
        buf_text(b, "</td><td class=\"w\">");
        html_day(b, cf->claims[i].from, HTML_DAY_SHORT);
        buf_text(b, "</td><td class=\"w\">");
        html_day(b, cf->claims[i].to, HTML_DAY_SHORT);
        buf_text(b, "</td></tr>\n");
    }
    buf_text(b, "</tbody>\n</table>\n");
}

struct finder {
    struct buf *b;
    const struct case_view *v;
    size_t n;
};

static void finding(void *ud, const struct finding *f)
{
    struct finder *x = ud;
    const struct explain_about *a = &x->v->about;
    if (x->n++ == 0)
        buf_text(x->b, "<h2 id=\"findings\">What may be wrong in the data</h2>\n<ul>\n");
    buf_printf(x->b, "<li><strong>%s</strong> ",
               finding_severity_name(finding_severity((enum finding_kind)f->kind)));
    /* The day would tell a birth date no more than the request's own, which is shown. */
    html_sentence(x->b, finding_explanation((enum finding_kind)f->kind));
    if (f->kind == FINDING_EXCEPTION_UNSUPPORTED)
        buf_printf(x->b, " (%s, %s", ground_words((enum ground)f->event),
                   a->rulebook->rule[f->subject].limit->title);
    else if (f->event != EV_UNKNOWN)
        buf_printf(x->b, " (%s", event_words((enum event)f->event));
    if (f->event != EV_UNKNOWN || f->kind == FINDING_EXCEPTION_UNSUPPORTED) {
        if (f->on != CIVIL_NONE)
            buf_text(x->b, ", ");
        html_day(x->b, f->on, HTML_DAY);
        buf_text(x->b, ")");
    }
    buf_text(x->b, "</li>\n");
}

static void findings(struct buf *b, const struct case_view *v, const struct judge_how *how)
{
    const struct quality_day day = quality_day(how->as_of);
    struct finder x = {b, v, 0};
    struct quality_claims told = {.failed = 0};
    quality_check(&day, &v->room.view, v->there && v->head.officer == 0 && stage_is_open(v->stage), finding,
                  &x);
    for (size_t i = 0; i < v->n; i++)
        quality_claims_add(&told, how->rulebook, &v->obligations[i], &v->room.view, how->as_of);
    quality_claims_tell(&told, &v->room.view, finding, &x);
    if (x.n > 0)
        buf_text(b, "</ul>\n");
}

static void links(struct buf *b, const struct page_frame *f)
{
    const struct page_param json[] = {{"format", "json"}};
    buf_text(b, "<h2 id=\"more\">More about this case</h2>\n<ul>\n<li><a href=\"/v1/deliveries/proof?case=");
    html_url_part(b, f->name, strlen(f->name));
    buf_text(b, "\">Proof of delivery</a>: every message about it, to print</li>\n<li><a "
                "href=\"/v1/deliveries.csv?case=");
    html_url_part(b, f->name, strlen(f->name));
    buf_text(b, "\">Messages sent about it (CSV)</a></li>\n<li><a href=\"/v1/cases/");
    html_url_part(b, f->name, strlen(f->name));
    page_address(b, "", f->query, PAGE_KEEP_TIME, json, 1);
    buf_text(b, "\">This case as JSON</a>, with every time limit, also those that are not watched "
                "here</li>\n</ul>\n");
}

void page_case(struct buf *b, const struct page_frame *frame, const struct judge_how *how,
               const unsigned char *record)
{
    struct case_view v;
    struct page_frame f = *frame;
    if (!case_view_make(&v, how, record)) {
        b->failed = true;
        case_view_free(&v);
        return;
    }
    f.title = "Case";
    f.name = v.ref.p;
    page_begin(b, &f);
    head(b, &v, how);
    owed(b, &v, true);
    buf_text(b, "<h2 id=\"timeline\">Timeline</h2>\n");
    if (!page_timeline(b, &v, how->as_of))
        buf_text(b, "<p class=\"none\">There is no time limit to draw.</p>\n");
    buf_text(b, "<h2 id=\"why\">Why, in words</h2>\n");
    explained(b, &v, true);
    owed(b, &v, false);
    buf_text(b, "<details>\n<summary>How these were counted</summary>\n");
    explained(b, &v, false);
    buf_text(b, "</details>\n");
    claims(b, &v);
    facts(b, &v);
    findings(b, &v, how);
    links(b, &f);
    date_form(b, &f);
    page_end(b, &f);
    case_view_free(&v);
}
