/* What the parts of the link share: pglink.c (the outside), pglink_conn.c (up and down), pglink_job.c (queues and
 * replies), pglink_run.c (queries in flight).
 *
 * A function that runs a callback is only ever called from a watcher, between enter() and leave() of pglink.c, and its
 * caller looks at `dead` (or at the step it returns) before it touches the connection again. */
#ifndef EHCWATCH_PGLINK_INT_H
#define EHCWATCH_PGLINK_INT_H

#include "pglink.h"

#include <ev.h>

enum {
    PG_LINK_KEYWORDS_MAX = 80, /* libpq 15 knows 41 options; ours come before and after them */
    PG_LINK_OPTIONS_MAX = 1024,
};

struct pg_job {
    struct pg_job *next;
    pg_result_fn *result_fn;
    pg_data_fn *data_fn; /* NULL for a plain query */
    void *ud;
    PGresult *res; /* the first result, or the first that is an error */
    bool copying;  /* between COPY OUT and the end of its data */
    bool refused;  /* data_fn said no */
    bool script;   /* many statements: simple protocol */
    bool prepared; /* sql is the name of a prepared statement */
    bool raw;      /* results in binary format */
    bool sent;
    char sqlstate[6]; /* kept for the reply of a lost job */
    const char *sql;
    int nparams;
    const char **params; /* points into the same block of memory, as sql does */
};

struct pg_job_list {
    struct pg_job *head, **tail;
    size_t count;
};

struct pg_link {
    struct ev_loop *loop;
    struct pg_link_conf conf;
    struct pg_link_ops ops;
    void *ud;

    PQconninfoOption *parsed; /* owns the values of the keywords taken from the conninfo */
    char *application_name;
    char options[PG_LINK_OPTIONS_MAX];
    const char *keywords[PG_LINK_KEYWORDS_MAX], *values[PG_LINK_KEYWORDS_MAX];
    int nkeywords;

    enum pg_link_state state;
    PGconn *conn;
    struct pg_job *current;
    struct pg_job_list queue; /* to be sent */
    struct pg_job_list lost;  /* to be answered as lost */
    bool started, announced;  /* announced: down() was called in this outage */
    bool broken;              /* the connection failed; only what is buffered is still worth reading */
    bool want_write;
    bool leftover;     /* the slice ended with work left in libpq's buffer */
    unsigned failures; /* in a row, for the backoff */
    uint64_t rng;
    double slice_end;         /* on clock_mono() */
    char why[512], told[512]; /* the last, and the last that down() was called with */
    char fatal[256];          /* what the server said before it closed an idle connection */

    ev_io io;
    int io_events;
    ev_timer retry, connecting, overdue, work;

    int depth; /* callbacks of this link on the stack */
    bool dead; /* freed by its owner; reaped when depth is 0 */
};

/* pglink_job.c */
void pg_jobs_init(struct pg_job_list *q);
void pg_jobs_push(struct pg_job_list *q, struct pg_job *j);
struct pg_job *pg_jobs_pop(struct pg_job_list *q);
void pg_jobs_clear(struct pg_job_list *q);
struct pg_job *pg_job_new(const char *sql, int nparams, const char *const *params, pg_result_fn *fn,
                          void *ud);
void pg_job_free(struct pg_job *j);
void pg_job_note_sqlstate(struct pg_job *j);
/* Each calls the job's result_fn and frees the job. */
void pg_job_answer(struct pg_job *j);
void pg_job_answer_error(struct pg_job *j, const char *message);
void pg_jobs_answer_lost(struct pg_link *l);
/* Copies text into out as one line: any run of control characters and blanks becomes one blank. */
void pg_one_line(const char *text, char *out, size_t cap);

/* pglink_conn.c */
void pg_conn_begin(struct pg_link *l);
void pg_conn_poll(struct pg_link *l);
void pg_conn_lost(struct pg_link *l, const char *why); /* why NULL: what server or libpq said */
void pg_conn_drop(struct pg_link *l);                  /* closes it, calls nobody */
void pg_conn_watch(struct pg_link *l, int events);
bool pg_is_fatal(const PGresult *r); /* an error with which the server ends the session */
void pg_timer_arm(struct pg_link *l, ev_timer *t, double after);

/* pglink_run.c */
void pg_run(struct pg_link *l, bool readable);

#endif
