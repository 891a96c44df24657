/* How long something takes, from spells of which some are not over yet: the estimator of Kaplan and Meier, by days.
 *
 * Method: E. L. Kaplan, P. Meier, "Nonparametric estimation from incomplete observations", J. Am. Stat. Assoc. 53 (1958) 457-481.
 * On each day t after its beginning a spell is at risk when it has lasted that long; of n(t) at risk d(t) end on that day, and
 * S(t) = product over u <= t of (1 - d(u)/n(u)) is the share that lasts longer than t days. A spell still going on ("censored")
 * counts among those at risk up to its last day, that day included: it is not taken for short, nor left out, both of which
 * would flatter. A spell that was under way when the time looked at began is at risk only from then on (delayed entry), so that
 * the numbers are those of that time alone. The variance is M. Greenwood's (1926).
 *
 * A spell ends in one of two ways: with what is waited for, or otherwise, after which it never comes. Taking the second for
 * censoring would say "it will come in the end" of those for whom it will not. Each step of S is shared between the two
 * instead: O. Aalen, S. Johansen, "An empirical transition matrix ...", Scand. J. Stat. 5 (1978) 141-150.
 *
 * All in whole numbers, in one order, so that every machine gets the same to the last bit. A share is a multiple of 2^-31, rounded to
 * the nearest. Pure. */
#ifndef EHCWATCH_SURVIVAL_H
#define EHCWATCH_SURVIVAL_H

#include <stdbool.h>
#include <stdint.h>

typedef uint32_t share31; /* 0 to SHARE_ONE */
#define SHARE_ONE (UINT32_C(1) << 31)

/* Longer spells are cut here, as if they had not been seen to end: four years. */
#define SURVIVAL_DAYS 1461

enum spell_end {
    SPELL_DONE,      /* what is waited for came */
    SPELL_OTHERWISE, /* it ended without, for good */
    SPELL_OPEN,      /* nobody knows yet */
};

struct survival {
    /* Counted by survival_add. Differences of those at risk: entered after day t - 1, gone after day t. */
    uint32_t entered[SURVIVAL_DAYS + 1];
    uint32_t ended[2][SURVIVAL_DAYS + 1]; /* by enum spell_end */
    uint32_t open[SURVIVAL_DAYS + 1];
    uint32_t spells, total[2];

    /* Worked out by survival_estimate. */
    uint32_t at_risk[SURVIVAL_DAYS + 1];
    share31 lasting[SURVIVAL_DAYS + 1]; /* S(t) */
    share31 step[2][SURVIVAL_DAYS + 1]; /* d(t)/n(t), by enum spell_end */
    share31 done[SURVIVAL_DAYS + 1];    /* of all spells, those that ended with what is waited for by day t */
    int last;                           /* the last day with anybody at risk; -1: no spell at all */
};

/* A struct of zeros is an empty one.
 *
 * A spell that had lasted `until` days when it ended, or when it was last looked at; `under_way` is how long it had lasted
 * when the time looked at began, SPELL_FROM_START for one that began within it. One that was over before is not counted. */
#define SPELL_FROM_START (-1)
void survival_add(struct survival *s, int under_way, int until, enum spell_end end);

/* After the last spell; everything below wants it done. May be done again after more spells. */
void survival_estimate(struct survival *s);

/* Beyond the last observation nothing is known: S stays what it was, as if nothing more came to an end, and the answers about a day
 * later than this say so by what survival_known tells. */
bool survival_known(const struct survival *s, int day);

/* S(t), t < 0 being before anything. */
share31 survival_lasting(const struct survival *s, int day);

/* Of those that have lasted until `day` (at most SURVIVAL_DAYS), the share that lasts longer: 1 - d/n. */
share31 survival_staying(const struct survival *s, int day);

/* S(day + days) / S(day): of those that have lasted `day` days (-1: that begin), the share that lasts `days` more. Worked out from
 * the steps between, so that it has an answer also where S is 0. */
share31 survival_given(const struct survival *s, int day, int days);

/* The first day by which `permille` of a thousand are over, one way or the other (500: the median); -1: not reached. */
int survival_quantile(const struct survival *s, int permille);

/* The same of those that have lasted `day` days, counted from that day. */
int survival_quantile_given(const struct survival *s, int day, int permille);

/* The same for any share of SHARE_ONE that is over, by the curve alone: quick, and -1 also when S(day) is too small to go by. */
int survival_draw(const struct survival *s, int day, share31 over);

/* Of those that begin, the share that ends with what is waited for, in the long run: what is beyond the last observation shared out
 * as what came before it. SHARE_ONE when nothing ended. */
share31 survival_done_in_the_end(const struct survival *s);

/* Greenwood's variance of S(t) in units of 2^-31. */
share31 survival_variance(const struct survival *s, int day);

/* a * b and a * part / of, rounded to the nearest; part <= of, of > 0. */
share31 share_times(share31 a, share31 b);
share31 share_part(share31 a, uint32_t part, uint32_t of);

#endif
