/* An HTTP server without sockets, for test programs that are linked with WRAP_PARKED (tests.mk). A reply is a struct whose first member is a
 * `struct parked`. Include it once. */
#ifndef EHCWATCH_PARKED_H
#define EHCWATCH_PARKED_H

#include <stdio.h>
#include <string.h>

#include "httpd.h"

/* What the server was told of one reply. */
struct parked {
    int parked, unparked, problems;
    unsigned problem;       /* the status of the last one */
    void (*over)(void *ud); /* of the last parking */
    void *over_ud;
    char evaluated_at[40]; /* Ehcwatch-Evaluated-At */
};

struct httpd_parked *__wrap_httpd_park(struct httpd_reply *reply, double within_s, void (*over)(void *ud),
                                       void *ud);
struct httpd_reply *__wrap_httpd_parked_reply(struct httpd_parked *p);
void __wrap_httpd_unpark(struct httpd_parked *p);
void __wrap_httpd_problem(struct httpd_reply *reply, unsigned status, const char *title, const char *fmt,
                          ...);
void __wrap_httpd_reply_header(struct httpd_reply *reply, const char *name, const char *value);

struct httpd_parked *__wrap_httpd_park(struct httpd_reply *reply, double within_s, void (*over)(void *ud),
                                       void *ud)
{
    struct parked *p = (struct parked *)reply;
    (void)within_s;
    p->parked++;
    p->over = over;
    p->over_ud = ud;
    return (struct httpd_parked *)p;
}

struct httpd_reply *__wrap_httpd_parked_reply(struct httpd_parked *p)
{
    return (struct httpd_reply *)p;
}

void __wrap_httpd_unpark(struct httpd_parked *p)
{
    ((struct parked *)p)->unparked++;
}

void __wrap_httpd_problem(struct httpd_reply *reply, unsigned status, const char *title, const char *fmt, ...)
{
    struct parked *p = (struct parked *)reply;
    (void)title;
    (void)fmt;
    p->problems++;
    p->problem = status;
}

void __wrap_httpd_reply_header(struct httpd_reply *reply, const char *name, const char *value)
{
    struct parked *p = (struct parked *)reply;
    if (strcmp(name, "Ehcwatch-Evaluated-At") == 0)
        snprintf(p->evaluated_at, sizeof p->evaluated_at, "%s", value);
}

#endif
