#include "gate.h"

#include <stdlib.h>
#include <string.h>

#include "httpauth.h"
#include "log.h"

#define REALM "realm=\"ehcwatchd\""

struct gate {
    struct gate_conf conf;
};

struct gate *gate_new(void)
{
    return calloc(1, sizeof(struct gate));
}

void gate_free(struct gate *g)
{
    if (g == NULL)
        return;
    token_list_free(g->conf.tokens);
    free(g);
}

void gate_configure(struct gate *g, const struct gate_conf *conf)
{
    token_list_free(g->conf.tokens);
    g->conf = *conf;
}

/* --- who it is ---------------------------------------------------------------------------------------------------------- */

static void take(struct caller *who, const struct token *t)
{
    memcpy(who->name, t->name, sizeof who->name);
    who->role = t->role;
    who->teams = t->teams;
}

/* By the token, alone or as the password of its name. */
static const struct token *by_token(const struct gate *g, const struct httpauth *a)
{
    if (g->conf.tokens == NULL || (a->kind != HTTPAUTH_BEARER && a->kind != HTTPAUTH_BASIC))
        return NULL;
    const struct token *t = token_find(g->conf.tokens, a->secret, strlen(a->secret));
    return t != NULL && (a->kind == HTTPAUTH_BEARER || strcmp(t->name, a->user) == 0) ? t : NULL;
}

/* --- what is answered to whom nobody knows ------------------------------------------------------------------------------- */

/* Both ways of saying it: a browser and Excel ask for a name and a password, a program has a token. */
static void refuse(const struct httpd_request *q, const struct httpauth *a, struct httpd_reply *reply)
{
    bool said = a->kind != HTTPAUTH_NONE;
    httpd_problem(
        reply, 401, "Who are you?",
        said ? "no such token, or no such name and password"
             : "a token is wanted: Authorization: Bearer TOKEN, or its name and the token as user name "
               "and password");
    httpd_reply_header(reply, "WWW-Authenticate", "Basic " REALM ", charset=\"UTF-8\"");
    httpd_reply_header(reply, "WWW-Authenticate",
                       a->kind == HTTPAUTH_BEARER ? "Bearer " REALM ", error=\"invalid_token\""
                                                  : "Bearer " REALM);
    if (said)
        log_ev_limited(LOG_WARNING, "token_refused", q->peer, LOG_FIELDS({"PEER", q->peer}),
                       "%s: a token or a password that nobody has", q->path);
}

static void closed(bool change, struct httpd_reply *reply)
{
    if (change)
        httpd_problem(
            reply, 403, "Nothing is changed here",
            "set api_token_file in the configuration, with a token for whoever may change something");
    else
        httpd_problem(
            reply, 403, "Not from here",
            "set api_token_file in the configuration, with a token for whoever may read from another "
            "machine");
}

bool gate_ask(struct gate *g, const struct httpd_request *q, bool change, struct caller *who,
              struct httpd_reply *reply)
{
    struct httpauth said;
    bool configured = g != NULL && g->conf.tokens != NULL;
    bool must = change || !q->local || (g != NULL && g->conf.always);
    *who = (struct caller){.role = TOKEN_READER};
    if (!configured) {
        if (must)
            closed(change, reply);
        return !must;
    }
    httpauth_parse(httpd_header(q, "Authorization"), &said);
    const struct token *t = by_token(g, &said);
    bool passes = t != NULL || (said.kind == HTTPAUTH_NONE && !must);
    if (t != NULL)
        take(who, t);
    else if (!passes)
        refuse(q, &said, reply);
    httpauth_wipe(&said);
    return passes;
}
