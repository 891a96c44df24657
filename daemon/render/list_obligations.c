#include <stdio.h>

#include "list_int.h"
#include "obligation_text.h"

/* The order of the columns, and of breaches.csv for good: what came to be known later stands behind. */
enum {
    REF,
    LIMIT,
    TITLE,
    KIND,
    SUBJECT,
    START,
    DUE,
    SAFE,
    ACT_BY,
    STATE,
    EXCEPTION,
    DAYS,
    LOCALITY,
    TEAM,
    OFFICER,
    CITATION,
    N_COLUMNS,
    /* JSON alone */
    CLOSED = N_COLUMNS,
    EXHAUSTED,
    EVIDENCE,
    N_ALL,
};

static const struct column columns[N_ALL] = {
    [REF] = {"case_ref", "Case", CELL_CASE, 16},
    [LIMIT] = {"limit", "Limit", CELL_TEXT, 22},
    [TITLE] = {"title", "What is owed", CELL_TEXT, 44},
    [KIND] = {"kind", "Kind", CELL_TEXT, 10},
    [SUBJECT] = {"subject", "Of whom", CELL_TEXT, 14},
    [START] = {"start_on", "Counted from", CELL_DATE, 12},
    [DUE] = {"due_on", "Due on", CELL_DATE, 12},
    [SAFE] = {"safe_on", "Safe on", CELL_DATE, 12},
    [ACT_BY] = {"act_by", "Act by", CELL_DATE, 12},
    [STATE] = {"state", "State", CELL_STATE, 10},
    [EXCEPTION] = {"exception", "Exception", CELL_TEXT, 12},
    [DAYS] = {"days", "Days", CELL_INT, 6},
    [LOCALITY] = {"locality", "Locality", CELL_TEXT, 16},
    [TEAM] = {"team", "Team", CELL_TEXT, 16},
    [OFFICER] = {"officer", "Officer", CELL_TEXT, 16},
    [CITATION] = {"citation", "Citation", CELL_TEXT, 36},
    [CLOSED] = {"closed_on", "Closed on", CELL_DATE, 12},
    [EXHAUSTED] = {"calendar_exhausted", "Beyond the calendar", CELL_BOOL, 10},
    [EVIDENCE] = {"evidence", "Evidence", CELL_TEXT, 12},
};

static const unsigned char json_order[N_ALL] = {
    REF,    LIMIT, TITLE,     KIND,      SUBJECT,  START,    DUE,      SAFE, ACT_BY,  STATE,
    CLOSED, DAYS,  EXCEPTION, EXHAUSTED, CITATION, EVIDENCE, LOCALITY, TEAM, OFFICER,
};

static void cell(const void *ud, size_t at, size_t column, struct cell *out)
{
    const struct list_job *j = ud;
    const struct rulebook *rb = j->want.how.rulebook;
    const struct list_cache *c = list_load(j, list_row(j, at));
    const struct obligation *o = c->obligation;
    const struct limit *l = obligation_limit(rb, o);
    switch (column) {
    case REF:
        *out = cell_case(c->head.ref, c->head.ref_len);
        break;
    case LIMIT:
        *out = cell_text(l->id);
        break;
    case TITLE:
        *out = cell_text(l->title);
        break;
    case KIND:
        *out = cell_text(limit_kind_name(l->kind));
        break;
    case SUBJECT:
        *out = cell_text(names_text(j->want.how.words->subjects, o->subject));
        break;
    case START:
        *out = cell_date(o->start);
        break;
    case DUE:
        *out = cell_date(o->due);
        break;
    case SAFE:
        *out = cell_date(obligation_safe_on(rb, o));
        break;
    case ACT_BY:
        *out = cell_date(obligation_act_by(rb, j->want.how.calendar, o));
        break;
    case STATE:
        *out = cell_state(state_name((enum state)o->state));
        break;
    case EXCEPTION:
        *out = cell_text(exception_verdict_name((enum exception_verdict)o->exception));
        break;
    case DAYS:
        *out = cell_int(o->days);
        break;
    case LOCALITY:
        *out = list_place(j, c->head.locality);
        break;
    case TEAM:
        *out = list_place(j, c->head.team);
        break;
    case OFFICER:
        *out = list_place(j, c->head.officer);
        break;
    case CITATION:
        *out = cell_text(l->citation);
        break;
    case CLOSED:
        *out = cell_date(o->closed);
        break;
    case EXHAUSTED:
        *out = cell_bool(o->calendar_exhausted);
        break;
    default:
        *out = cell_text(limit_evidence_name(l->evidence));
        break;
    }
}

/* --- sorting --------------------------------------------------------------------------------------------------------- */

static uint64_t key_limit(const struct list_job *j, uint32_t row)
{
    return j->rank[list_obligation(j, row)->limit];
}

static uint64_t key_kind(const struct list_job *j, uint32_t row)
{
    return obligation_limit(j->want.how.rulebook, list_obligation(j, row))->kind;
}

