/* The routes' own view of themselves: the table (routes.c) and what it leads to (routes_*.c). */
#ifndef EHCWATCH_ROUTES_INT_H
#define EHCWATCH_ROUTES_INT_H

#include "access.h"
#include "answer_form.h"
#include "buf.h"
#include "list_ask.h"
#include "page_frame.h"
#include "papers.h"
#include "routes.h"
#include "table.h"

#define TYPE_TEXT "text/plain; charset=utf-8"
#define TYPE_JSON "application/json; charset=utf-8"
#define TYPE_HTML "text/html; charset=utf-8"
#define TYPE_CSV  "text/csv; charset=utf-8"

/* The snapshot to answer from, or NULL: then 503 has been answered. */
struct snapshot *routes_snapshot(const struct status *s, struct httpd_reply *reply);

/* Whether the request has no parameters but these, ended by NULL, and each that cannot be a list once. False: 400 has been answered. */
bool routes_takes(const char *path, const char *const *params, const struct httpd_request *q,
                  struct httpd_reply *reply) MUST_CHECK;

/* The date and the time that an answer is for. */
struct routes_time {
    civil_day as_of;
    int64_t known_at; /* KNOWN_NOW: what is known now */
    bool other;       /* not those of the last evaluation: worked out on the spot */
};

/* Whether it is one of the parameters as_of and known_at. */
bool routes_is_time(const char *name);

/* Reads them from the query; those of the snapshot when it has none. False: `e` says what is wrong. */
bool routes_read_time(const struct status *s, const struct httpd_request *q, struct routes_time *t,
                      struct err *e) MUST_CHECK;

/* What to evaluate the status's snapshot with for that. */
struct judge_how routes_how(const struct status *s, const struct routes_time *t);

/* Adds what a list carries beside its rows, also where its format has no place for it. */
void routes_say_as_of(const struct status *s, const struct routes_time *t, struct httpd_reply *reply);

/* Reads what papers are asked for: locality, team, officer, as_of and known_at, and holds the caller to his teams. Other parameters
 * are passed over. False: `e` says what is wrong. */
#define ROUTES_WANT_PARAMS "locality", "team", "officer", "as_of", "known_at"
bool routes_read_want(const struct routes *r, const struct httpd_request *q, struct papers_want *want,
                      struct err *e) MUST_CHECK;

/* The same, of what a table says of itself, and of papers; and what a table of these says. */
struct table_about routes_about_papers(const struct papers *p);
void routes_say_about(const struct table_about *a, struct httpd_reply *reply);
void routes_say_papers(const struct papers *p, struct httpd_reply *reply);

/* /v1/breaches, /v1/due, /v1/cases; what a request for one of them comes to, whatever the form of the answer. */
struct list_asked {
    struct list_ask ask;
    struct routes_time time;
    struct list_want want;
};

/* NULL: 400, 500 or 503 has been answered. `per_page`: of whoever does not say; 0: all rows. */
struct table_job *routes_list_job(const struct routes *r, const struct httpd_request *q, enum list_kind kind,
                                  long per_page, struct list_asked *asked, struct httpd_reply *reply);

/* Answers with a list in one form; takes the job over. */
typedef void list_answer_fn(const struct routes *r, const struct httpd_request *q,
                            const struct list_asked *asked, struct table_job *job, struct httpd_reply *reply);

#define FORMS_LIST (FORMS_BOOK | FORM_BIT(FORM_HTML))
void routes_breaches(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply);
void routes_due(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply);
void routes_cases(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply);

/* Answers with a table as CSV or JSON, piece by piece; takes the job over. NULL: 500. */
void routes_reply_table(struct httpd_reply *reply, enum answer_form form, struct table_job *job);

/* /v1/data-quality, and its parameters */
extern const char *const routes_quality_params[];
void routes_quality(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply);

/* /v1/deliveries, /v1/deliveries/proof, and their parameters */
extern const char *const routes_delivery_params[];
extern const char *const routes_proof_params[];
void routes_deliveries(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply);
void routes_proof(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply);

/* What changes something finds who asks in r->caller, who has a name and the role that the table of routes.c wants. */

/* /v1/summary */
void routes_summary(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply);

