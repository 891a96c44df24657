/* How fast the pure evaluator is: cases a second on one core, without a database.
 *
 *     evaluate_bench CASES.csv EVENTS.csv EXCEPTIONS.csv AS_OF
 *
 * Prints one line for each piece of work and set of limits, `WORK LIMITS CASES EVENTS OBLIGATIONS RATE`: on so many cases, with
 * so many events and obligations for each on average, so many cases a second of CPU time, the best of ROUNDS:
 *   evaluate      facts that lie settled in memory
 *   twelve        the same, of cases with exactly twelve events
 *   settle        facts_settle and evaluate
 *   record        record_view and evaluate: what the daemon does when the date has changed
 *   encode        record_encode alone: what it does for every case that it reads */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "casefile.h"
#include "evaluate.h"
#include "record.h"

enum { ROUNDS = 9, TWELVE = 12 };

struct bench {
    struct rulebook rulebook;
    struct calendar calendar;
    struct casefile file;
    struct words words; /* the subjects are the casefile's */
    unsigned char *records;
    size_t *record_at, bytes;
    struct record_room room;
    civil_day as_of;
};

struct found {
    size_t obligations;
    int64_t days; /* so that no part of the work can be left out */
};

static void must(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "evaluate_bench: %s\n", what);
    exit(1);
}

/* CPU time: what else the machine does counts for little. */
static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void take(void *ud, const struct obligation *o)
{
    struct found *f = ud;
    f->obligations++;
    f->days += o->days + o->state;
}

static struct case_facts facts_of(const struct bench *b, size_t i)
{
    const struct casefile_case *k = &b->file.cases[i];
    return (struct case_facts){
        .facts = b->file.facts + k->facts_from,
        .n = k->facts_to - k->facts_from,
        .claims = b->file.claims + k->claims_from,
        .n_claims = k->claims_to - k->claims_from,
        .born = k->born,
    };
}

static size_t encode(struct bench *b, struct record_maker *m, size_t i, unsigned char *out)
{
    struct case_facts cf = facts_of(b, i);
    for (size_t f = 0; f < cf.n; f++)
        must(
            record_add_fact(m, &(struct record_fact){.on = cf.facts[f].on,
                                                     .event = (enum event)cf.facts[f].event,
                                                     .subject = cf.facts[f].subject,
                                                     .recorded_at = (int64_t)cf.facts[f].on * 86400 * 1000000,
                                                     .voided_at = TIME_NONE}),
            "out of memory");
    for (size_t c = 0; c < cf.n_claims; c++)
        must(record_add_claim(m, &(struct record_claim){cf.claims[c], TIME_NONE, TIME_NONE}),
             "out of memory");
    const struct record_case k = {.id = (int64_t)i + 1,
                                  .ref = b->file.cases[i].ref,
                                  .ref_len = strlen(b->file.cases[i].ref),
                                  .locality = (uint32_t)(i % 7),
                                  .team = (uint32_t)(i % 12),
                                  .officer = (uint32_t)(i % 60),
                                  .born = cf.born};
    return record_encode(m, &k, out);
}

static void encode_all(struct bench *b, uint64_t limits, struct found *f)
{
    struct record_maker m = {0};
    (void)limits;
    b->bytes = 0;
    for (size_t i = 0; i < b->file.n; i++) {
        b->record_at[i] = b->bytes;
        b->bytes += encode(b, &m, i, b->records + b->bytes);
    }
    f->days = (int64_t)b->bytes;
    record_maker_free(&m);
}

static void settle_all(struct bench *b, uint64_t limits, struct found *f)
{
    for (size_t i = 0; i < b->file.n; i++) {
        struct case_facts cf = facts_of(b, i);
        facts_settle(&cf, b->file.subjects, b->as_of);
        evaluate(&b->rulebook, &b->calendar, &cf, b->as_of, limits, take, f);
    }
}

static void record_all(struct bench *b, uint64_t limits, struct found *f)
{
    for (size_t i = 0; i < b->file.n; i++) {
        must(record_view(b->records + b->record_at[i], &b->words, b->as_of, KNOWN_NOW, &b->room),
             "out of memory");
        evaluate(&b->rulebook, &b->calendar, &b->room.view, b->as_of, limits, take, f);
    }
}

