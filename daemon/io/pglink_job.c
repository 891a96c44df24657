#include "pglink_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void pg_jobs_init(struct pg_job_list *q)
{
    *q = (struct pg_job_list){.tail = &q->head};
}

void pg_jobs_push(struct pg_job_list *q, struct pg_job *j)
{
    j->next = NULL;
    *q->tail = j;
    q->tail = &j->next;
    q->count++;
}

struct pg_job *pg_jobs_pop(struct pg_job_list *q)
{
    struct pg_job *j = q->head;
    if (j != NULL) {
        q->head = j->next;
        if (q->head == NULL)
            q->tail = &q->head;
        q->count--;
    }
    return j;
}

void pg_jobs_clear(struct pg_job_list *q)
{
    struct pg_job *j;
    while ((j = pg_jobs_pop(q)) != NULL)
        pg_job_free(j);
}

/* One block: the job, the array of pointers, then the texts. */
struct pg_job *pg_job_new(const char *sql, int nparams, const char *const *params, pg_result_fn *fn, void *ud)
{
    size_t n = nparams > 0 ? (size_t)nparams : 0;
    size_t size = sizeof(struct pg_job) + n * sizeof(char *) + strlen(sql) + 1;
    for (size_t i = 0; i < n; i++)
        size += params[i] != NULL ? strlen(params[i]) + 1 : 0;
    struct pg_job *j = malloc(size);
    if (j == NULL)
        return NULL;
    *j = (struct pg_job){.result_fn = fn, .ud = ud, .nparams = (int)n, .params = (const char **)(j + 1)};
    char *text = (char *)(j->params + n);
    for (size_t i = 0; i < n; i++) {
        j->params[i] = params[i] != NULL ? text : NULL;
        if (params[i] != NULL)
            text = stpcpy(text, params[i]) + 1;
    }
    j->sql = text;
    stpcpy(text, sql);
    return j;
}

void pg_job_free(struct pg_job *j)
{
    if (j != NULL)
        PQclear(j->res);
    free(j);
}

void pg_one_line(const char *text, char *out, size_t cap)
{
    size_t n = 0;
    for (; *text != '\0' && n + 1 < cap; text++) {
        bool blank = (unsigned char)*text <= ' ' || *text == 0x7f;
        if (!blank)
            out[n++] = *text;
        else if (n > 0 && out[n - 1] != ' ')
            out[n++] = ' ';
    }
    while (n > 0 && out[n - 1] == ' ')
        n--;
    out[n] = '\0';
}

void pg_job_note_sqlstate(struct pg_job *j)
{
    const char *s = PQresultErrorField(j->res, PG_DIAG_SQLSTATE);
    snprintf(j->sqlstate, sizeof j->sqlstate, "%s", s != NULL ? s : "");
}

static void answer(struct pg_job *j, struct pg_reply *r)
{
    memcpy(r->sqlstate, j->sqlstate, sizeof r->sqlstate);
    r->sent = j->sent;
    if (j->result_fn != NULL)
        j->result_fn(j->ud, r);
    pg_job_free(j);
}

/* Errors about values quote them in their first line, and functions of the council's own say what they like: a name or a
 * birth date could be among it. Those are told by their code; the database's own log has the rest. */
static bool quotes_values(const char *sqlstate)
{
    return strncmp(sqlstate, "22", 2) == 0 || strncmp(sqlstate, "23", 2) == 0 ||
           strcmp(sqlstate, "P0001") == 0;
}

void pg_job_answer(struct pg_job *j)
{
    char line[512] = "";
    ExecStatusType s = PQresultStatus(j->res);
    if (j->refused) {
        pg_job_answer_error(j, "the data of the COPY were refused");
        return;
    }
    struct pg_reply r = {.res = j->res, .message = line};
    r.ok = s == PGRES_COMMAND_OK || (s == PGRES_TUPLES_OK && j->data_fn == NULL);
    if (!r.ok) {
        /* The primary message only: the detail may quote a row. */
        const char *m = PQresultErrorField(j->res, PG_DIAG_MESSAGE_PRIMARY);
        pg_one_line(m != NULL ? m : PQresultErrorMessage(j->res), line, sizeof line);
        if (line[0] == '\0')
            snprintf(line, sizeof line, "%s", PQresStatus(s));
        pg_job_note_sqlstate(j);
        if (quotes_values(j->sqlstate))
            snprintf(line, sizeof line,
                     "a value was refused (SQLSTATE %s): the log of the database says which", j->sqlstate);
    }
    answer(j, &r);
}

void pg_job_answer_error(struct pg_job *j, const char *message)
{
    struct pg_reply r = {.message = message};
    answer(j, &r);
}

/* Only what is lost now: what a callback queues anew is answered when the loop has turned. */
void pg_jobs_answer_lost(struct pg_link *l)
{
    for (size_t n = l->lost.count; n > 0 && !l->dead; n--) {
        struct pg_job *j = pg_jobs_pop(&l->lost);
        char line[sizeof l->why + 64];
        snprintf(line, sizeof line,
                 j->sent ? "the connection was lost: %s" : "the database connection is down: %s",
                 l->why[0] != '\0' ? l->why : "not connected yet");
        struct pg_reply r = {.lost = true, .message = line};
        answer(j, &r);
    }
}