/* /v1/figures and /v1/stuck, whose JSON has all tables unless one is asked for; /v1/flow; and their parameters */
extern const char *const routes_paper_params[];
extern const char *const routes_flow_params[];
void routes_overdue(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply);
void routes_trend(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply);
void routes_figures(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply);
void routes_stuck(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply);
void routes_flow(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply);
extern const char *const routes_changes_params[];
void routes_changes(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply);

/* /v1/forecast and /v1/clearance, and their parameters */
extern const char *const routes_forecast_params[], *const routes_clearance_params[];
void routes_forecast(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply);
void routes_clearance(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply);

/* The moment that "the last meeting" is asked of: the database's clock, as last read. */
int64_t routes_now(const struct status *s);

/* /v1/meetings: the list, and POST marks one as held */
void routes_meetings(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply);
void routes_meeting(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply);

/* /v1/history, and its parameters */
extern const char *const routes_history_params[];
void routes_history(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply);
/* /v1/papers.xlsx, and its parameters */
extern const char *const routes_papers_params[];
void routes_papers(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply);

/* /v1/deadlines.ics, and its parameters */
extern const char *const routes_calendar_params[];
void routes_calendar(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply);

/* POST /v1/deliveries/replay */
void routes_replay(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply);

/* /v1/acks: the list, and POST makes one; POST /v1/acks/ID/withdraw takes one back */
#define ROUTES_ACKS "/v1/acks/"
extern const char *const routes_ack_params[];
void routes_acks(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply);
void routes_ack(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply);
void routes_withdraw(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply);

/* The body as a JSON object with no members but the `known` ones, ended by NULL; the caller's reference. NULL: 400 or 415 has been
 * answered. */
struct json_t *routes_body(const struct httpd_request *q, const char *const *known,
                           struct httpd_reply *reply);

/* Answers 200 with what was made, or 500 when memory was short; the buffer is empty afterwards. */
void routes_reply_buf(struct httpd_reply *reply, const char *content_type, struct buf *b);

/* --- pages for people ----------------------------------------------------------------------------------------------- */

/* What a page was asked for and what goes around it, with copies of its own: an answer may come when the request is gone. */
struct routes_page {
    struct page_frame frame; /* title, name and place are the caller's to set */
    struct page_query query; /* without its format */
    struct page_time time;
    struct caller caller;
    struct page_param *param; /* of the query */
    char *text;               /* of those */
    char trouble[512], standing[STANDING_LEN];
};

/* NULL: out of memory. `t` NULL: of no moment. */
struct routes_page *routes_page_new(const struct routes *r, const struct httpd_request *q,
                                    const struct routes_time *t);
void routes_page_free(struct routes_page *p); /* NULL is fine */

/* Whether the answer is to be a page. Its forms send an empty value for "all": parameters without a value are left out then. */
bool routes_wants_page(const struct httpd_request *q);

/* Answers with a page, or 500 when memory was short; the buffer is empty afterwards. */
void routes_reply_page(struct httpd_reply *reply, unsigned status, struct buf *b);

/* The headers that every page carries. */
void routes_guard_page(struct httpd_reply *reply);

/* The page at /, and its parameters. */
extern const char *const routes_page_params[];
void routes_papers_page(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply);

/* One of the parameters of a clearance plan: capacity, arrivals, save, weeks, policy; others are passed over. */
struct clearance_ask;
bool routes_read_clearance(struct clearance_ask *c, const char *name, const char *value,
                           struct err *e) MUST_CHECK;

/* A list as a page. */
list_answer_fn routes_list_page;

/* /assets/NAME */
void routes_asset(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply);

/* /v1/cases/REF, perhaps with .html or .json behind it, and its parameters */
#define ROUTES_CASE "/v1/cases/"
extern const char *const routes_case_params[];
void routes_case(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply);

/* --- forms ---------------------------------------------------------------------------------------------------------- */

/* The form that the request asks for: by the suffix of its path, else by its Accept header. */
enum answer_form routes_form(const struct httpd_request *q, unsigned offered);

/* Whether the header has the say: the path has no suffix. */
bool routes_form_accepted(const struct httpd_request *q);

/* Says so in the answer: a file's name ("ehcwatchd-NAME-DATE.csv"; CIVIL_NONE: no date) and whether the header decided. */
void routes_say_form(const struct httpd_request *q, enum answer_form form, const char *name, civil_day date,
                     struct httpd_reply *reply);

#endif