static void report(const char *work, const char *limits, size_t cases, size_t events, const struct found *f,
                   double seconds)
{
    double n = (double)cases;
    printf("%-9s %-8s %8zu %6.2f %6.2f %10.0f\n", work, limits, cases, (double)events / n,
           (double)f->obligations / n, n / seconds);
    fprintf(stderr, "%s %s: sum %lld\n", work, limits, (long long)f->days);
}

static void best_of(struct bench *b, const char *work, void (*fn)(struct bench *, uint64_t, struct found *),
                    const char *name, uint64_t limits)
{
    double best = 1e9;
    struct found f = {0};
    for (int r = 0; r < ROUNDS; r++) {
        f = (struct found){0};
        double from = now();
        fn(b, limits, &f);
        double took = now() - from;
        best = took < best ? took : best;
    }
    report(work, name, b->file.n, b->file.cases[b->file.n - 1].facts_to, &f, best);
}

/* Cases that are settled once and kept so, those with `events` of them or all (0): evaluate() alone. */
static void evaluate_alone(struct bench *b, const char *work, size_t events, const char *name,
                           uint64_t limits)
{
    double best = 1e9;
    struct found f = {0};
    size_t n = 0, seen = 0;
    struct case_facts *settled = malloc(b->file.n * sizeof *settled);
    must(settled != NULL, "out of memory");
    for (size_t i = 0; i < b->file.n; i++) {
        struct case_facts cf = facts_of(b, i);
        facts_settle(&cf, b->file.subjects, b->as_of);
        if (events != 0 && cf.n != events)
            continue;
        settled[n++] = cf;
        seen += cf.n;
    }
    must(n > 0, "no case has so many events");
    for (int r = 0; r < ROUNDS; r++) {
        f = (struct found){0};
        double from = now();
        for (size_t i = 0; i < n; i++)
            evaluate(&b->rulebook, &b->calendar, &settled[i], b->as_of, limits, take, &f);
        double took = now() - from;
        best = took < best ? took : best;
    }
    free(settled);
    report(work, name, n, seen, &f, best);
}

int main(int argc, char **argv)
{
    struct bench b = {0};
    struct err e = {""};
    must(argc == 5 && civil_parse(argv[4], strlen(argv[4]), &b.as_of),
         "usage: evaluate_bench CASES.csv EVENTS.csv EXCEPTIONS.csv AS_OF");
    must(casefile_read(&b.file, argv[1], argv[2], argv[3], KNOWN_NOW, &e), e.text);
    must(b.file.n > 0, "no cases");
    rulebook_builtin(&b.rulebook);
    calendar_builtin(&b.calendar);
    b.words.subjects = b.file.subjects;
    size_t facts = b.file.cases[b.file.n - 1].facts_to;
    b.records = malloc(b.file.n * 200 + facts * 48);
    b.record_at = malloc(b.file.n * sizeof *b.record_at);
    must(b.records != NULL && b.record_at != NULL, "out of memory");
    uint64_t three = LIMIT_BIT(limit_by_id("assess_decision_6w")) | LIMIT_BIT(limit_by_id("final_plan_20w")) |
                     LIMIT_BIT(limit_by_id("annual_review_12m"));

    best_of(&b, "encode", encode_all, "-", 0);
    best_of(&b, "record", record_all, "default", three);
    best_of(&b, "record", record_all, "all", LIMITS_ALL);
    best_of(&b, "settle", settle_all, "default", three);
    best_of(&b, "settle", settle_all, "all", LIMITS_ALL);
    evaluate_alone(&b, "evaluate", 0, "default", three);
    evaluate_alone(&b, "evaluate", 0, "all", LIMITS_ALL);
    evaluate_alone(&b, "twelve", TWELVE, "all", LIMITS_ALL);

    record_room_free(&b.room);
    free(b.record_at);
    free(b.records);
    casefile_free(&b.file);
    return 0;
}
