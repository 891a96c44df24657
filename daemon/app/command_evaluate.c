#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "caserows.h"
#include "command.h"
#include "instant.h"

struct request {
    const char *cases, *events, *exceptions, *findings;
    civil_day as_of;
    int64_t known_at;
    uint64_t limits;
    bool automatic; /* the limits that the events show the end of */
    bool json;
};

/* "all", "auto", or ids with commas between. */
static bool parse_limits(struct request *r, const char *text, struct err *e)
{
    char id[64];
    r->limits = LIMITS_ALL;
    r->automatic = strcmp(text, "auto") == 0;
    if (r->automatic || strcmp(text, "all") == 0)
        return true;
    r->limits = 0;
    for (const char *p = text; *p != '\0';) {
        size_t len = strcspn(p, ",");
        snprintf(id, sizeof id, "%.*s", (int)len, p);
        int i = limit_by_id(id);
        if (i < 0)
            return err_set(e, "there is no limit \"%s\" (ehcwatchd rules lists them)", id);
        r->limits |= LIMIT_BIT(i);
        p += len + (p[len] == ',');
    }
    return r->limits != 0 || err_set(e, "--limits is empty");
}

static bool parse_option(void *ud, int option, const char *value, struct err *e)
{
    struct request *r = ud;
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
               err_set(e, "--as-of \"%s\" is not a date of 1900 to 2199 (YYYY-MM-DD)", value);
    case 'k':
        return instant_parse_any(value, strlen(value), &r->known_at) ||
               err_set(e, "--known-at \"%s\" is not a time (RFC 3339 with zone, as 2026-05-01T12:00:00Z)",
                       value);
    case 'l':
        return parse_limits(r, value, e);
    case 'f':
        r->json = strcmp(value, "json") == 0;
        return r->json || strcmp(value, "csv") == 0 ||
               err_set(e, "unknown format \"%s\" (csv or json)", value);
    default:
        return false; /* the table has no other */
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
    const int first = command_options(argc, argv, "", options, parse_option, r, e);
    if (first == 0)
        return false;
    if (first < argc)
        return err_set(e, "unexpected argument \"%s\"", argv[first]);
    if (r->cases == NULL || r->events == NULL || r->as_of == CIVIL_NONE)
        return err_set(e, "--cases, --events and --as-of are needed");
    return true;
}

/* As `limits = auto` of the configuration: a limit whose end no event records would be one false breach after the other. */
static uint64_t recorded_limits(const struct casefile *cf, const struct rulebook *rb)
{
    uint64_t occurs = 0, limits = 0;
    for (const struct casefile_case *c = cf->cases; c < cf->cases + cf->n; c++)
        for (size_t i = c->facts_from; i < c->facts_to; i++)
            occurs |= EVENT_BIT(cf->facts[i].event);
    for (size_t i = 0; i < rb->n; i++)
        if ((rb->rule[i].discharged_by.any & occurs) != 0)
            limits |= LIMIT_BIT(i);
    return limits;
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
                "grounds%s\n",
                cf.unknown_case, cf.unknown_event, cf.unknown_ground,
                r.findings != NULL ? "" : "; --findings FILE lists them");
    struct rulebook rb;
    rulebook_builtin(&rb);
    if (r.automatic)
        r.limits = recorded_limits(&cf, &rb);
    struct findings_file *findings =
        r.findings != NULL ? findings_file_new(&cf, &rb, r.as_of, r.known_at != KNOWN_NOW) : NULL;
    const struct caserows_how how = {
        .as_of = r.as_of, .limits = r.limits, .json = r.json, .out = STDOUT_FILENO, .findings = findings};
    bool ok = (r.findings == NULL || findings != NULL) && caserows_write(&cf, &rb, &how);
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
