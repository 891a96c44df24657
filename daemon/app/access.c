#include "access.h"

#include <string.h>

bool access_is_narrow(const struct caller *c)
{
    return c != NULL && c->teams.n > 0;
}

/* A number that no team has: names_find says it of a team that no case was ever in. */
static uint32_t team_number(const struct snapshot *s, const char *team)
{
    return names_find(s->words->places, team, strlen(team));
}

void access_narrow(const struct caller *c, const struct snapshot *s, struct breach_places *teams)
{
    struct breach_places seen = {0};
    if (!access_is_narrow(c))
        return;
    for (const char *t = token_team_next(&c->teams, NULL); t != NULL; t = token_team_next(&c->teams, t)) {
        uint32_t number = team_number(s, t);
        if (number != NAMES_FULL && breach_places_hold(teams, number))
            seen.number[seen.n++] = number;
    }
    if (seen.n == 0)
        seen.number[seen.n++] = NAMES_FULL; /* an empty set would stand for all */
    *teams = seen;
}

void access_narrow_filter(const struct caller *c, const struct snapshot *s, struct breach_filter *f)
{
    access_narrow(c, s, &f->teams);
}

bool access_sees(const struct caller *c, const struct snapshot *s, const unsigned char *record)
{
    struct breach_places teams = {0};
    struct record_case head;
    if (!access_is_narrow(c))
        return true;
    access_narrow(c, s, &teams);
    record_head(record, &head);
    return breach_places_hold(&teams, head.team);
}

bool access_sees_ref(const struct caller *c, const struct snapshot *s, const char *ref)
{
    if (!access_is_narrow(c))
        return true;
    const unsigned char *record = s != NULL ? snapshot_case_by_ref(s, ref, strlen(ref)) : NULL;
    return record != NULL && access_sees(c, s, record);
}

bool access_teams_array(const struct caller *c, struct pg_array *a, const char **literal, struct err *e)
{
    *literal = NULL;
    if (!access_is_narrow(c))
        return true;
    for (const char *t = token_team_next(&c->teams, NULL); t != NULL; t = token_team_next(&c->teams, t))
        pg_array_text(a, t);
    *literal = pg_array_literal(a, e);
    return *literal != NULL;
}
