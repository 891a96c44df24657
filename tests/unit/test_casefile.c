#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/mman.h>
#include <unistd.h>

#include "caserows.h"
#include "casework.h"
#include "instant.h"

/* Files without a file system. */
struct file {
    int fd;
    char name[32];
};

static struct file file_of(const char *text, size_t len)
{
    struct file f = {.fd = memfd_create("csv", MFD_CLOEXEC)};
    assert_true(f.fd >= 0 && write(f.fd, text, len) == (ssize_t)len);
    snprintf(f.name, sizeof f.name, "/proc/self/fd/%d", f.fd);
    return f;
}

struct text {
    char p[1 << 17];
    size_t n;
};

static void add(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void add(struct text *t, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    t->n += (size_t)vsnprintf(t->p + t->n, sizeof t->p - t->n, fmt, ap);
    va_end(ap);
    assert_true(t->n < sizeof t->p);
}

/* --- what was read, as text ---------------------------------------------------------------------------------------------- */

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* The facts of a case in the order of their texts: that of the rows means nothing. */
static void tell_case(struct text *t, const struct casefile *cf, const struct casefile_case *k)
{
    char line[64][64];
    size_t n = k->facts_to - k->facts_from, claims = k->claims_to - k->claims_from;
    add(t, "%s %d %d\n", k->ref, k->born, k->unassigned);
    assert_true(n + claims <= 64);
    for (size_t i = 0; i < n; i++) {
        const struct fact *f = &cf->facts[k->facts_from + i];
        snprintf(line[i], sizeof line[i], "%d %s %s", f->on, event_name((enum event)f->event),
                 names_text(cf->subjects, f->subject));
    }
    for (size_t i = 0; i < claims; i++) {
        const struct claim *c = &cf->claims[k->claims_from + i];
        snprintf(line[n + i], sizeof line[n], "%s %d %d", ground_name((enum ground)c->ground), c->from,
                 c->to);
    }
    qsort(line, n + claims, sizeof line[0], by_text);
    for (size_t i = 0; i < n + claims; i++)
        add(t, "  %s\n", line[i]);
}

/* File names differ from reading to reading: the last part is left out. */
static void tell(struct text *t, const struct casefile *cf)
{
    t->n = 0;
    for (size_t i = 0; i < cf->n; i++) {
        assert_true(i == 0 || strcmp(cf->cases[i - 1].ref, cf->cases[i].ref) <= 0);
        tell_case(t, cf, &cf->cases[i]);
    }
    add(t, "most %zu, unknown %zu %zu %zu\n", cf->most_facts, cf->unknown_case, cf->unknown_event,
        cf->unknown_ground);
    for (size_t i = 0; i < cf->n_rejects; i++) {
        const struct casefile_reject *r = &cf->rejects[i];
        add(t, "%s %u %s %s %s %d\n", finding_id(r->kind), r->line, r->case_id, r->text, r->ref, r->on);
    }
}

/* --- random files --------------------------------------------------------------------------------------------------------- */

enum { CASES = 40, ROWS = 300 };

struct files {
    struct text cases, events, claims;
};

/* An id of each length, some alike but for one byte in the middle. */
static const char *id_of(int i, char out[40])
{
    snprintf(out, 40,
             i % 3 == 0   ? "%d"
             : i % 3 == 1 ? "case-%02d-of-many"
                          : "00000000-%04d-0000-000000000000",
             i);
    return out;
}

static const char *date_of(struct rng *r, char out[CIVIL_TEXT_LEN])
{
    return civil_format(20000 + rng_between(r, 0, 700), out);
}

static void write_event(struct rng *r, struct text *t, const char *id)
{
    static const char *const subjects[] = {"",
                                           "health",
                                           "education",
                                           "SCH-1",
                                           "SCH-2",
                                           "\"a \"\"school\"\"\"",
                                           "an institution with a long name",
                                           "\"two\nlines\""};
    char date[CIVIL_TEXT_LEN];
    int ev = rng_between(r, 1, EV_COUNT); /* one past the last: in no vocabulary */
    add(t, "%s,%s,%s,%s,%s,%s%s\n", id, ev < EV_COUNT ? event_name((enum event)ev) : "lunch_held",
        subjects[rng_below(r, 8)], date_of(r, date), rng_one_in(r, 3) ? "2025-01-01T00:00:00Z" : "",
        rng_one_in(r, 20) ? "2026-01-01T00:00:00+01:00" : "", rng_one_in(r, 9) ? "\r" : "");
}

static void write_files(struct rng *r, struct files *f, bool grouped)
{
    char id[40], date[CIVIL_TEXT_LEN];
    int order[CASES];
    f->cases.n = f->events.n = f->claims.n = 0;
    for (int i = 0; i < CASES; i++)
        order[i] = i;
    if (!grouped)
        RNG_SHUFFLE(r, order, (size_t)CASES);
    add(&f->cases, "case_id,case_ref,officer,date_of_birth\n");
    add(&f->events, "case_id,event,subject,occurred_on,recorded_at,voided_at\n");
    add(&f->claims, "case_id,ground,from_on,to_on\n");
    for (int i = 0; i < CASES; i++) /* a few references twice */
        add(&f->cases, "%s,R-%04d,%s,%s\n", id_of(order[i], id), order[i] / (order[i] < 6 ? 2 : 1),
            rng_one_in(r, 4) ? "" : "CO-1", rng_one_in(r, 2) ? date_of(r, date) : "");
    for (int i = 0; i < ROWS; i++) /* the last number is of no case */
        write_event(r, &f->events, id_of(grouped ? i * CASES / ROWS : rng_between(r, 0, CASES), id));
    for (int i = 0; i < 20; i++)
        add(&f->claims, "%s,%s,%s,\n", id_of(rng_between(r, 0, CASES), id),
            rng_one_in(r, 9) ? "flood" : ground_name((enum ground)rng_below(r, GROUND_COUNT)),
            rng_one_in(r, 2) ? date_of(r, date) : "");
}

/* --- readings ------------------------------------------------------------------------------------------------------------ */

/* The text of what was read, or of the error with "F0", "F1", "F2" for the files. */
static void read_files(const struct files *f, int64_t known_at, const struct csv_pace *pace, struct text *out)
{
    struct file file[3] = {file_of(f->cases.p, f->cases.n), file_of(f->events.p, f->events.n),
                           file_of(f->claims.p, f->claims.n)};
    struct casefile cf;
    struct err e = {""};
    if (casefile_read_by(&cf, file[0].name, file[1].name, file[2].name, known_at, pace, &e)) {
        tell(out, &cf);
        casefile_free(&cf);
    } else {
        out->n = 0;
        for (int i = 0; i < 3; i++)
            if (strncmp(e.text, file[i].name, strlen(file[i].name)) == 0)
                add(out, "F%d%s", i, e.text + strlen(file[i].name));
    }
    for (int i = 0; i < 3; i++)
        close(file[i].fd);
}

/* In one block by one thread: the plain way. */
static const struct csv_pace plain = {1 << 20, 1};

static void reading_does_not_depend_on_the_pace(void **state)
{
    (void)state;
    static struct files f;
    static struct text want, got;
    struct rng r = rng_seeded("casefile");
    for (int round = 0; round < 60; round++) {
        int64_t known_at = KNOWN_NOW;
        if (rng_one_in(&r, 2))
            assert_true(instant_parse("2025-06-01T00:00:00Z", 20, &known_at));
        write_files(&r, &f, round % 2 == 0);
        if (rng_one_in(&r, 3)) { /* something wrong in one of them */
            struct text *bad = rng_one_in(&r, 3) ? &f.cases : rng_one_in(&r, 2) ? &f.events : &f.claims;
            bad->p[(size_t)rng_below(&r, (uint32_t)bad->n)] = "\n,\"x"[rng_below(&r, 4)];
        }
        read_files(&f, known_at, &plain, &want);
        for (int i = 0; i < 6; i++) {
            const struct csv_pace pace = {(size_t)rng_between(&r, 1, 2000), (unsigned)rng_between(&r, 1, 4)};
            read_files(&f, known_at, &pace, &got);
            if (strcmp(got.p, want.p) != 0)
                fail_msg("blocks of %zu, %u threads:\n%s\nand not\n%s", pace.block, pace.threads, got.p,
                         want.p);
        }
    }
}

/* Rows in another order are the same caseload, but for where the rejected ones stand. */
static void reading_does_not_depend_on_the_order(void **state)
{
    (void)state;
    static struct files f;
    static struct text want, got, lines;
    struct rng r = rng_seeded("casefile, order");
    for (int round = 0; round < 20; round++) {
        char *row[ROWS];
        size_t n = 0;
        write_files(&r, &f, true);
        read_files(&f, KNOWN_NOW, &plain, &want);
        lines = f.events;
        char *at = strchr(lines.p, '\n') + 1;
        f.events.n = (size_t)(at - lines.p);
        for (char *next; *at != '\0'; at = next) { /* a row may hold a line end, in quotes */
            next = strchr(at, '\n') + 1;
            if (strncmp(next, "lines\"", 6) == 0)
                next = strchr(next, '\n') + 1;
            row[n++] = at;
        }
        assert_int_equal(n, ROWS);
        RNG_SHUFFLE(&r, row, n);
        for (size_t i = 0; i < n; i++) {
            char *end = strchr(row[i], '\n') + 1;
            if (strncmp(end, "lines\"", 6) == 0)
                end = strchr(end, '\n') + 1;
            add(&f.events, "%.*s", (int)(end - row[i]), row[i]);
        }
        read_files(&f, KNOWN_NOW, &(struct csv_pace){500, 2}, &got);
        *strstr(want.p, "most") = *strstr(got.p, "most") = '\0';
        assert_string_equal(got.p, want.p);
    }
}

/* Of a row that has two faults the one that was always told first. */
static void which_fault_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *cases, *said;
    } rows[] = {
        {"1,A,\n2,B,\n1,C,soon\n", "F0:4: case_id 1 comes twice"},
        {"1,A,\n2,B,soon\n1,C,\n", "F0:3: date_of_birth \"soon\" is not a date of 1900 to 2199 (YYYY-MM-DD)"},
        {"1,A,\n1,,soon\n", "F0:3: case_id and case_ref must not be empty"},
        {"1,A,\n1,B,\n1\n", "F0:3: case_id 1 comes twice"},
        {"1,A,\n1\n1,B,\n", "F0:3: 1 fields where the header has 3 columns"},
    };
    static struct files f;
    static struct text got;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (size_t block = 1; block < 60; block++) {
            f.cases.n = f.events.n = f.claims.n = 0;
            add(&f.cases, "case_id,case_ref,date_of_birth\n%s", rows[i].cases);
            add(&f.events, "no header\n"); /* not read any more */
            read_files(&f, KNOWN_NOW, &(struct csv_pace){block, 1 + block % 3}, &got);
            assert_string_equal(got.p, rows[i].said);
        }
}

