/* A small caseload made by hand, through the intake, for tests of what is shown of one. Cases first, then claims, then
 * facts, each in ascending order of case_id. */
#ifndef EHCWATCH_CASELOAD_MAKE_H
#define EHCWATCH_CASELOAD_MAKE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "intake.h"

struct made {
    struct rulebook rulebook;
    struct calendar calendar;
    struct words *words;
    struct ledger ledger;
    struct intake *intake;
    struct snapshot *snapshot;
};

#define MADE_READ_AT INT64_C(1788256800123456) /* 2026-09-01T10:00:00.123456Z */

static inline void made_must(bool ok, const struct err *e)
{
    if (!ok) {
        fputs(e->text, stderr);
        abort();
    }
}

static inline civil_day made_day(const char *text)
{
    civil_day d = CIVIL_NONE;
    made_must(civil_parse(text, strlen(text), &d), &(struct err){"a bad date in a test\n"});
    return d;
}

/* `known_at`: as of what was known then; NULL: now. */
static inline void made_begin_known(struct made *m, civil_day as_of, const int64_t *known_at, uint64_t limits)
{
    *m = (struct made){0};
    rulebook_builtin(&m->rulebook);
    calendar_builtin(&m->calendar);
    m->words = words_new();
    m->intake = intake_new(&(struct intake_conf){.rulebook = &m->rulebook,
                                                 .calendar = &m->calendar,
                                                 .words = m->words,
                                                 .ledger = &m->ledger,
                                                 .as_of = as_of,
                                                 .read_at = MADE_READ_AT,
                                                 .known_at = known_at,
                                                 .limits = limits});
}

static inline void made_begin(struct made *m, civil_day as_of, uint64_t limits)
{
    made_begin_known(m, as_of, NULL, limits);
}

static inline void made_case(struct made *m, int64_t id, const char *ref, const char *locality,
                             const char *team, const char *officer, civil_day born)
{
    struct err e = {""};
    struct names *p = m->words->places;
    struct record_case k = {.id = id,
                            .ref = ref,
                            .ref_len = strlen(ref),
                            .locality = names_add(p, locality, strlen(locality)),
                            .team = names_add(p, team, strlen(team)),
                            .officer = names_add(p, officer, strlen(officer)),
                            .born = born};
    made_must(intake_case(m->intake, &k, &e), &e);
}

static inline void made_claim(struct made *m, int64_t id, enum ground ground, civil_day from, civil_day to)
{
    struct err e = {""};
    struct record_claim c = {{from, to, (uint8_t)ground}, TIME_NONE, TIME_NONE};
    made_must(intake_claim(m->intake, id, &c, &e), &e);
}

/* Recorded, and found to be wrong, at these times. */
static inline void made_fact_known(struct made *m, int64_t id, enum event event, const char *subject,
                                   civil_day on, int64_t recorded_at, int64_t voided_at)
{
    struct err e = {""};
    struct record_fact f = {.on = on,
                            .event = event,
                            .subject = names_add(m->words->subjects, subject, strlen(subject)),
                            .recorded_at = recorded_at,
                            .voided_at = voided_at};
    made_must(intake_fact(m->intake, id, &f, &e), &e);
}

static inline void made_fact(struct made *m, int64_t id, enum event event, const char *subject, civil_day on)
{
    made_fact_known(m, id, event, subject, on, TIME_NONE, TIME_NONE);
}

static inline void made_end(struct made *m)
{
    const int64_t *dirty;
    size_t n_dirty;
    int rc;
    do
        rc = intake_finish(m->intake, 100000);
    while (rc == 0);
    m->snapshot = rc == 1 ? intake_take(m->intake, &dirty, &n_dirty) : NULL;
    made_must(m->snapshot != NULL, &(struct err){"the intake failed\n"});
    intake_free(m->intake);
    m->intake = NULL;
}

static inline void made_free(struct made *m)
{
    snapshot_unref(m->snapshot);
    ledger_clear(&m->ledger);
    words_free(m->words);
}

#endif
