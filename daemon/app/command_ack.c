#include <getopt.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ack_ask.h"
#include "command.h"
#include "settings.h"
#include "sql_text.h"
#include "statesession.h"

#define NAME "ack"

struct request {
    const char *file, *withdraw, *format;
    bool list;
    struct ack_ask ask;
};

/* --- making one --------------------------------------------------------------------------------------------------------- */

/* What the first query answered is needed until the second is asked. */
struct made {
    const struct request *r;
    const struct calendar *calendar;
    char *texts[ACK_PUT_PARAMS];
    enum ack_refusal refusal;
    struct err e;
};

static void take_look(void *ud, const PGresult *res)
{
    struct made *m = ud;
    const char *params[ACK_PUT_PARAMS];
    m->refusal = ack_choose(&m->r->ask, m->calendar, res, params, &m->e);
    for (int i = 0; m->refusal == ACK_MAY && i < ACK_PUT_PARAMS; i++)
        m->texts[i] = strdup(params[i]);
}

static int refused(const struct made *m)
{
    fprintf(stderr, "ehcwatchd " NAME ": %s\n", m->e.text);
    return EXIT_RUNTIME;
}

static int make(struct state_session *s, const struct request *r)
{
    struct calendar calendar;
    struct made m = {.r = r, .calendar = &calendar};
    struct db_answer a;
    const char *look[ACK_LOOK_PARAMS];
    int code = EXIT_RUNTIME;
    if (!settings_calendar(&calendar, s->config, &m.e)) {
        fprintf(stderr, "%s\n", m.e.text);
        return EXIT_BAD_CONFIG;
    }
    ack_look_params(&r->ask, look);
    if (!db_read(s->db, sql_query("ack_look"), ACK_LOOK_PARAMS, look, take_look, &m, &a)) {
        code = state_session_failed(s, &a);
    } else if (m.refusal != ACK_MAY) {
        code = refused(&m);
    } else if (!db_query(s->db, sql_query("ack_put"), ACK_PUT_PARAMS, (const char *const *)m.texts, &a)) {
        code = state_session_failed(s, &a);
    } else if (a.value[0] == '\0') {
        err_set(&m.e, ACK_CHANGED);
        code = refused(&m);
    } else {
        printf("%s: %s %s until %s\n", a.value, r->ask.case_ref, r->ask.limit, r->ask.until);
        code = fflush(stdout) == 0 ? EXIT_DONE : EXIT_RUNTIME;
    }
    for (int i = 0; i < ACK_PUT_PARAMS; i++)
        free(m.texts[i]);
    return code;
}

/* --- taking one back ---------------------------------------------------------------------------------------------------- */

static void take_withdrawn(void *ud, const PGresult *res)
{
    struct made *m = ud;
    m->refusal = ack_withdrawn(res, m->r->withdraw, &m->e);
}

static int withdraw(struct state_session *s, const struct request *r)
{
    struct made m = {.r = r};
    struct db_answer a;
    const char *params[] = {r->withdraw, r->ask.who != NULL ? r->ask.who : "the command line", "true", NULL};
    if (!db_read(s->db, sql_query("ack_withdraw"), 4, params, take_withdrawn, &m, &a))
        return state_session_failed(s, &a);
    if (m.refusal != ACK_MAY)
        return refused(&m);
    printf("%s: %s withdrawn\n", r->withdraw, m.e.text);
    return fflush(stdout) == 0 ? EXIT_DONE : EXIT_RUNTIME;
}

/* --- the list ----------------------------------------------------------------------------------------------------------- */

struct listing {
    struct buf text;
    bool json;
};

static void take_list(void *ud, const PGresult *res)
{
    struct listing *l = ud;
    if (l->json)
        ack_list_json(&l->text, res, NULL);
    else
        ack_list_text(&l->text, res);
}

