#include "survival.h"

share31 share_times(share31 a, share31 b)
{
    return (share31)(((uint64_t)a * b + SHARE_ONE / 2) >> 31);
}

share31 share_part(share31 a, uint32_t part, uint32_t of)
{
    return (share31)(((uint64_t)a * part + of / 2) / of);
}

void survival_add(struct survival *s, int under_way, int until, enum spell_end end)
{
    if (until < 0 || until <= under_way || under_way >= SURVIVAL_DAYS)
        return;
    if (until > SURVIVAL_DAYS) {
        until = SURVIVAL_DAYS;
        end = SPELL_OPEN;
    }
    s->entered[under_way + 1]++;
    s->spells++;
    if (end == SPELL_OPEN) {
        s->open[until]++;
        return;
    }
    s->ended[end][until]++;
    s->total[end]++;
}

/* What ends with what is waited for on a day is the step of S less what ends otherwise, so that the parts never add up to more than
 * the whole. */
void survival_estimate(struct survival *s)
{
    uint32_t n = 0;
    share31 lasting = SHARE_ONE, done = 0;
    s->last = -1;
    for (int t = 0; t <= SURVIVAL_DAYS; t++) {
        n += s->entered[t];
        uint32_t d = s->ended[SPELL_DONE][t], o = s->ended[SPELL_OTHERWISE][t];
        s->at_risk[t] = n;
        if (n > 0) {
            s->last = t;
            share31 after = share_part(lasting, n - d - o, n);
            share31 otherwise = share_part(lasting, o, n);
            share31 gone = lasting - after;
            done += gone - (otherwise < gone ? otherwise : gone);
            lasting = after;
        }
        s->lasting[t] = lasting;
        s->done[t] = done;
        s->step[SPELL_DONE][t] = n > 0 ? share_part(SHARE_ONE, d, n) : 0;
        s->step[SPELL_OTHERWISE][t] = n > 0 ? SHARE_ONE - share_part(SHARE_ONE, n - o, n) : 0;
        n -= d + o + s->open[t];
    }
}

bool survival_known(const struct survival *s, int day)
{
    return day <= s->last;
}

static int within(int day)
{
    return day > SURVIVAL_DAYS ? SURVIVAL_DAYS : day;
}

share31 survival_lasting(const struct survival *s, int day)
{
    return day < 0 ? SHARE_ONE : s->lasting[within(day)];
}

share31 survival_staying(const struct survival *s, int day)
{
    share31 gone = s->step[SPELL_DONE][day] + s->step[SPELL_OTHERWISE][day];
    return gone < SHARE_ONE ? SHARE_ONE - gone : 0;
}

share31 survival_given(const struct survival *s, int day, int days)
{
    share31 lasting = SHARE_ONE;
    int until = within(day + days);
    for (int t = day < 0 ? 0 : day + 1; t <= until && lasting > 0; t++)
        lasting = share_times(lasting, survival_staying(s, t));
    return lasting;
}

int survival_quantile_given(const struct survival *s, int day, int permille)
{
    share31 lasting = SHARE_ONE, wanted = share_part(SHARE_ONE, (uint32_t)(1000 - permille), 1000);
    for (int t = day < 0 ? 0 : day + 1; t <= s->last; t++) {
        lasting = share_times(lasting, survival_staying(s, t));
        if (lasting <= wanted)
            return t - (day < 0 ? 0 : day);
    }
    return -1;
}

int survival_quantile(const struct survival *s, int permille)
{
    share31 wanted = share_part(SHARE_ONE, (uint32_t)(1000 - permille), 1000);
    for (int t = 0; t <= s->last; t++)
        if (s->lasting[t] <= wanted)
            return t;
    return -1;
}

#define CURVE_LEAST (UINT32_C(1) << 12)

int survival_draw(const struct survival *s, int day, share31 over)
{
    const share31 lasting = survival_lasting(s, day), wanted = share_times(lasting, SHARE_ONE - over);
    int from = day < 0 ? 0 : day + 1, to = s->last + 1;
    if (lasting < CURVE_LEAST)
        return -1;
    while (from < to) {
        int mid = from + (to - from) / 2;
        if (s->lasting[mid] <= wanted)
            to = mid;
        else
            from = mid + 1;
    }
    return from <= s->last ? from - (day < 0 ? 0 : day) : -1;
}

share31 survival_done_in_the_end(const struct survival *s)
{
    share31 over = s->last < 0 ? 0 : SHARE_ONE - s->lasting[s->last];
    return over == 0 ? SHARE_ONE : share_part(SHARE_ONE, s->done[s->last], over);
}

/* S^2 times the sum of d / (n (n - d)); the last step to 0 has no variance of its own. */
share31 survival_variance(const struct survival *s, int day)
{
    uint64_t sum = 0; /* in units of 2^-31 */
    for (int t = 0; t <= within(day); t++) {
        uint64_t n = s->at_risk[t], d = s->ended[SPELL_DONE][t] + s->ended[SPELL_OTHERWISE][t];
        if (d > 0 && n > d)
            sum += ((d << 31) + n * (n - d) / 2) / (n * (n - d));
    }
    share31 lasting = survival_lasting(s, day);
    share31 square = share_times(lasting, lasting);
    return sum < SHARE_ONE ? share_times(square, (share31)sum) : square;
}
