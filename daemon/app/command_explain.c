#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "breach_ask.h"
#include "case_text.h"
#include "clock.h"
#include "command.h"
#include "reading.h"
#include "watched.h"

struct request {
    const char *file, *case_ref, *limits;
    struct reading_want want;
    int64_t known_at;
    bool json;
};

static bool parse_option(void *ud, int option, const char *value, struct err *e)
{
    struct request *r = ud;
    switch (option) {
    case 'c':
        r->file = value;
        return true;
    case 'a':
        return ask_date("--as-of", value, &r->want.as_of, e);
    case 'k':
        r->want.known_at = &r->known_at;
        return ask_time("--known-at", value, &r->known_at, e);
    case 'l':
        r->limits = value;
        return true;
    case 'f':
        r->json = strcmp(value, "json") == 0;
        return r->json || strcmp(value, "text") == 0 ||
               err_set(e, "unknown format \"%s\" (text or json)", value);
    default:
        return false; /* the table has no other */
    }
}

static bool parse(struct request *r, int argc, char **argv, struct err *e)
{
    static const struct option options[] = {
        {"as-of", required_argument, NULL, 'a'},
        {"known-at", required_argument, NULL, 'k'},
        {"limits", required_argument, NULL, 'l'},
        {"format", required_argument, NULL, 'f'},
        {NULL, 0, NULL, 0},
    };
    const int first = command_options(argc, argv, "c:", options, parse_option, r, e);
    if (first == 0)
        return false;
    if (first + 1 < argc)
        return err_set(e, "unexpected argument \"%s\"", argv[first + 1]);
    r->case_ref = argv[first];
    if (r->file == NULL || r->case_ref == NULL)
        return err_set(e, "-c FILE and CASE_REF are needed");
    return *r->case_ref != '\0' || err_set(e, "CASE_REF is empty");
}

/* "all", or ids with commas between, of the rulebook that the configuration stands for. */
static bool parse_limits(const struct rulebook *rb, const char *text, uint64_t *limits, struct err *e)
{
    char id[64];
    *limits = 0;
    for (size_t i = 0; i < rb->n; i++)
        *limits |= LIMIT_BIT(i);
    if (text == NULL || strcmp(text, "all") == 0)
        return true;
    *limits = 0;
    for (const char *p = text; *p != '\0';) {
        size_t len = strcspn(p, ",");
        snprintf(id, sizeof id, "%.*s", (int)len, p);
        int i = rulebook_find(rb, id);
        if (i < 0)
            return err_set(e, "there is no limit \"%s\" (ehcwatchd rules lists them)", id);
        *limits |= LIMIT_BIT(i);
        p += len + (p[len] == ',');
    }
    return *limits != 0 || err_set(e, "--limits is empty");
}

/* The limits under watch; 0 when the whole source decides (auto), of which one case alone was read. */
static uint64_t watched(const struct core *core)
{
    return watched_choice(core->config) != WATCH_AUTO ? watched_limits(core->config, core->rulebook, 0) : 0;
}

static int show(const struct request *r, const struct core *core, struct snapshot *s)
{
    const unsigned char *record = snapshot_case_by_ref(s, r->case_ref, strlen(r->case_ref));
    const struct case_text_about about = {
        .how = {core->rulebook, &core->calendar, core->words, s->as_of, s->known_at, s->limits,
                asks_about_past(s->read_at, s->as_of, s->known_at)},
        .read_at = s->read_at,
        .evaluated_at = clock_wall_us(),
        .watched = watched(core),
    };
    struct buf b = {0};
    size_t len;
    if (record == NULL) {
        fprintf(stderr, "ehcwatchd explain: no case has the reference %s\n", r->case_ref);
        return EXIT_RUNTIME;
    }
    if (s->n_cases > 1)
        fprintf(
            stderr,
            "ehcwatchd explain: %zu cases have this reference; the one with the lowest case_id is shown\n",
            s->n_cases);
    if (r->json)
        case_text(&b, &about, record);
    else
        case_plain(&b, &about, record);
    char *text = buf_take(&b, &len);
    return command_output(text, len);
}

int command_explain(int argc, char **argv)
{
    struct request r = {.want.as_of = CIVIL_NONE};
    struct err e = {""};
    struct snapshot *s = NULL;
    int code;
    if (!parse(&r, argc, argv, &e))
        return command_usage_error("explain", "%s", e.text);
    struct reading *reading = reading_open("explain", r.file, r.want.known_at != NULL, &code);
    if (reading == NULL)
        return code;
    r.want.case_ref = r.case_ref;
    if (!parse_limits(reading_core(reading)->rulebook, r.limits, &r.want.limits, &e))
        code = command_usage_error("explain", "%s", e.text);
    else if ((code = reading_run(reading, &r.want, &s)) == EXIT_DONE)
        code = show(&r, reading_core(reading), s);
    snapshot_unref(s);
    reading_close(reading);
    return code;
}
