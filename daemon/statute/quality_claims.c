#include "quality.h"

#include "exception.h"

void quality_claims_add(struct quality_claims *c, const struct rulebook *rb, const struct obligation *o,
                        const struct case_facts *cf, civil_day as_of)
{
    if (o->exception == EXCEPTION_NONE)
        return;
    for (size_t i = 0; i < cf->n_claims && i < sizeof c->limit; i++) {
        uint64_t bit = UINT64_C(1) << i;
        enum exception_verdict v = exception_verdict_of(
            exception_test(&cf->claims[i], o, obligation_limit(rb, o), cf, as_of).reason);
        if (v == EXCEPTION_SUPPORTED || v == EXCEPTION_UNVERIFIED) {
            c->held |= bit;
        } else if (v == EXCEPTION_UNSUPPORTED && o->exception == v) {
            if ((c->failed & bit) == 0 || o->limit < c->limit[i]) /* they come in no order of the table */
                c->limit[i] = o->limit;
            c->failed |= bit;
        }
    }
}

void quality_claims_tell(const struct quality_claims *c, const struct case_facts *cf, finding_fn *emit,
                         void *ud)
{
    for (uint64_t left = c->failed & ~c->held; left != 0; left &= left - 1) {
        int i = __builtin_ctzll(left);
        const struct claim *claim = &cf->claims[i];
        emit(ud, &(struct finding){claim->from, c->limit[i], FINDING_EXCEPTION_UNSUPPORTED, claim->ground});
    }
}

void quality_share_add(struct quality_share *share, const struct rulebook *rb, int limit,
                       const struct obligation *o, const struct case_facts *cf, civil_day as_of)
{
    if (o->limit != limit || o->state == STATE_VOID)
        return;
    share->obligations++;
    if (cf->n_claims == 0)
        return;
    enum exception_verdict v = exception_judge(o, obligation_limit(rb, o), cf, as_of);
    share->excepted += v == EXCEPTION_SUPPORTED || v == EXCEPTION_UNVERIFIED;
}

bool quality_exceptions_implausible(const struct quality_share *share)
{
    return share->obligations >= QUALITY_EXCEPTION_CASES &&
           share->excepted * 100 > share->obligations * QUALITY_EXCEPTION_SHARE;
}
