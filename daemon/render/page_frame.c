#include "page_frame.h"

#include <string.h>

#include "delivery_text.h"
#include "html.h"

#define SERVICE "EHC time limits"

static void head(struct buf *b, const struct page_frame *f)
{
    buf_text(b, "<!DOCTYPE html>\n<html lang=\"en-GB\">\n<head>\n<meta charset=\"utf-8\">\n<title>");
    html_text(b, f->title);
    if (*f->name != '\0') {
        buf_text(b, " ");
        html_text(b, f->name);
    }
    buf_text(b, " - " SERVICE "</title>\n"
                "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                "<meta name=\"color-scheme\" content=\"light dark\">\n"
                "<meta name=\"robots\" content=\"noindex\">\n"
                "<link rel=\"stylesheet\"");
    html_attr(b, "href", f->style);
    buf_text(b, ">\n<link rel=\"icon\" type=\"image/svg+xml\"");
    html_attr(b, "href", f->icon);
    buf_text(b, ">\n</head>\n");
}

static void navigation(struct buf *b, const struct page_frame *f)
{
    static const struct {
        enum page_place place;
        const char *path, *text;
    } places[] = {
        {PAGE_PAPERS, "/", "Meeting papers"},
        {PAGE_BREACHES, "/v1/breaches.html", "Overdue"},
        {PAGE_DUE, "/v1/due.html", "Due soon"},
        {PAGE_CASES, "/v1/cases.html", "Cases"},
    };
    buf_text(b, "<nav class=\"places\" aria-label=\"Pages\">\n<ul>\n");
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        buf_text(b, "<li><a");
        page_href(b, places[i].path, f->query, PAGE_KEEP_PLACES);
        buf_printf(b, "%s>%s</a></li>\n", places[i].place == f->place ? " aria-current=\"page\"" : "",
                   places[i].text);
    }
    buf_text(b, "</ul>\n</nav>\n");
}

static void warnings(struct buf *b, const struct page_frame *f)
{
    if (*f->trouble != '\0') {
        buf_text(
            b, "<div class=\"warning\" role=\"note\"><p><strong>What is shown may be out of date.</strong> ");
        html_sentence(b, f->trouble);
        buf_text(b, ".</p></div>\n");
    }
    if (f->time != NULL && f->time->past) {
        buf_text(b, "<div class=\"notice\" role=\"note\"><p>This is not today's position: it shows ");
        html_day(b, f->time->as_of, HTML_DAY_FULL);
        buf_text(b, ", with what was known on ");
        buf_london(b, f->time->known_at);
        buf_text(b, ". <a");
        const struct page_param now[] = {{"as_of", NULL}, {"known_at", NULL}};
        buf_text(b, " href=\"");
        page_address(b, "/", f->query, PAGE_KEEP_PLACES, now, 2);
        buf_text(b, "\">Show today's papers</a>.</p></div>\n");
    }
}

void page_teams(struct buf *b, const struct page_frame *f)
{
    const char *team = f->teams;
    for (size_t i = 0; i < f->n_teams; i++, team += strlen(team) + 1) {
        buf_text(b, i > 0 ? ", " : f->n_teams > 1 ? "Teams: " : "Team: ");
        html_name(b, team);
    }
}

void page_begin(struct buf *b, const struct page_frame *f)
{
    head(b, f);
    buf_text(b, "<body>\n<a class=\"skip\" href=\"#main\">Skip to main content</a>\n<header class=\"top\">\n"
                "<div class=\"width\">\n<p class=\"service\"><a");
    page_href(b, "/", f->query, PAGE_KEEP_PLACES);
    buf_text(b, ">" SERVICE "</a></p>\n");
    if (*f->reader != '\0') {
        buf_text(b, "<p class=\"reader\">Signed in: ");
        html_name(b, f->reader);
        buf_text(b, f->n_teams > 0 ? ". " : "");
        page_teams(b, f);
        buf_text(b, "</p>\n");
    }
    navigation(b, f);
    buf_text(b, "</div>\n</header>\n<main id=\"main\" class=\"width\" tabindex=\"-1\">\n");
    warnings(b, f);
    buf_text(b, "<h1>");
    html_text(b, f->title);
    if (*f->name != '\0') {
        buf_text(b, " ");
        html_name(b, f->name);
    }
    buf_text(b, "</h1>\n");
}

void page_end(struct buf *b, const struct page_frame *f)
{
    buf_text(b, "</main>\n<footer class=\"foot\">\n<div class=\"width\">\n");
    if (f->time != NULL) {
        buf_text(b, "<p>Position on ");
        html_day(b, f->time->as_of, HTML_DAY_FULL);
        buf_text(b, ", as it was known at ");
        buf_london(b, f->time->known_at);
        buf_text(b, "; worked out at ");
        buf_london(b, f->time->evaluated_at);
        buf_text(b, " by rulebook ");
        html_text(b, f->time->rulebook);
        buf_text(b, ".</p>\n");
    }
    if (*f->standing != '\0') {
        buf_text(b, "<p class=\"screen\">This server: ");
        html_text(b, f->standing);
        buf_text(b, ".</p>\n");
    }
    buf_text(
        b, "<p>Time limits are counted by the law of England. A mark never stands for a decision: whether an "
           "exception made it impractical to keep a date is for people to say.</p>\n"
           "</div>\n</footer>\n</body>\n</html>\n");
}

/* What helps, by kind of trouble. */
static const char *advice(unsigned status)
{
    switch (status) {
    case 400:
        return "Check the address, or go back and choose again.";
    case 401:
        return "Sign in with the name and the token that your administrator has given you.";
    case 403:
        return "What you are signed in as may not see or do this. Ask your administrator if it should.";
    case 404:
        return "If you typed the address, check that it is right. A case is found by its whole reference.";
    case 503:
    case 504:
        return "Try again in a minute. If it stays so, tell whoever looks after the server.";
    default:
        return "";
    }
}

void page_error(struct buf *b, const struct page_frame *f, unsigned status, const char *title,
                const char *detail)
{
    struct page_frame page = *f;
    page.title = title;
    page.time = NULL;
    page.name = "";
    page_begin(b, &page);
    if (*detail != '\0') {
        size_t first = strcspn(detail, " ");
        buf_text(b, "<p class=\"lead\">");
        if (strcspn(detail, "_=:") < first) /* the name of a parameter stays as it is typed */
            html_text(b, detail);
        else
            html_sentence(b, detail);
        buf_text(b, ".</p>\n");
    }
    if (*advice(status) != '\0')
        buf_printf(b, "<p>%s</p>\n", advice(status));
    buf_text(b, "<p><a href=\"/\">Go to the meeting papers</a></p>\n");
    buf_printf(b, "<p class=\"quiet\">Error %u</p>\n", status);
    page_end(b, &page);
}
