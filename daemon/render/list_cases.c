#include "list_int.h"

enum {
    REF,
    STAGE,
    REQUESTED,
    WEEKS,
    BAND,
    DRIFT,
    STATE,
    OVERDUE,
    WITHOUT,
    NEXT_LIMIT,
    NEXT_DUE,
    ACT_BY,
    LOCALITY,
    TEAM,
    OFFICER,
    N_COLUMNS,
};

static const struct column columns[N_COLUMNS] = {
    [REF] = {"case_ref", "Case", CELL_CASE, 16},
    [STAGE] = {"stage", "Stage", CELL_TEXT, 10},
    [REQUESTED] = {"requested_on", "Requested on", CELL_DATE, 12},
    [WEEKS] = {"weeks_open", "Weeks open", CELL_NUMBER, 10, 1},
    [BAND] = {"band", "Band (weeks)", CELL_TEXT, 12},
    [DRIFT] = {"drift", "Days behind", CELL_INT, 11},
    [STATE] = {"state", "State", CELL_STATE, 10},
    [OVERDUE] = {"overdue", "Overdue", CELL_INT, 8},
    [WITHOUT] = {"overdue_without_exceptions", "Without exceptions", CELL_INT, 18},
    [NEXT_LIMIT] = {"next_limit", "Next limit", CELL_TEXT, 22},
    [NEXT_DUE] = {"next_due_on", "Next due on", CELL_DATE, 12},
    [ACT_BY] = {"act_by", "Act by", CELL_DATE, 12},
    [LOCALITY] = {"locality", "Locality", CELL_TEXT, 16},
    [TEAM] = {"team", "Team", CELL_TEXT, 16},
    [OFFICER] = {"officer", "Officer", CELL_TEXT, 16},
};

static const struct cell empty = {.type = CELL_NONE};

static void cell(const void *ud, size_t at, size_t column, struct cell *out)
{
    const struct list_job *j = ud;
    const uint32_t number = list_row(j, at);
    const struct case_row *r = list_case(j, number);
    const struct record_case *k = &list_load(j, number)->head;
    switch (column) {
    case REF:
        *out = cell_case(k->ref, k->ref_len);
        break;
    case STAGE:
        *out = cell_text(stage_name((enum stage)r->stage));
        break;
    case REQUESTED:
        *out = cell_date(r->requested_on);
        break;
    case WEEKS:
        *out = r->days_open != NO_BAND ? cell_number(r->days_open / 7.0) : empty;
        break;
    case BAND:
        *out = r->days_open != NO_BAND ? cell_text(weeks_bands[weeks_band(r->days_open)].name) : empty;
        break;
    case DRIFT:
        *out = r->drift != DRIFT_NONE ? cell_int(r->drift) : empty;
        break;
    case STATE:
        *out = r->state != STATE_COUNT ? cell_state(state_name((enum state)r->state)) : empty;
        break;
    case OVERDUE:
        *out = cell_int(r->overdue);
        break;
    case WITHOUT:
        *out = cell_int(r->overdue - r->excepted);
        break;
    case NEXT_LIMIT:
        *out = r->next_due != CIVIL_NONE ? cell_text(j->want.how.rulebook->rule[r->next_limit].limit->id)
                                         : empty;
        break;
    case NEXT_DUE:
        *out = cell_date(r->next_due);
        break;
    case ACT_BY:
        *out = cell_date(r->act_by);
        break;
    case LOCALITY:
        *out = list_place(j, k->locality);
        break;
    case TEAM:
        *out = list_place(j, k->team);
        break;
    default:
        *out = list_place(j, k->officer);
        break;
    }
}

/* --- sorting --------------------------------------------------------------------------------------------------------- */

static uint64_t key_stage(const struct list_job *j, uint32_t row)
{
    return list_case(j, row)->stage;
}

static uint64_t key_requested(const struct list_job *j, uint32_t row)
{
    return list_key_date(list_case(j, row)->requested_on);
}

/* Of weeks and bands: those of one band stay in the order of their weeks. */
static uint64_t key_open(const struct list_job *j, uint32_t row)
{
    const int32_t days = list_case(j, row)->days_open;
    return days != NO_BAND ? (uint64_t)days : KEY_EMPTY;
}

static uint64_t key_drift(const struct list_job *j, uint32_t row)
{
    const int32_t drift = list_case(j, row)->drift;
    return drift != DRIFT_NONE ? list_key_int(drift) : KEY_EMPTY;
}

static uint64_t key_state(const struct list_job *j, uint32_t row)
{
    const unsigned s = list_case(j, row)->state;
    return s != STATE_COUNT ? state_rank((enum state)s) : KEY_EMPTY;
}

static uint64_t key_overdue(const struct list_job *j, uint32_t row)
{
    return list_case(j, row)->overdue;
}

static uint64_t key_without(const struct list_job *j, uint32_t row)
{
    const struct case_row *r = list_case(j, row);
    return (uint64_t)(r->overdue - r->excepted);
}

static uint64_t key_next_limit(const struct list_job *j, uint32_t row)
{
    const struct case_row *r = list_case(j, row);
    return r->next_due != CIVIL_NONE ? j->rank[r->next_limit] : KEY_EMPTY;
}

static uint64_t key_next_due(const struct list_job *j, uint32_t row)
{
    return list_key_date(list_case(j, row)->next_due);
}

static uint64_t key_act_by(const struct list_job *j, uint32_t row)
{
    return list_key_date(list_case(j, row)->act_by);
}

static const struct list_sort sorts[N_COLUMNS] = {
    [REF] = {list_key_ref, ORDER_REF},
    [STAGE] = {key_stage},
    [REQUESTED] = {key_requested},
    [WEEKS] = {key_open},
    [BAND] = {key_open},
    [DRIFT] = {key_drift},
    [STATE] = {key_state},
    [OVERDUE] = {key_overdue},
    [WITHOUT] = {key_without},
    [NEXT_LIMIT] = {key_next_limit, ORDER_LIMITS},
    [NEXT_DUE] = {key_next_due},
    [ACT_BY] = {key_act_by},
    [LOCALITY] = {list_key_locality, ORDER_PLACES},
    [TEAM] = {list_key_team, ORDER_PLACES},
    [OFFICER] = {list_key_officer, ORDER_PLACES},
};

const struct list_shape list_cases = {
    .name = "cases",
    .title = "Cases",
    .columns = columns,
    .n_columns = N_COLUMNS,
    .cell = cell,
    .sorts = sorts,
    .own_order = DRIFT,
    .own_descending = true,
};
