/* A part of the papers, counted over a caseload made by hand: the walk, for tests of the parts. */
#ifndef EHCWATCH_WALK_MAKE_H
#define EHCWATCH_WALK_MAKE_H

#include "case_walk.h"
#include "caseload_make.h"

static inline struct judge_how walk_how(const struct made *m, civil_day as_of, int64_t known_at)
{
    return (struct judge_how){&m->rulebook, &m->calendar, m->words, as_of, known_at, LIMITS_ALL, false};
}

/* In uneven slices. `how` outlives the part. */
static inline void walk_all(const struct made *m, const struct judge_how *how, case_visit_fn *visit,
                            void *part)
{
    struct case_walk *w = case_walk_new(m->snapshot, how, &(struct case_visitor){visit, part, false}, 1);
    int more = 1;
    for (size_t slice = 1; w != NULL && (more = case_walk_next(w, slice)) == 1; slice += 2)
        ;
    made_must(w != NULL && more == 0, &(struct err){"the walk failed\n"});
    case_walk_free(w);
}

#endif
