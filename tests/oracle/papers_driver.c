/* The meeting's papers of many small caseloads, one JSON line each: for compare_papers.py.
 *
 * Reads lines of fields between tabs; of days, those since 1970-01-01; of times, microseconds since then; "-" for none:
 *   C id ref locality team officer born        X id ground from to recorded voided        F id event subject on recorded voided
 *   . as_of known_at flow_from                 the caseload is complete
 * Cases first, then claims, then facts, each in ascending order of id. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/walk_make.h"
#include "case_pick.h"
#include "figures_paper.h"
#include "flow_paper.h"
#include "overdue_paper.h"
#include "stuck_paper.h"

#define FIELDS 8

static civil_day day_of(const char *text)
{
    return strcmp(text, "-") == 0 ? CIVIL_NONE : atoi(text);
}

static int64_t time_of(const char *text, int64_t none)
{
    return strcmp(text, "-") == 0 ? none : strtoll(text, NULL, 10);
}

static void put_day(struct buf *b, const char *name, civil_day d)
{
    if (d == CIVIL_NONE)
        buf_printf(b, "\"%s\":null,", name);
    else
        buf_printf(b, "\"%s\":%d,", name, d);
}

static void put_course(struct buf *b, const struct course *c)
{
    static const char *const ends[] = {"open", "plan", "refused", "left"};
    buf_text(b, "{");
    put_day(b, "begun", c->begun);
    put_day(b, "over", c->over);
    for (int m = 0; m < MILESTONE_COUNT; m++)
        put_day(b, milestone_name((enum milestone)m), c->day[m]);
    buf_printf(b, "\"end\":\"%s\",\"again\":%d,\"unadvised\":%d}", ends[c->end], c->again, c->unadvised);
}

static bool put_case(void *ud, const struct case_seen *seen)
{
    struct buf *b = ud;
    const struct assessment *a = seen->assessment;
    buf_printf(b, "%s{\"case\":%lld,\"stage\":\"%s\",", b->n > 0 ? "," : "", (long long)seen->head->id,
               stage_name(seen->stage));
    put_day(b, "plan_since", seen->plan_since);
    put_day(b, "start", a->steps.start);
    put_day(b, "gone", a->steps.over);
    put_day(b, "decided", a->steps.decided);
    put_day(b, "drafted", a->steps.draft);
    put_day(b, "issued", a->steps.issued);
    put_day(b, "no_plan", a->steps.no_plan);
    const int open = case_days_open(seen->facts, seen->stage, seen->how->as_of);
    const int drift =
        case_drift(seen->how->rulebook, LIMITS_ALL, seen->how->as_of, seen->obligations, seen->n);
    buf_printf(b, "\"days_open\":%d,\"drift\":%d,\"refused\":%d,\"courses\":[", open, drift,
               a->steps.refused);
    for (size_t i = 0; i < a->n; i++) {
        buf_text(b, i > 0 ? "," : "");
        put_course(b, &a->course[i]);
    }
    buf_text(b, "]}");
    return true;
}

static void release(void *held)
{
    paper_free(held);
}

static void put_paper(const char *name, struct paper *p)
{
    const struct table_about about = {.rulebook = ""};
    made_must(p != NULL, &(struct err){"no paper\n"});
    struct paper_cursor *c = paper_cursor_new(p, PAPER_ALL, &about, release, p);
    char out[16384];
    size_t n;
    printf("\"%s\":", name);
    while ((n = paper_cursor_read(c, out, sizeof out)) != 0 && n != TABLE_FAILED)
        for (size_t i = 0; i < n; i++)
            putchar(out[i] == '\n' ? ' ' : out[i]);
    putchar(',');
    paper_cursor_free(c);
}

static void answer(struct made *m, civil_day as_of, int64_t known_at, civil_day from)
{
    struct judge_how how = walk_how(m, as_of, known_at);
    struct figures *f = figures_new(&how, m->snapshot->seen);
    struct stuck *s = stuck_new(&how, LIMITS_ALL);
    struct flow *w = flow_new(&how);
    struct overdue *o = overdue_new(&how, LIMITS_ALL);
    struct buf cases = {0};
    const struct case_visitor all[] = {{figures_visit, f, false},
                                       {stuck_visit, s, false},
                                       {flow_visit, w, false},
                                       {overdue_visit, o, false},
                                       {put_case, &cases, false}};
    struct case_walk *walk = case_walk_new(m->snapshot, &how, all, sizeof all / sizeof all[0]);
    int more;
    while ((more = case_walk_next(walk, 64)) == 1)
        ;
    made_must(more == 0 && figures_finish(f) == 0 && flow_finish(w) == 0 && overdue_finish(o) == 0,
              &(struct err){"the walk failed\n"});
    while ((more = stuck_finish(s)) == 1)
        ;
    made_must(more == 0, &(struct err){"the sort failed\n"});
    putchar('{');
    put_paper("figures", figures_paper_new(f));
    put_paper("stuck", stuck_paper_new(s));
    put_paper("flow", flow_paper_new(w, BY_WEEK, from, as_of));
    put_paper("overdue", overdue_paper_new(o));
    printf("\"cases\":[%s]}\n", cases.n > 0 ? cases.p : "");
    fflush(stdout);
    case_walk_free(walk);
    figures_free(f);
    stuck_free(s);
    flow_free(w);
    overdue_free(o);
    buf_free(&cases);
}

static void take(struct made *m, char *field[FIELDS])
{
    struct err e = {""};
    const int64_t id = strtoll(field[1], NULL, 10);
    if (field[0][0] == 'C') {
        made_case(m, id, field[2], field[3], field[4], field[5], day_of(field[6]));
    } else if (field[0][0] == 'X') {
        struct record_claim c = {
            {day_of(field[3]), day_of(field[4]), (uint8_t)ground_by_name(field[2], strlen(field[2]))},
            time_of(field[5], TIME_NONE),
            time_of(field[6], TIME_NONE)};
        made_must(intake_claim(m->intake, id, &c, &e), &e);
    } else {
        made_fact_known(m, id, event_by_name(field[2], strlen(field[2])), field[3], day_of(field[4]),
                        time_of(field[5], TIME_NONE), time_of(field[6], TIME_NONE));
    }
}

int main(void)
{
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;
    bool begun = false;
    struct made m;
    while ((n = getline(&line, &cap, stdin)) > 0) {
        char *field[FIELDS] = {0}, *rest = line;
        line[n - 1] = '\0';
        for (int i = 0; i < FIELDS && rest != NULL; i++)
            field[i] = strsep(&rest, "\t");
        if (!begun)
            made_begin(&m, 20000, LIMITS_ALL);
        begun = field[0][0] != '.';
        if (begun) {
            take(&m, field);
            continue;
        }
        made_end(&m);
        answer(&m, day_of(field[1]), time_of(field[2], KNOWN_NOW), day_of(field[3]));
        made_free(&m);
    }
    free(line);
    return 0;
}
