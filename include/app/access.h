/* Who asks over HTTP, and what he may see of it.
 *
 * The handler of the routes finds out who asks before anything is looked up, and hands it on as `caller` in its own copy of struct
 * routes. A caller who may see some teams only is held to them by whoever answers: with one of the functions below, before anything is
 * counted or looked for. An address that does not is refused to him (the column `narrow` of the table in routes.c), so that a new
 * page shows him nothing by oversight. */
#ifndef EHCWATCH_ACCESS_H
#define EHCWATCH_ACCESS_H

#include "breach_list.h"
#include "pgarray.h"
#include "token.h"

/* A plain value: whoever answers later keeps a copy. A NULL caller, where a function below takes one, may see everything. */
struct caller {
    char name[TOKEN_NAME_MAX + 1]; /* "": not said, by somebody on this machine who need not say it */
    enum token_role role;
    struct token_teams teams; /* none: every team, and cases without one */
};

/* Whether some cases are hidden from him. */
bool access_is_narrow(const struct caller *c);

/* Leaves in `teams`, as asked for, those that he may see; when that is none, a set that no case is in. */
void access_narrow(const struct caller *c, const struct snapshot *s, struct breach_places *teams);
/* papers.h: access_narrow(c, s, &want.teams) */
void access_narrow_filter(const struct caller *c, const struct snapshot *s, struct breach_filter *f);

/* Whether he may see the case of a record. One that he may not is answered for as one that does not exist, in the same words. */
bool access_sees(const struct caller *c, const struct snapshot *s, const unsigned char *record);

/* The same by reference; of one that is not in the snapshot, or without a snapshot, only who may see everything is told. */
bool access_sees_ref(const struct caller *c, const struct snapshot *s, const char *ref);

/* His teams as a text[] for a query; NULL: all of them. Borrowed from `a`, which the caller frees (pgarray.h). False: memory was short. */
bool access_teams_array(const struct caller *c, struct pg_array *a, const char **literal,
                        struct err *e) MUST_CHECK;

#endif