static uint64_t key_subject(const struct list_job *j, uint32_t row)
{
    return j->rank[list_obligation(j, row)->subject];
}

static uint64_t key_start(const struct list_job *j, uint32_t row)
{
    return list_key_date(list_obligation(j, row)->start);
}

static uint64_t key_due(const struct list_job *j, uint32_t row)
{
    return list_key_date(list_obligation(j, row)->due);
}

static uint64_t key_safe(const struct list_job *j, uint32_t row)
{
    return list_key_date(obligation_safe_on(j->want.how.rulebook, list_obligation(j, row)));
}

static uint64_t key_act_by(const struct list_job *j, uint32_t row)
{
    return list_key_date(
        obligation_act_by(j->want.how.rulebook, j->want.how.calendar, list_obligation(j, row)));
}

static uint64_t key_state(const struct list_job *j, uint32_t row)
{
    return state_rank((enum state)list_obligation(j, row)->state);
}

static uint64_t key_exception(const struct list_job *j, uint32_t row)
{
    return list_obligation(j, row)->exception;
}

static uint64_t key_days(const struct list_job *j, uint32_t row)
{
    return list_key_int(list_obligation(j, row)->days);
}

static const struct list_sort sorts[N_COLUMNS] = {
    [REF] = {list_key_ref, ORDER_REF},
    [LIMIT] = {key_limit, ORDER_LIMITS},
    [KIND] = {key_kind},
    [SUBJECT] = {key_subject, ORDER_SUBJECTS},
    [START] = {key_start},
    [DUE] = {key_due},
    [SAFE] = {key_safe},
    [ACT_BY] = {key_act_by},
    [STATE] = {key_state},
    [EXCEPTION] = {key_exception},
    [DAYS] = {key_days},
    [LOCALITY] = {list_key_locality, ORDER_PLACES},
    [TEAM] = {list_key_team, ORDER_PLACES},
    [OFFICER] = {list_key_officer, ORDER_PLACES},
};

/* --- for people at a terminal ---------------------------------------------------------------------------------------- */

enum { T_DAYS, T_DUE, T_REF, T_WHAT, T_STATE, T_LOCALITY, T_TEAM, T_OFFICER, T_COLUMNS };

static const struct column terminal[T_COLUMNS] = {
    [T_DAYS] = {"days", "days", CELL_INT, 6},      [T_DUE] = {"due_on", "due", CELL_DATE, 10},
    [T_REF] = {"case_ref", "case", CELL_CASE, 16}, [T_WHAT] = {"what", "what", CELL_TEXT, 46},
    [T_STATE] = {"state", "state", CELL_TEXT, 20}, [T_LOCALITY] = {"locality", "locality", CELL_TEXT, 14},
    [T_TEAM] = {"team", "team", CELL_TEXT, 14},    [T_OFFICER] = {"officer", "officer", CELL_TEXT, 14},
};

/* Cut where no column reaches. */
static struct cell words(struct list_cache *c, const char *a, const char *between, const char *b,
                         const char *end)
{
    snprintf(c->words, sizeof c->words, "%s%s%s%s", a, between, b, end);
    return cell_text(c->words);
}

static void terminal_cell(const void *ud, size_t at, size_t column, struct cell *out)
{
    static const unsigned char same[T_COLUMNS] = {
        [T_DAYS] = DAYS,         [T_DUE] = DUE,   [T_REF] = REF,
        [T_LOCALITY] = LOCALITY, [T_TEAM] = TEAM, [T_OFFICER] = OFFICER,
    };
    const struct list_job *j = ud;
    const struct obligation *o = list_load(j, list_row(j, at))->obligation;
    const char *subject = names_text(j->want.how.words->subjects, o->subject);
    const char *title = obligation_limit(j->want.how.rulebook, o)->title;
    const char *state = state_name((enum state)o->state);
    if (column == T_WHAT && *subject != '\0')
        *out = words(j->cache, title, " (", subject, ")");
    else if (column == T_WHAT)
        *out = cell_text(title);
    else if (column == T_STATE && o->state == STATE_EXCEPTED)
        *out = words(j->cache, state, " ", exception_verdict_name((enum exception_verdict)o->exception), "");
    else if (column == T_STATE)
        *out = cell_text(state);
    else
        cell(ud, at, same[column], out);
}

/* --- the two lists --------------------------------------------------------------------------------------------------- */

#define SHAPE                                                                                                \
    .columns = columns, .n_columns = N_COLUMNS, .n_more = N_ALL - N_COLUMNS, .json_order = json_order,       \
    .cell = cell, .sorts = sorts, .terminal = terminal, .n_terminal = T_COLUMNS,                             \
    .terminal_cell = terminal_cell, .own_order = LIST_OWN_ORDER

const struct list_shape list_breaches = {.name = "breaches", .title = "Overdue", SHAPE};
const struct list_shape list_due = {.name = "due", .title = "Falling due", SHAPE};
