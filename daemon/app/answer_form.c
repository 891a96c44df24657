#include "answer_form.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define XLSX "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

const struct answer_type answer_types[FORM_COUNT] = {
    [FORM_JSON] = {".json", "application/json", "application/json; charset=utf-8", false},
    [FORM_HTML] = {".html", "text/html", "text/html; charset=utf-8", false},
    [FORM_XLSX] = {".xlsx", XLSX, XLSX, true},
    [FORM_CSV] = {".csv", "text/csv", "text/csv; charset=utf-8", true},
};

enum answer_form answer_form_suffix(const char *suffix, unsigned offered)
{
    for (int f = 0; f < FORM_COUNT; f++)
        if ((offered & FORM_BIT(f)) != 0 && strcmp(answer_types[f].suffix, suffix) == 0)
            return (enum answer_form)f;
    return FORM_COUNT;
}

double accept_quality(const char *accept, const char *media)
{
    size_t n = strlen(media);
    for (const char *p = accept != NULL ? accept : "", *end; *p != '\0'; p = *end == ',' ? end + 1 : end) {
        end = p + strcspn(p, ",");
        p += strspn(p, " \t");
        if (strncasecmp(p, media, n) != 0 || strchr(" \t,;", p[n]) == NULL)
            continue;
        while ((p = memchr(p, ';', (size_t)(end - p))) != NULL) {
            p += 1 + strspn(p + 1, " \t");
            if (strncasecmp(p, "q=", 2) == 0)
                return strtod(p + 2, NULL);
        }
        return 1;
    }
    return 0;
}

enum answer_form answer_form_accepted(const char *accept, unsigned offered)
{
    enum answer_form best = FORM_JSON;
    double best_quality = 0;
    for (int f = 0; accept != NULL && f < FORM_COUNT; f++) {
        double q = (offered & FORM_BIT(f)) != 0 ? accept_quality(accept, answer_types[f].media) : 0;
        if (q <= 0 || q < best_quality)
            continue;
        best = (enum answer_form)f;
        best_quality = q;
    }
    return best;
}
