/* The routes' own view of themselves: the table (routes.c) and the lists (routes_breaches.c). */
#ifndef EHCWATCH_ROUTES_INT_H
#define EHCWATCH_ROUTES_INT_H

#include "routes.h"

#define TYPE_TEXT "text/plain; charset=utf-8"
#define TYPE_JSON "application/json; charset=utf-8"
#define TYPE_CSV  "text/csv; charset=utf-8"

/* The snapshot to answer from, or NULL: then 503 has been answered. */
struct snapshot *routes_snapshot(const struct status *s, struct httpd_reply *reply);

/* Adds what a list carries beside its rows, also where its format has no place for it. */
void routes_say_as_of(const struct status *s, struct httpd_reply *reply);

/* The names of the parameters of a breach list, ended by NULL. */
extern const char *const routes_breach_params[];

/* /v1/breaches, /v1/breaches.csv, /v1/breaches.json */
void routes_breaches(const struct routes *r, const struct httpd_request *q, struct httpd_reply *reply);

/* Whether an Accept header prefers text/csv to JSON. NULL: no such header. */
bool routes_prefers_csv(const char *accept);

#endif