/* --- writing ------------------------------------------------------------------------------------------------------------- */

static void write_rows(const struct files *f, bool json, unsigned threads, struct text *out)
{
    struct file file[3] = {file_of(f->cases.p, f->cases.n), file_of(f->events.p, f->events.n),
                           file_of(f->claims.p, f->claims.n)};
    struct file to = file_of("", 0);
    struct casefile cf;
    struct rulebook rb;
    struct err e = {""};
    rulebook_builtin(&rb);
    assert_true(casefile_read(&cf, file[0].name, file[1].name, file[2].name, KNOWN_NOW, &e));
    struct findings_file *findings = findings_file_new(&cf, &rb, day("2025-09-01"), false);
    const struct caserows_how how = {.as_of = day("2025-09-01"),
                                     .limits = LIMITS_ALL,
                                     .json = json,
                                     .out = to.fd,
                                     .findings = findings,
                                     .threads = threads};
    assert_true(caserows_write(&cf, &rb, &how));
    ssize_t n = pread(to.fd, out->p, sizeof out->p - 1, 0);
    assert_true(n > 0);
    out->n = (size_t)n;
    out->p[n] = '\0';
    struct file told = file_of("", 0);
    assert_true(findings_file_write(findings, told.name, &e));
    n = pread(told.fd, out->p + out->n, sizeof out->p - 1 - out->n, 0);
    assert_true(n > 0);
    out->p[out->n + (size_t)n] = '\0';
    findings_file_free(findings);
    casefile_free(&cf);
    close(to.fd);
    close(told.fd);
    for (int i = 0; i < 3; i++)
        close(file[i].fd);
}

