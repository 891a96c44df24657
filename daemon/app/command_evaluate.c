#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "casefile.h"
#include "command.h"
#include "findings_file.h"
#include "instant.h"
#include "obligation_text.h"

struct request {
    const char *cases, *events, *exceptions, *findings;
    civil_day as_of;
    int64_t known_at;
    uint64_t limits;
    bool json;
};

/* "all", or ids with commas between. */
static bool parse_limits(const char *text, uint64_t *limits, struct err *e)
{
    char id[64];
    *limits = 0;
    if (strcmp(text, "all") == 0) {
        *limits = LIMITS_ALL;
        return true;
    }
    for (const char *p = text; *p != '\0';) {
        size_t len = strcspn(p, ",");
        snprintf(id, sizeof id, "%.*s", (int)len, p);
        int i = limit_by_id(id);
        if (i < 0)
            return err_set(e, "there is no limit \"%s\" (ehcwatchd rules lists them)", id);
        *limits |= LIMIT_BIT(i);
        p += len + (p[len] == ',');
    }
    return *limits != 0 || err_set(e, "--limits is empty");
}

static bool parse_option(struct request *r, int option, const char *value, struct err *e)
{
    switch (option) {
    case 'c':
        r->cases = value;
        return true;
    case 'e':
        r->events = value;
        return true;
    case 'x':
        r->exceptions = value;
        return true;
    case 'F':
        r->findings = value;
        return true;
    case 'a':
        return civil_parse(value, strlen(value), &r->as_of) ||
               err_set(e, "--as-of \"%s\" is not a date (YYYY-MM-DD)", value);
    case 'k':
        return instant_parse(value, strlen(value), &r->known_at) ||
               err_set(e, "--known-at \"%s\" is not a time (RFC 3339 with zone, as 2026-05-01T12:00:00Z)",
                       value);
    case 'l':
        return parse_limits(value, &r->limits, e);
    case 'f':
        r->json = strcmp(value, "json") == 0;
        return r->json || strcmp(value, "csv") == 0 ||
               err_set(e, "unknown format \"%s\" (csv or json)", value);
    default:
        return err_set(e, "unknown option, or an option without its value");
    }
}

static bool parse(struct request *r, int argc, char **argv, struct err *e)
{
    static const struct option options[] = {
        {"cases", required_argument, NULL, 'c'},
        {"events", required_argument, NULL, 'e'},
        {"exceptions", required_argument, NULL, 'x'},
        {"as-of", required_argument, NULL, 'a'},
        {"known-at", required_argument, NULL, 'k'},
        {"limits", required_argument, NULL, 'l'},
        {"format", required_argument, NULL, 'f'},
        {"findings", required_argument, NULL, 'F'},
        {NULL, 0, NULL, 0},
    };
    int option;
    opterr = 0;
    optind = 1;
    while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1)
        if (!parse_option(r, option, optarg, e))
            return false;
    if (optind < argc)
        return err_set(e, "unexpected argument \"%s\"", argv[optind]);
    if (r->cases == NULL || r->events == NULL || r->as_of == CIVIL_NONE)
        return err_set(e, "--cases, --events and --as-of are needed");
    return true;
}

struct collected {
    struct obligation *o;
    size_t n, cap;
    bool failed;
};

static void collect(void *ud, const struct obligation *o)
{
    struct collected *c = ud;
    if (c->n == c->cap) {
        size_t cap = c->cap ? c->cap * 2 : 256;
        struct obligation *more = reallocarray(c->o, cap, sizeof *more);
        if (more == NULL) {
            c->failed = true;
            return;
        }
        c->o = more;
        c->cap = cap;
    }
    c->o[c->n++] = *o;
}

#define WRITE_AT (1 << 16)

static bool flush(struct buf *b, size_t when_over)
{
    if (b->failed)
        return false;
    if (b->n <= when_over)
        return true;
    bool ok = fwrite(b->p, 1, b->n, stdout) == b->n;
    b->n = 0;
    return ok;
}

/* Cases of one case_ref are written together: their rows share the sort key. */
static bool write_rows(const struct request *r, struct casefile *cf, const struct rulebook *rb,
                       struct findings_file *findings)
{
    struct calendar cal;
    struct collected c = {0};
    struct buf b = {0};
    bool first = true, ok = true;
    calendar_builtin(&cal);
    const struct obligation_text t = {.rulebook = rb, .calendar = &cal, .subjects = cf->subjects};
    buf_text(&b, r->json ? "[" : obligation_csv_header());
    for (size_t i = 0; i < cf->n && ok;) {
        const char *ref = cf->cases[i].ref;
        c.n = 0;
        for (; i < cf->n && strcmp(cf->cases[i].ref, ref) == 0; i++) {
            const struct casefile_case *k = &cf->cases[i];
            struct case_facts facts = {
                .facts = cf->facts + k->facts_from,
                .n = k->facts_to - k->facts_from,
                .claims = cf->claims + k->claims_from,
                .n_claims = k->claims_to - k->claims_from,
                .born = k->born,
            };
            facts_settle(&facts, cf->subjects, r->as_of);
            size_t before = c.n;
            evaluate(rb, &cal, &facts, r->as_of, r->limits, collect, &c);
            if (findings != NULL && !findings_file_case(findings, k, &facts, c.o + before, c.n - before))
                ok = false;
        }
        obligation_sort(&t, c.o, c.n);
        for (size_t k = 0; k < c.n; k++) {
            if (r->json) {
                buf_text(&b, first ? "\n" : ",\n");
                obligation_json(&b, &t, ref, &c.o[k]);
            } else {
                obligation_csv_row(&b, &t, ref, &c.o[k]);
            }
            first = false;
        }
        ok = ok && !c.failed && flush(&b, WRITE_AT);
    }
    if (r->json)
        buf_text(&b, "\n]\n");
    ok = ok && flush(&b, 0) && fflush(stdout) == 0;
    buf_free(&b);
    free(c.o);
    return ok;
}

int command_evaluate(int argc, char **argv)
{
    struct request r = {.as_of = CIVIL_NONE, .known_at = KNOWN_NOW, .limits = LIMITS_ALL};
    struct err e = {""};
    struct casefile cf;
    if (!parse(&r, argc, argv, &e))
        return command_usage_error("evaluate", "%s", e.text);
    if (!casefile_read(&cf, r.cases, r.events, r.exceptions, r.known_at, &e)) {
        fprintf(stderr, "%s\n", e.text);
        return EXIT_BAD_DATA;
    }
    if (cf.unknown_case + cf.unknown_event + cf.unknown_ground > 0)
        fprintf(stderr,
                "ehcwatchd evaluate: left out: %zu rows of unknown cases, %zu unknown events, %zu unknown "
                "grounds\n",
                cf.unknown_case, cf.unknown_event, cf.unknown_ground);
    struct rulebook rb;
    rulebook_builtin(&rb);
    struct findings_file *findings = r.findings != NULL ? findings_file_new(&cf, &rb, r.as_of) : NULL;
    bool ok = (r.findings == NULL || findings != NULL) && write_rows(&r, &cf, &rb, findings);
    if (!ok)
        fprintf(stderr, "ehcwatchd evaluate: cannot write the output\n");
    else if (findings != NULL && !findings_file_write(findings, r.findings, &e)) {
        fprintf(stderr, "ehcwatchd evaluate: %s\n", e.text);
        ok = false;
    }
    findings_file_free(findings);
    casefile_free(&cf);
    return ok ? EXIT_DONE : EXIT_RUNTIME;
}
