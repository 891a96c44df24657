#include "quality_table.h"

#include <stdlib.h>

#include "quality_text.h"

enum { REF, ID, KIND, SEVERITY, EVENT, SUBJECT, ON, WHY, LOCALITY, TEAM, OFFICER };

static const struct column columns[] = {
    [REF] = {"case_ref", "Case", CELL_CASE, 14, 0},
    [ID] = {"case_id", "Number", CELL_INT, 10, 0},
    [KIND] = {"kind", "Kind", CELL_TEXT, 28, 0},
    [SEVERITY] = {"severity", "Severity", CELL_TEXT, 10, 0},
    [EVENT] = {"event", "Event", CELL_TEXT, 22, 0},
    [SUBJECT] = {"subject", "Subject", CELL_TEXT, 18, 0},
    [ON] = {"occurred_on", "On", CELL_DATE, 11, 0},
    [WHY] = {"explanation", "What is wrong", CELL_TEXT, 70, 0},
    [LOCALITY] = {"locality", "Locality", CELL_TEXT, 18, 0},
    [TEAM] = {"team", "Team", CELL_TEXT, 14, 0},
    [OFFICER] = {"officer", "Officer", CELL_TEXT, 18, 0},
};

struct quality_job {
    struct table_job job;
    struct quality_list *list;
    struct table_fact facts[2];
};

/* Of a row that took no part there are the words that it said, and perhaps the number of a case. */
static void of_row(const struct quality_item *item, size_t column, struct cell *out)
{
    if (column == ID && item->rejected->has_case)
        *out = cell_int(item->rejected->case_id);
    else if (column == EVENT)
        *out = cell_text(item->rejected->text);
}

static void of_case(const struct snapshot *s, const unsigned char *record, size_t column, struct cell *out)
{
    struct record_case k;
    record_head(record, &k);
    if (column == REF)
        *out = cell_case(k.ref, k.ref_len);
    else if (column == ID)
        *out = cell_int(k.id);
    else if (column >= LOCALITY)
        *out = cell_text(names_text(s->words->places, column == LOCALITY ? k.locality
                                                      : column == TEAM   ? k.team
                                                                         : k.officer));
}

static void cell_of(const void *ud, size_t row, size_t column, struct cell *out)
{
    const struct quality_job *j = ud;
    const struct snapshot *s = j->list->snapshot;
    const struct quality_item item = quality_list_item(j->list, row);
    const enum finding_kind kind = (enum finding_kind)item.finding.kind;
    *out = (struct cell){.type = CELL_NONE};
    if (column == KIND) {
        *out = cell_text(finding_id(kind));
    } else if (column == SEVERITY) {
        *out = cell_text(finding_severity_name(finding_severity(kind)));
    } else if (column == WHY) {
        *out = cell_text(finding_explanation(kind));
    } else if (column == ON) {
        *out = cell_date(item.finding.on);
    } else if ((column == EVENT || column == SUBJECT) && item.rejected == NULL) {
        const struct finding_words w = finding_words(&item.finding, s->rulebook, s->words->subjects);
        *out = cell_text(column == EVENT ? w.event : w.subject);
    } else if (item.record != NULL) {
        of_case(s, item.record, column, out);
    }
    if (item.rejected != NULL && (column == EVENT || item.record == NULL))
        of_row(&item, column, out);
}

static void job_free(struct table_job *job)
{
    struct quality_job *j = (struct quality_job *)job;
    quality_list_free(j->list);
    free(j);
}

struct table_job *quality_table(struct quality_list *list, int64_t evaluated_at)
{
    struct quality_job *j = calloc(1, sizeof *j);
    if (j == NULL) {
        quality_list_free(list);
        return NULL;
    }
    const struct snapshot *s = list->snapshot;
    j->list = list;
    j->facts[0] = (struct table_fact){"findings", "Findings", 0, cell_int((int64_t)list->n)};
    j->facts[1] = (struct table_fact){"unlisted", "Rows that are not listed one by one", 0,
                                      cell_int((int64_t)list->unlisted)};
    j->job = (struct table_job){
        .table = {.name = "data-quality",
                  .title = "What cannot be right in the data",
                  TABLE_COLUMNS(columns),
                  .n_rows = list->n,
                  .cell = cell_of,
                  .ud = j,
                  .facts = j->facts,
                  .n_facts = 2},
        .about = {s->as_of, evaluated_at, snapshot_known_at(s), s->rulebook->version},
        .free = job_free,
    };
    return &j->job;
}
