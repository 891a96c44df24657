#include "xlsx_text.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define REPLACEMENT "\xef\xbf\xbd"

/* Length of the UTF-8 sequence at s, or 0 (RFC 3629). */
static size_t sequence(const unsigned char *s, size_t n)
{
    size_t len = s[0] < 0x80 ? 1 : s[0] < 0xc2 || s[0] > 0xf4 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
    if (len > n)
        return 0;
    for (size_t i = 1; i < len; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    bool overlong = (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xf0 && s[1] < 0x90);
    bool beyond = (s[0] == 0xed && s[1] >= 0xa0) || (s[0] == 0xf4 && s[1] >= 0x90);
    return len > 1 && (overlong || beyond) ? 0 : len;
}

/* Whether XML 1.0 has the character, and a parser hands it on as it is: a carriage return would arrive as a line feed. */
static bool holds(const unsigned char *s, size_t len)
{
    if (len == 1)
        return s[0] >= 0x20 || s[0] == '\t' || s[0] == '\n';
    return !(len == 3 && s[0] == 0xef && s[1] == 0xbf && s[2] >= 0xbe); /* U+FFFE, U+FFFF */
}

/* Whether "_x0041_" stands here. */
static bool escape_like(const char *s, size_t n)
{
    if (n < 7 || s[0] != '_' || s[1] != 'x' || s[6] != '_')
        return false;
    for (size_t i = 2; i < 6; i++)
        if (!isxdigit((unsigned char)s[i]))
            return false;
    return true;
}

static bool make_room(struct xlsx_room *room, size_t want)
{
    if (room->cap >= want)
        return true;
    char *p = realloc(room->p, want);
    if (p == NULL)
        return false;
    room->p = p;
    room->cap = want;
    return true;
}

const char *xlsx_clean(struct xlsx_room *room, const char *s, size_t len)
{
    /* A byte becomes three at most; the seven of an escape thirteen. */
    if (!make_room(room, 3 * len + 1))
        return NULL;
    size_t n = 0, units = 0;
    for (size_t i = 0; i < len && units < XLSX_TEXT_MAX;) {
        const unsigned char *at = (const unsigned char *)s + i;
        size_t seq = sequence(at, len - i), step = seq > 0 ? seq : 1;
        if (units + (seq == 4 ? 2 : 1) > XLSX_TEXT_MAX)
            break;
        units += seq == 4 ? 2 : 1;
        if (seq == 0 || !holds(at, seq)) {
            memcpy(room->p + n, REPLACEMENT, 3);
            n += 3;
        } else if (escape_like(s + i, len - i)) {
            memcpy(room->p + n, "_x005F_", 7);
            n += 7;
        } else {
            memcpy(room->p + n, at, seq);
            n += seq;
        }
        i += step;
    }
    room->p[n] = '\0';
    return room->p;
}

/* --- names of sheets --------------------------------------------------------------------------------------------------- */

/* "A1", "R1C1", "2026": in a reference Excel wants quotes around these, and the library gives them none. */
static bool reads_as_cell(const char *s)
{
    size_t letters = 0, digits = 0;
    if (isdigit((unsigned char)s[0]))
        return true;
    while (isalpha((unsigned char)s[letters]))
        letters++;
    while (isdigit((unsigned char)s[letters + digits]))
        digits++;
    if (s[letters + digits] == '\0' && letters <= 3 && (digits > 0 || letters == 1))
        return true;
    size_t r = tolower((unsigned char)s[0]) == 'r' ? 1 : 0;
    r += strspn(s + r, "0123456789");
    if (tolower((unsigned char)s[r]) != 'c')
        return false;
    r++;
    r += strspn(s + r, "0123456789");
    return s[r] == '\0';
}

/* Cuts to `units` UTF-16 units. */
static void cut(char *s, size_t units)
{
    size_t i = 0, n = strlen(s);
    while (i < n) {
        size_t seq = sequence((const unsigned char *)s + i, n - i), cost = seq == 4 ? 2 : 1;
        if (cost > units)
            break;
        units -= cost;
        i += seq > 0 ? seq : 1;
    }
    s[i] = '\0';
}

char *xlsx_sheet_name(char out[XLSX_NAME_LEN], const char *want,
                      bool (*taken)(const void *ud, const char *name), const void *ud)
{
    char base[XLSX_NAME_LEN + 8] = "";
    size_t n = 0, len = strlen(want);
    for (size_t i = 0; i < len && n < XLSX_NAME_LEN;) {
        const unsigned char *at = (const unsigned char *)want + i;
        size_t seq = sequence(at, len - i);
        bool good = seq > 0 && holds(at, seq) && *at >= 0x20 && strchr("[]:*?/\\'", *at) == NULL;
        memcpy(base + n, good ? (const char *)at : "_", good ? seq : 1);
        n += good ? seq : 1;
        i += seq > 0 ? seq : 1;
    }
    base[n] = '\0';
    if (n == 0 || strcasecmp(base, "History") == 0 || reads_as_cell(base)) {
        memmove(base + 1, base, n + 1);
        base[0] = '_';
    }
    cut(base, XLSX_NAME_MAX);
    memcpy(out, base, strlen(base) + 1);
    for (unsigned k = 2; taken(ud, out); k++) {
        char tail[16];
        size_t t = (size_t)snprintf(tail, sizeof tail, "~%u", k);
        cut(base, XLSX_NAME_MAX - t);
        n = strlen(base);
        memcpy(out, base, n);
        memcpy(out + n, tail, t + 1);
    }
    return out;
}