static int list(struct state_session *s, const struct request *r)
{
    struct listing l = {.json = r->format != NULL && strcmp(r->format, "json") == 0};
    struct db_answer a;
    const char *params[] = {r->ask.case_ref, NULL};
    if (!db_read(s->db, sql_query("ack_list"), 2, params, take_list, &l, &a)) {
        buf_free(&l.text);
        return state_session_failed(s, &a);
    }
    size_t n;
    char *bytes = buf_take(&l.text, &n);
    return command_output(bytes, n);
}

/* --- the command line --------------------------------------------------------------------------------------------------- */

static bool parse_option(void *ud, int option, const char *value, struct err *e)
{
    struct request *r = ud;
    switch (option) {
    case 'c':
        r->file = value;
        return true;
    case 's':
        r->ask.subject = value;
        return true;
    case 'b':
        r->ask.start = value;
        return true;
    case 'w':
        r->ask.who = value;
        return true;
    case 'r':
        r->ask.reason = value;
        return true;
    case 'u':
        r->ask.until = value;
        return true;
    case 'z':
        r->ask.kind = ACK_SNOOZE;
        return true;
    case 'x':
        r->withdraw = value;
        return ack_id_ok(value) || err_set(e, "--withdraw wants the number of an acknowledgement");
    case 'l':
        r->list = true;
        return true;
    case 'f':
        r->format = value;
        return strcmp(value, "text") == 0 || strcmp(value, "json") == 0 ||
               err_set(e, "unknown format \"%s\" (text or json)", value);
    default:
        return false; /* the table has no other */
    }
}

static bool check(struct request *r, int n_names, char **names, struct err *e)
{
    bool makes = !r->list && r->withdraw == NULL, asks = r->ask.reason != NULL || r->ask.until != NULL ||
                                                         r->ask.subject != NULL || r->ask.start != NULL ||
                                                         r->ask.kind == ACK_SNOOZE;
    int most = makes ? 2 : r->list ? 1 : 0;
    if (r->file == NULL)
        return err_set(e, "-c FILE is missing");
    if (n_names > most)
        return err_set(e, "unexpected argument \"%s\"", names[most]);
    if (r->list && (r->withdraw != NULL || r->ask.who != NULL))
        return err_set(e, "--list takes a case and --format only");
    if (!makes && asks)
        return err_set(e, "an option that is for making one");
    if (!r->list && r->format != NULL)
        return err_set(e, "--format is for --list");
    r->ask.case_ref = n_names > 0 ? names[0] : NULL;
    r->ask.limit = n_names > 1 ? names[1] : NULL;
    if (makes && n_names < 2)
        return err_set(e, "CASE_REF and LIMIT are needed");
    return !makes || ack_ask_check(&r->ask, e);
}

int command_ack(int argc, char **argv)
{
    static const struct option options[] = {
        {"subject", required_argument, NULL, 's'},  {"start", required_argument, NULL, 'b'},
        {"who", required_argument, NULL, 'w'},      {"reason", required_argument, NULL, 'r'},
        {"until", required_argument, NULL, 'u'},    {"snooze", no_argument, NULL, 'z'},
        {"withdraw", required_argument, NULL, 'x'}, {"list", no_argument, NULL, 'l'},
        {"format", required_argument, NULL, 'f'},   {NULL, 0, NULL, 0},
    };
    /* Whoever has the daemon's password may what anybody may. */
    struct request r = {.ask = {.kind = ACK_SEEN, .manager = true}};
    struct err e = {""};
    struct state_session s;
    const int first = command_options(argc, argv, "c:", options, parse_option, &r, &e);
    if (first == 0 || !check(&r, argc - first, argv + first, &e))
        return command_usage_error(NAME, "%s", e.text);
    int code = state_session_open(&s, NAME, r.file);
    if (code != EXIT_DONE)
        return code;
    code = r.list ? list(&s, &r) : r.withdraw != NULL ? withdraw(&s, &r) : make(&s, &r);
    state_session_close(&s);
    return code;
}
