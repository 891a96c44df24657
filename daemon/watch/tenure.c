#include "tenure.h"

#define JUST_AFTER 0.05 /* of the end of another's lease: it is the database's clock that counts */

enum tenure_news tenure_granted(struct tenure *t, int64_t term, double asked, double now)
{
    bool gained = !t->leads || t->term != term;
    if (now >= asked + LEASE_TTL - LEASE_MARGIN)
        return tenure_refused(t);
    *t = (struct tenure){
        .known = true, .leads = true, .term = term, .until = asked + LEASE_TTL - LEASE_MARGIN};
    return gained ? TENURE_GAINED : TENURE_AS_BEFORE;
}

enum tenure_news tenure_refused(struct tenure *t)
{
    bool lost = t->leads;
    t->known = true;
    t->leads = false;
    return lost ? TENURE_LOST : TENURE_AS_BEFORE;
}

bool tenure_held(const struct tenure *t, double now)
{
    return t->leads && now < t->until;
}

enum tenure_news tenure_tick(struct tenure *t, double now)
{
    if (!t->leads || tenure_held(t, now))
        return TENURE_AS_BEFORE;
    return tenure_refused(t);
}

double tenure_next(const struct tenure *t, double left)
{
    if (t->leads || left >= LEASE_RENEW)
        return LEASE_RENEW;
    return left > 0. ? left + JUST_AFTER : JUST_AFTER;
}
