#include "gate.h"

#include <ev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bcrypt.h"
#include "clock.h"
#include "gate_memory.h"
#include "httpauth.h"
#include "log.h"

#define REALM     "realm=\"ehcwatchd\""
#define WITHIN    30. /* seconds that a password may take with those before it */
#define SLOWED    2.  /* seconds that whoever is wrong waits, once WRONG_FREE were */
#define WRONG_MAX 1e3

enum { WAITING_MOST = 12, WRONG_FREE = 8 };

/* A parked request: its password is being looked at, or it was wrong and waits for the answer. */
struct waiting {
    struct gate *gate;
    struct waiting *next, *prev;
    struct httpd_parked *parked;
    struct bcrypt_job *job; /* NULL: it was wrong */
    ev_timer slowed;
    uint8_t mac[GATE_MAC_LEN];
};

struct gate {
    struct ev_loop *loop;
    struct gate_conf conf;
    struct bcrypt *bcrypt;
    struct gate_memory memory;
    struct waiting *first;
    unsigned n_waiting;
    double wrong, wrong_at; /* how many were wrong, less one a second; as of when */
};

struct gate *gate_new(struct ev_loop *loop)
{
    struct gate *g = calloc(1, sizeof *g);
    if (g == NULL)
        return NULL;
    g->loop = loop;
    g->bcrypt = bcrypt_new(loop);
    if (g->bcrypt != NULL && gate_memory_init(&g->memory))
        return g;
    gate_free(g);
    return NULL;
}

static void drop_conf(struct gate *g)
{
    token_list_free(g->conf.tokens);
    webconfig_unref(g->conf.web);
}

void gate_free(struct gate *g)
{
    if (g == NULL)
        return;
    bcrypt_free(g->bcrypt);
    drop_conf(g);
    explicit_bzero(&g->memory, sizeof g->memory);
    free(g);
}

void gate_configure(struct gate *g, const struct gate_conf *conf)
{
    drop_conf(g);
    g->conf = *conf;
}

bool gate_conf_knows_somebody(const struct token_list *tokens, const struct webconfig *web)
{
    return tokens != NULL || (web != NULL && web->n_users > 0);
}

/* --- who it is ---------------------------------------------------------------------------------------------------------- */

static void take(struct caller *who, const struct token *t)
{
    memcpy(who->name, t->name, sizeof who->name);
    who->role = t->role;
    who->teams = t->teams;
}

/* By the token, alone or as the password of its name. */
static bool by_token(const struct gate *g, const struct httpauth *a, struct caller *who)
{
    if (g->conf.tokens == NULL || (a->kind != HTTPAUTH_BEARER && a->kind != HTTPAUTH_BASIC))
        return false;
    const struct token *t = token_find(g->conf.tokens, a->secret, strlen(a->secret));
    if (t == NULL || (a->kind == HTTPAUTH_BASIC && strcmp(t->name, a->user) != 0))
        return false;
    take(who, t);
    return true;
}

/* One of the web configuration: as the file of tokens says of him, else he reads everything, as with any other exporter. */
static void take_user(const struct gate *g, const char *name, struct caller *who)
{
    const struct token *t = g->conf.tokens != NULL ? token_named(g->conf.tokens, name) : NULL;
    if (t != NULL && t->password)
        take(who, t);
    else
        snprintf(who->name, sizeof who->name, "%s", name);
}

/* --- what is answered to whom nobody knows ------------------------------------------------------------------------------- */

/* Both ways of saying it: a browser and Excel ask for a name and a password, a program has a token. */
static void say_401(enum httpauth_kind kind, struct httpd_reply *reply)
{
    httpd_problem(
        reply, 401, "Who are you?",
        kind == HTTPAUTH_NONE
            ? "a token is wanted: Authorization: Bearer TOKEN, or its name and the token as user name "
              "and password"
            : "no such token, or no such name and password");
    httpd_reply_header(reply, "WWW-Authenticate", "Basic " REALM ", charset=\"UTF-8\"");
    httpd_reply_header(reply, "WWW-Authenticate",
                       kind == HTTPAUTH_BEARER ? "Bearer " REALM ", error=\"invalid_token\""
                                               : "Bearer " REALM);
}

static void say_429(struct httpd_reply *reply)
{
    httpd_problem(reply, 429, "Too many at once", "too many passwords are being looked at: try again");
    httpd_reply_header(reply, "Retry-After", "2");
}

static void say_closed(bool change, struct httpd_reply *reply)
{
    httpd_problem(reply, 403, change ? "Nothing is changed here" : "Not from here",
                  "set api_token_file in the configuration, with a token for whoever may %s",
                  change ? "change something" : "read from another machine");
}

/* --- waiting ------------------------------------------------------------------------------------------------------------ */

static void waiting_free(struct waiting *w)
{
    struct gate *g = w->gate;
    *(w->prev != NULL ? &w->prev->next : &g->first) = w->next;
    if (w->next != NULL)
        w->next->prev = w->prev;
    g->n_waiting--;
    ev_timer_stop(g->loop, &w->slowed);
    if (w->job != NULL)
        bcrypt_forget(w->job);
    free(w);
}

/* The server has answered, or stops. */
static void on_over(void *ud)
{
    waiting_free(ud);
}

static void on_slowed(struct ev_loop *loop, ev_timer *t, int events)
{
    struct waiting *w = t->data;
    (void)loop;
    (void)events;
    httpd_unpark(w->parked);
    waiting_free(w);
}

