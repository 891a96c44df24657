#include "export.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "answer_form.h"
#include "log.h"
#include "routes_int.h"
#include "xlsx_maker.h"

#define WITHIN      600. /* seconds: several of the longest, one after the other */
#define RETRY_AFTER "10"

/* One answer on its way. */
struct answer {
    struct httpd_parked *parked;
    struct xlsx_job *job;
    struct export_book *book;
    struct table_about about;
    char rulebook[64];
    char file[120]; /* Content-Disposition */
    bool vary;
};

static void answer_free(struct answer *a)
{
    export_book_free(a->book);
    free(a);
}

static void too_busy(struct httpd_reply *reply, const char *why)
{
    httpd_problem(reply, 503, "Too busy", "%s", why);
    httpd_reply_header(reply, "Retry-After", RETRY_AFTER);
}

/* What the workbook says inside, for those who do not open it. */
static void say(const struct answer *a, struct httpd_reply *reply)
{
    routes_say_about(&a->about, reply);
    httpd_reply_header(reply, "Content-Disposition", a->file);
    if (a->vary)
        httpd_reply_header(reply, "Vary", "Accept");
}

static int on_fill(void *ud, struct xlsx_feed *f)
{
    struct answer *a = ud;
    return httpd_parked_left(a->parked) ? -1 : export_book_fill(a->book, f);
}

static void on_done(void *ud, int fd, off_t size, const struct err *why)
{
    struct answer *a = ud;
    struct httpd_parked *parked = a->parked;
    struct httpd_reply *reply = httpd_parked_reply(parked);
    if (fd >= 0) {
        httpd_reply_file(reply, 200, answer_types[FORM_XLSX].content_type, fd, (uint64_t)size);
        say(a, reply);
    } else {
        if (why->text[0] != '\0' || !httpd_parked_left(parked))
            log_ev_limited(LOG_ERR, "export_failed", a->file, LOG_NO_FIELDS, "%s",
                           why->text[0] != '\0' ? why->text : "out of memory");
        httpd_problem(reply, 500, "No workbook", "the workbook could not be made; the log says why");
    }
    answer_free(a);
    httpd_unpark(parked);
}

/* Nobody waits any more: too long, or the server stops. */
static void on_over(void *ud)
{
    struct answer *a = ud;
    xlsx_cancel(a->job);
    answer_free(a);
}

void export_answer(struct xlsx_maker *m, struct httpd_reply *reply, const struct export *x, bool vary)
{
    char day[CIVIL_TEXT_LEN];
    struct answer *a = calloc(1, sizeof *a);
    struct export_book *book = export_book_new(x);
    if (a == NULL || book == NULL) {
        export_book_free(book);
        free(a);
        httpd_problem(reply, 500, "Out of memory", "the workbook could not be made");
        return;
    }
    *a = (struct answer){.book = book, .about = x->about, .vary = vary};
    snprintf(a->rulebook, sizeof a->rulebook, "%s", x->about.rulebook);
    a->about.rulebook = a->rulebook;
    snprintf(a->file, sizeof a->file, "attachment; filename=\"ehcwatchd-%s-%s.xlsx\"", x->name,
             civil_format(x->about.as_of, day));
    a->job = m != NULL ? xlsx_make(m, on_fill, on_done, a) : NULL;
    if (a->job == NULL) {
        too_busy(reply,
                 m != NULL ? "several workbooks are being made: ask again" : "no workbooks are made here");
        answer_free(a);
        return;
    }
    a->parked = httpd_park(reply, WITHIN, on_over, a);
}

char *export_asked(const struct httpd_request *q)
{
    struct buf b = {0};
    size_t n;
    for (size_t i = 0; i < q->param_count; i++)
        buf_printf(&b, "%s=%s\n", q->params[i].name, q->params[i].value);
    return q->param_count > 0 ? buf_take(&b, &n) : NULL;
}