/* By reference and limit, whatever cases they are of. */
static void must_be_in_order(const char *rows)
{
    const char *before = "";
    size_t n = 0;
    for (const char *row = strchr(rows, '\n') + 1; strncmp(row, "case_ref,", 9) != 0;
         row = strchr(row, '\n') + 1) {
        size_t len = strcspn(row, ",");
        len += 1 + strcspn(row + len + 1, ",");
        assert_true(strncmp(before, row, len) <= 0);
        before = row;
        n++;
    }
    assert_true(n > 50);
}

/* More cases than a piece has, and a reference that more of them share than that. */
static void writing_does_not_depend_on_the_threads(void **state)
{
    (void)state;
    static struct files f;
    static struct text want, got;
    for (int shared = 0; shared < 2; shared++) {
        f.cases.n = f.events.n = f.claims.n = 0;
        add(&f.cases, "case_id,case_ref\n");
        add(&f.events, "case_id,event,occurred_on\n");
        add(&f.claims, "case_id,ground,from_on,to_on\n");
        for (int i = 0; i < 900; i++) {
            add(&f.cases, "%d,R%03d\n", i, shared && i > 100 && i < 600 ? 100 : i);
            if (i % 30 == 0)
                add(&f.events, "%d,request_received,2025-0%d-03\n", i, 1 + i % 8);
        }
        for (int json = 0; json < 2; json++) {
            write_rows(&f, json, 1, &want);
            if (!json)
                must_be_in_order(want.p);
            assert_non_null(strstr(want.p, json ? "\"case_ref\":\"R870\"" : "R870,assess_decision_6w"));
            for (unsigned threads = 2; threads <= 4; threads++) {
                write_rows(&f, json, threads, &got);
                assert_string_equal(got.p, want.p);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reading_does_not_depend_on_the_pace),
        cmocka_unit_test(reading_does_not_depend_on_the_order),
        cmocka_unit_test(which_fault_is_told),
        cmocka_unit_test(writing_does_not_depend_on_the_threads),
    };
    return cmocka_run_group_tests_name("casefile", tests, NULL, NULL) != 0;
}