static struct waiting *wait_new(struct gate *g, struct httpd_reply *reply)
{
    struct waiting *w = g->n_waiting < WAITING_MOST ? calloc(1, sizeof *w) : NULL;
    if (w == NULL)
        return NULL;
    w->gate = g;
    w->next = g->first;
    if (w->next != NULL)
        w->next->prev = w;
    g->first = w;
    g->n_waiting++;
    ev_init(&w->slowed, on_slowed);
    w->slowed.data = w;
    w->parked = httpd_park(reply, WITHIN, on_over, w);
    return w;
}

/* One more is wrong: how long he waits. */
static double delay(struct gate *g)
{
    double now = clock_mono(), left = g->wrong - (now - g->wrong_at);
    g->wrong = (left > 0 ? left : 0) + 1;
    if (g->wrong > WRONG_MAX)
        g->wrong = WRONG_MAX;
    g->wrong_at = now;
    return g->wrong > WRONG_FREE ? SLOWED : 0.;
}

/* The answer is there; it goes out when he has waited. */
static void slow_down(struct waiting *w)
{
    ev_now_update(w->gate->loop);
    ev_timer_set(&w->slowed, delay(w->gate), 0.);
    ev_timer_start(w->gate->loop, &w->slowed);
}

static void refuse(struct gate *g, const struct httpd_request *q, enum httpauth_kind kind,
                   struct httpd_reply *reply)
{
    if (kind == HTTPAUTH_NONE) {
        say_401(kind, reply);
        return;
    }
    log_ev_limited(LOG_WARNING, "token_refused", q->peer, LOG_FIELDS({"PEER", q->peer}),
                   "%s: a token or a password that nobody has", q->path);
    double wait = delay(g);
    struct waiting *w = wait > 0 ? wait_new(g, reply) : NULL;
    if (w == NULL) {
        say_401(kind, reply);
        return;
    }
    say_401(kind, httpd_parked_reply(w->parked));
    ev_now_update(g->loop);
    ev_timer_set(&w->slowed, wait, 0.);
    ev_timer_start(g->loop, &w->slowed);
}

/* --- passwords ---------------------------------------------------------------------------------------------------------- */

static void on_looked(void *ud, bool right)
{
    struct waiting *w = ud;
    w->job = NULL;
    if (!right) {
        say_401(HTTPAUTH_BASIC, httpd_parked_reply(w->parked));
        log_ev_limited(LOG_WARNING, "token_refused", "password", LOG_NO_FIELDS, "a password that nobody has");
        slow_down(w);
        return;
    }
    gate_memory_keep(&w->gate->memory, w->mac, clock_mono());
    httpd_ask_again(w->parked);
    waiting_free(w);
}

/* True: it is known to be right. False: parked, or answered. */
static bool by_password(struct gate *g, const struct httpauth *a, struct caller *who,
                        struct httpd_reply *reply)
{
    const char *hash = webconfig_hash(g->conf.web, a->user);
    const char *tried = hash != NULL ? hash : g->conf.web->user[0].hash;
    uint8_t mac[GATE_MAC_LEN];
    if (!gate_memory_mac(&g->memory, tried, a->secret, mac)) {
        httpd_problem(reply, 500, "Out of memory", "the password could not be looked at");
        return false;
    }
    if (hash != NULL && gate_memory_knows(&g->memory, mac, clock_mono())) {
        take_user(g, a->user, who);
        return true;
    }
    struct waiting *w = wait_new(g, reply);
    if (w == NULL) {
        say_429(reply);
        return false;
    }
    memcpy(w->mac, mac, sizeof mac);
    w->job = bcrypt_ask(g->bcrypt, tried, hash != NULL, a->secret, on_looked, w);
    if (w->job == NULL) {
        say_429(httpd_parked_reply(w->parked));
        httpd_unpark(w->parked);
        waiting_free(w);
    }
    return false;
}

/* --- asking ------------------------------------------------------------------------------------------------------------- */

/* A browser adds name and password to whatever a page asks of us, also to what a page of another site does. */
static bool from_our_page(const struct httpd_request *q)
{
    const char *site = httpd_header(q, "Sec-Fetch-Site"), *origin = httpd_header(q, "Origin"),
               *host = httpd_header(q, "Host");
    if (site != NULL)
        return strcmp(site, "same-origin") == 0 || strcmp(site, "none") == 0;
    const char *authority = origin != NULL ? strstr(origin, "://") : NULL;
    return origin == NULL || (authority != NULL && host != NULL && strcasecmp(authority + 3, host) == 0);
}

static bool ask(struct gate *g, const struct httpd_request *q, const struct httpauth *said, bool must,
                struct caller *who, struct httpd_reply *reply)
{
    if (by_token(g, said, who) || (said->kind == HTTPAUTH_NONE && !must))
        return true;
    if (said->kind == HTTPAUTH_BASIC && g->conf.web != NULL && g->conf.web->n_users > 0)
        return by_password(g, said, who, reply);
    refuse(g, q, said->kind, reply);
    return false;
}

bool gate_ask(struct gate *g, const struct httpd_request *q, bool change, struct caller *who,
              struct httpd_reply *reply)
{
    struct httpauth said;
    bool must = change || !q->local || (g != NULL && g->conf.always);
    *who = (struct caller){.role = TOKEN_READER};
    if (g == NULL || !gate_conf_knows_somebody(g->conf.tokens, g->conf.web)) {
        if (must)
            say_closed(change, reply);
        return !must;
    }
    httpauth_parse(httpd_header(q, "Authorization"), &said);
    bool passes = ask(g, q, &said, must, who, reply);
    if (passes && change && said.kind == HTTPAUTH_BASIC && !from_our_page(q)) {
        httpd_problem(reply, 403, "Not from here", "a page of another site has asked for this");
        passes = false;
    }
    httpauth_wipe(&said);
    return passes;
}
