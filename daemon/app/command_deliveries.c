#include "command_deliveries.h"

#include <errno.h>
#include <getopt.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "command.h"
#include "sql_text.h"

#define NAME "deliveries"

enum { PIECE_ROWS = 1000 };

/* --- the list: read in pieces, so that no answer grows with the ledger ---------------------------------------------------- */

struct listing {
    enum delivery_format format;
    struct buf text;
    struct delivery_page page;
    size_t rows;  /* in all */
    int in_piece; /* of the piece read last */
};

static void take_piece(void *ud, const PGresult *res)
{
    struct listing *l = ud;
    l->in_piece = PQntuples(res);
    for (int i = 0; i < l->in_piece; i++) {
        struct delivery d = delivery_of(res, i);
        delivery_row(&l->text, l->format, &d, l->rows++);
    }
    if (l->in_piece > 0)
        snprintf(l->page.before, sizeof l->page.before, "%s", delivery_number(res, l->in_piece - 1));
}

static bool put(struct buf *text)
{
    bool ok = !text->failed && fwrite(text->p, 1, text->n, stdout) == text->n;
    text->n = 0;
    return ok;
}

static int write_list(struct state_session *s, const struct deliveries_request *r,
                      enum delivery_format format)
{
    struct listing l = {.format = format, .page = {"", "", "0"}};
    const char *params[DELIVERY_PARAMS];
    struct db_answer a = {.outcome = DB_DONE};
    bool read = true, written = true;
    snprintf(l.page.most, sizeof l.page.most, "%d", PIECE_ROWS);
    delivery_begin(&l.text, l.format, clock_wall_us());
    do {
        delivery_params(&r->ask, &l.page, params);
        read = db_read(s->db, sql_query("delivery_list"), DELIVERY_PARAMS, params, take_piece, &l, &a);
        written = put(&l.text);
    } while (read && written && l.in_piece == PIECE_ROWS);
    delivery_end(&l.text, l.format, l.rows, 0);
    if (read && written)
        written = put(&l.text) && fflush(stdout) == 0;
    bool memory = !l.text.failed;
    buf_free(&l.text);
    if (!read)
        return state_session_failed(s, &a);
    if (!written)
        fprintf(stderr, "ehcwatchd " NAME ": cannot write the output: %s\n",
                memory ? strerror(errno) : "out of memory");
    return written ? EXIT_DONE : EXIT_RUNTIME;
}

/* --- the sheet --------------------------------------------------------------------------------------------------------- */

struct sheet {
    enum proof_format format;
    const char *case_ref;
    struct buf text;
    bool too_many;
};

static void take_sheet(void *ud, const PGresult *res)
{
    struct sheet *p = ud;
    p->too_many = !proof_of(&p->text, p->format, p->case_ref, res, clock_wall_us());
}

static int write_proof(struct state_session *s, const struct deliveries_request *r)
{
    struct sheet p = {.format = r->format != NULL && strcmp(r->format, "html") == 0 ? PROOF_HTML : PROOF_TEXT,
                      .case_ref = r->names[0]};
    const struct delivery_ask ask = {.case_ref = p.case_ref};
    const char *params[DELIVERY_PARAMS];
    struct db_answer a;
    delivery_params(&ask, &proof_page, params);
    if (!db_read(s->db, sql_query("delivery_list"), DELIVERY_PARAMS, params, take_sheet, &p, &a)) {
        buf_free(&p.text);
        return state_session_failed(s, &a);
    }
    if (p.too_many) {
        buf_free(&p.text);
        fprintf(stderr, "ehcwatchd " NAME ": more than %d messages are about this case: use the list\n",
                PROOF_MOST);
        return EXIT_RUNTIME;
    }
    size_t n;
    char *bytes = buf_take(&p.text, &n);
    return command_output(bytes, n);
}

/* --- the command line -------------------------------------------------------------------------------------------------- */

static bool parse_option(void *ud, int option, const char *value, struct err *e)
{
    struct deliveries_request *r = ud;
    switch (option) {
    case 'c':
        r->file = value;
        return true;
    case 'e':
        return delivery_ask_take(&r->ask, "endpoint", value, e);
    case 's':
        return delivery_ask_take(&r->ask, "state", value, e);
    case 'd':
        return delivery_ask_take(&r->ask, "since", value, e);
    case 'f':
        r->format = value;
        return true;
    case 'D':
        r->dead = true;
        return true;
    default:
        return false; /* the table has no other */
    }
}

