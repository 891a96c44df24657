/* Which connection strings are accepted, and which make the loop wait for a name server. */
#include "pgconninfo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct row {
    const char *conninfo;
    const char *lookup; /* the name that libpq would resolve; NULL for none */
    const char *says;   /* NULL: accepted; else a part of the error text */
};

static const struct row ROWS[] = {
    {"", NULL, NULL},
    {"dbname=casework", NULL, NULL},
    {"host=/run/postgresql dbname=casework user=ehc", NULL, NULL},
    {"host=@abstract", NULL, NULL},
    {"host=10.1.2.3 port=5433", NULL, NULL},
    {"host=::1", NULL, NULL},
    {"host=localhost", NULL, NULL},
    {"host=db.council.example", "db.council.example", NULL},
    {"host=db.council.example hostaddr=10.1.2.3 sslmode=verify-full", NULL, NULL},
    {"host=a.example,b.example hostaddr=10.0.0.1,", "b.example", NULL},
    {"host=a.example,/tmp hostaddr=10.0.0.1, port=5432,5433", NULL, NULL},
    {"host=10.0.0.1,second.example port=5432", "second.example", NULL},
    {"postgresql://ehc@db.example:5433/casework?sslmode=require", "db.example", NULL},
    {"postgresql:///casework?host=/run/postgresql", NULL, NULL},
    {"dbname=passwords application_name='the service'", NULL, NULL},
    {"dbname", NULL, "missing \"=\" after \"dbname\""},
    {"dbnam=x", NULL, "invalid connection option \"dbnam\""},
    {"host='open", NULL, "unterminated quoted string"},
    {"postgresql://[::1", NULL, "cannot be read: "},
    {"host=a hostaddr=10.0.0.1,10.0.0.2", NULL, "1 hosts but 2 hostaddrs"},
    {"host=/tmp port=1,2", NULL, "2 ports for 1 hosts"},
    {"host=/tmp password=hunter2", NULL, "password does not belong into a connection string"},
    {"sslkey=k sslpassword=hunter2", NULL, "sslpassword does not belong into a connection string"},
    {"passfile=/root/.pgpass", NULL, "passfile does not belong into a connection string"},
    {"service=prod", NULL, "service does not belong into a connection string"},
    {"postgresql://ehc:hunter2@db.example/casework", NULL,
     "password does not belong into a connection string"},
    {"password=my hunter2", NULL, "cannot be read (and may not contain a password)"},
    {"postgresql://ehc:hunter2@db.example:port:/x?=", NULL,
     "cannot be read (and may not contain a password)"},
};

static void check(void **state)
{
    const struct row *r = *state;
    struct pg_conninfo_note note;
    struct err e = {""};
    bool ok = pg_conninfo_check(r->conninfo, &note, &e);
    assert_string_equal(ok ? "accepted" : "refused", r->says == NULL ? "accepted" : "refused");
    if (r->says != NULL && strstr(e.text, r->says) == NULL)
        assert_string_equal(e.text, r->says);
    assert_null(strstr(e.text, "hunter2"));
    assert_null(strchr(e.text, '\n'));
    assert_int_equal(note.blocking_lookup, r->lookup != NULL);
    assert_string_equal(note.host, r->lookup != NULL ? r->lookup : "");
    assert_int_equal(pg_conninfo_check(r->conninfo, NULL, NULL), ok);
}

int main(void)
{
    enum { N = sizeof ROWS / sizeof ROWS[0] };
    struct CMUnitTest tests[N];
    for (int i = 0; i < N; i++) {
        union {
            const struct row *row;
            void *state;
        } u = {.row = &ROWS[i]};
        tests[i] = (struct CMUnitTest){ROWS[i].conninfo, check, NULL, NULL, u.state};
    }
    return cmocka_run_group_tests_name("pgconninfo", tests, NULL, NULL) != 0;
}
