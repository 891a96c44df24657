#include "limit.h"

#include <stdlib.h>
#include <string.h>

#include "law.h"

static const struct part {
    const struct limit *rows;
    const size_t *len;
} parts[] = {
    {law_assessment, &law_assessment_len},
    {law_review, &law_review_len},
    {law_plan, &law_plan_len},
    {law_dispute, &law_dispute_len},
};

#define PARTS (sizeof parts / sizeof parts[0])

size_t limit_count(void)
{
    size_t n = 0;
    for (size_t p = 0; p < PARTS; p++)
        n += *parts[p].len;
    return n;
}

const struct limit *limit_at(size_t i)
{
    for (size_t p = 0; p < PARTS; p++) {
        if (i < *parts[p].len)
            return &parts[p].rows[i];
        i -= *parts[p].len;
    }
    abort(); /* an index comes from limit_count or limit_by_id */
}

int limit_by_id(const char *id)
{
    size_t n = limit_count();
    for (size_t i = 0; i < n; i++)
        if (strcmp(limit_at(i)->id, id) == 0)
            return (int)i;
    return -1;
}

bool limit_known(const char *id)
{
    return limit_by_id(id) >= 0;
}

static const char *const kind_names[KIND_COUNT] = {
    [KIND_STATUTORY] = "statutory", [KIND_TARGET] = "target",   [KIND_GUIDANCE] = "guidance",
    [KIND_FLOOR] = "floor",         [KIND_DERIVED] = "derived", [KIND_LOCAL] = "local",
};

static const char *const count_names[COUNT_COUNT] = {
    [COUNT_WITHIN_WEEKS] = "within_weeks",
    [COUNT_WITHIN_DAYS] = "within_days",
    [COUNT_DAYS_BEGINNING_WITH] = "days_beginning_with",
    [COUNT_MONTHS_STARTING_WITH] = "months_starting_with",
    [COUNT_MONTHS_STARTING_WITH_LESS_28D] = "months_starting_with_less_28d",
    [COUNT_MONTHS_AFTER] = "months_after",
    [COUNT_MONTHS_BEFORE] = "months_before",
    [COUNT_NOTICE_WEEKS] = "notice_weeks",
    [COUNT_BEFORE_15_FEB] = "before_15_feb",
    [COUNT_BEFORE_31_MAR] = "before_31_mar",
    [COUNT_WORKING_DAYS_AFTER] = "working_days_after",
    [COUNT_WORKING_DAYS_BEGINNING_WITH] = "working_days_beginning_with",
    [COUNT_MOVE_WORKING_DAYS] = "move_working_days",
    [COUNT_TRANSFER_REVIEW_MONTHS] = "transfer_review_months",
    [COUNT_CEASE_FLOOR_MONTHS] = "cease_floor_months",
    [COUNT_TRIBUNAL_DAYS_AFTER] = "tribunal_days_after",
};

const char *limit_kind_name(enum limit_kind k)
{
    return kind_names[k];
}

const char *limit_count_name(enum limit_count c)
{
    return count_names[c];
}

const char *limit_per_name(enum limit_per p)
{
    static const char *const names[] = {"once", "case", "subject", "cycle", "start"};
    return names[p];
}

const char *limit_life_name(enum limit_life l)
{
    static const char *const names[] = {"request", "plan", "case"};
    return names[l];
}

const char *limit_exceptions_name(enum limit_exceptions x)
{
    static const char *const names[] = {"none", "X1", "X2", "X3"};
    return names[x];
}

const char *limit_applies_name(enum limit_applies a)
{
    static const char *const names[] = {"", "under_five", "plan_exists", "plan_by_due"};
    return names[a];
}

const char *limit_evidence_name(enum limit_evidence v)
{
    static const char *const names[] = {"read", "partly read", "secondary", "memory", "inferred"};
    return names[v];
}

enum limit_count limit_count_by_name(const char *name)
{
    int c = 0;
    while (c < COUNT_COUNT && strcmp(name, count_names[c]) != 0)
        c++;
    return (enum limit_count)c;
}

enum limit_kind limit_kind_by_name(const char *name)
{
    int k = 0;
    while (k < KIND_COUNT && strcmp(name, kind_names[k]) != 0)
        k++;
    return (enum limit_kind)k;
}

bool limit_names_subject(const struct limit *l)
{
    if (l->per == PER_SUBJECT || l->per == PER_START)
        return true;
    for (const struct limit_term *t = l->starts; t->event != EV_UNKNOWN; t++)
        if (t->subject != SUBJECT_NONE)
            return true;
    return false;
}