/* What the list takes, and each verb. */
static const struct verb {
    const char *name;
    int least, most; /* names behind it */
    bool filters;    /* --endpoint and --since */
    const char *formats;
    int (*run)(struct state_session *s, const struct deliveries_request *r);
} verbs[] = {
    {"replay", 0, 10000, true, "", deliveries_replay},
    {"enable", 1, 1, false, "", deliveries_enable},
    {"test", 1, 1, false, "", deliveries_test},
    {"proof", 1, 1, false, "text html", write_proof},
};

static bool check_verb(const struct deliveries_request *r, const struct verb *v, struct err *e)
{
    if (r->n_names < v->least || r->n_names > v->most)
        return err_set(e, "%s takes %s", v->name, v->least == 1 ? "one name" : "at most 10000 messages");
    if (r->ask.state != NULL || (!v->filters && (r->ask.endpoint != NULL || r->ask.since != NULL || r->dead)))
        return err_set(e, "an option that %s does not take", v->name);
    if (r->format != NULL &&
        (*v->formats == '\0' || (strcmp(r->format, "text") != 0 && strcmp(r->format, "html") != 0)))
        return err_set(e, "unknown format \"%s\"%s", r->format, *v->formats != '\0' ? " (text or html)" : "");
    if (v->run != deliveries_replay)
        return true;
    bool bulk = r->dead || r->ask.since != NULL;
    if (r->n_names > 0)
        return !bulk || err_set(e, "replay takes messages, or --endpoint with --dead or --since");
    return (r->ask.endpoint != NULL && bulk) ||
           err_set(e,
                   "replay wants messages, or --endpoint NAME with --dead (those given up) or --since DATE "
                   "(all since then)");
}

static bool check_list(struct deliveries_request *r, enum delivery_format *format, struct err *e)
{
    static const char *const names[] = {
        [DELIVERY_TEXT] = "text", [DELIVERY_CSV] = "csv", [DELIVERY_JSON] = "json"};
    *format = DELIVERY_TEXT;
    if (r->n_names > 1)
        return err_set(e, "unexpected argument \"%s\"", r->names[1]);
    if (r->dead)
        return err_set(e, "--dead is for replay; the list takes --state dead");
    if (r->n_names == 1 && !delivery_ask_take(&r->ask, "case", r->names[0], e))
        return false;
    for (int i = 0; r->format != NULL && i < 3; i++)
        if (strcmp(names[i], r->format) == 0) {
            *format = (enum delivery_format)i;
            return true;
        }
    return r->format == NULL || err_set(e, "unknown format \"%s\" (text, csv or json)", r->format);
}

static bool parse(struct deliveries_request *r, int argc, char **argv, struct err *e)
{
    static const struct option options[] = {
        {"endpoint", required_argument, NULL, 'e'}, {"state", required_argument, NULL, 's'},
        {"since", required_argument, NULL, 'd'},    {"format", required_argument, NULL, 'f'},
        {"dead", no_argument, NULL, 'D'},           {NULL, 0, NULL, 0},
    };
    const int first = command_options(argc, argv, "c:", options, parse_option, r, e);
    if (first == 0)
        return false;
    r->names = argv + first;
    r->n_names = argc - first;
    return r->file != NULL || err_set(e, "-c FILE is missing");
}

int command_deliveries(int argc, char **argv)
{
    struct deliveries_request r = {0};
    struct err e = {""};
    enum delivery_format format = DELIVERY_TEXT;
    const struct verb *verb = NULL;
    if (!parse(&r, argc, argv, &e))
        return command_usage_error(NAME, "%s", e.text);
    for (size_t i = 0; r.n_names > 0 && i < sizeof verbs / sizeof verbs[0]; i++)
        if (strcmp(r.names[0], verbs[i].name) == 0)
            verb = &verbs[i];
    if (verb != NULL) {
        r.names++;
        r.n_names--;
    }
    if (verb != NULL ? !check_verb(&r, verb, &e) : !check_list(&r, &format, &e))
        return command_usage_error(NAME, "%s", e.text);
    struct state_session s;
    int code = state_session_open(&s, NAME, r.file);
    if (code != EXIT_DONE)
        return code;
    if (r.ask.endpoint != NULL)
        code = deliveries_endpoint(&s, r.ask.endpoint);
    if (code == EXIT_DONE)
        code = verb != NULL ? verb->run(&s, &r) : write_list(&s, &r, format);
    state_session_close(&s);
    return code;
}
