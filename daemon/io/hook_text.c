#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

#include "hook_job.h"

/* Length of the UTF-8 character at p, 0 when there is none: no overlong form, surrogate or value above
 * U+10FFFF (RFC 3629 section 4). PostgreSQL refuses anything else in a text column. */
static size_t utf8_len(const unsigned char *p, size_t left)
{
    static const struct {
        unsigned char lead_lo, lead_hi, second_lo, second_hi, len;
    } forms[] = {
        {0x00, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        size_t len = forms[i].len;
        if (*p < forms[i].lead_lo || *p > forms[i].lead_hi || len > left)
            continue;
        if (len > 1 && (p[1] < forms[i].second_lo || p[1] > forms[i].second_hi))
            continue;
        if ((len > 2 && (p[2] & 0xc0) != 0x80) || (len > 3 && (p[3] & 0xc0) != 0x80))
            continue;
        return len;
    }
    return 0;
}

void hook_text_clean(char *s, size_t len)
{
    for (size_t i = 0; i < len;) {
        unsigned char c = (unsigned char)s[i];
        size_t n = utf8_len((const unsigned char *)s + i, len - i);
        if (n == 0 || c == 0x7f || (c < 0x20 && c != '\n' && c != '\t')) {
            s[i] = '?';
            n = 1;
        }
        i += n;
    }
}

void hook_text_clean_line(char *s)
{
    for (; *s != '\0'; s++)
        if (*s < 0x20 || *s > 0x7e)
            *s = '?';
}

void hook_url_public(const char *url, char *out, size_t cap)
{
    static const CURLUPart hidden[] = {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_OPTIONS, CURLUPART_QUERY,
                                       CURLUPART_FRAGMENT};
    char *text = NULL;
    CURLU *u = curl_url();
    bool ok = u != NULL && curl_url_set(u, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK;
    for (size_t i = 0; ok && i < sizeof hidden / sizeof hidden[0]; i++)
        ok = curl_url_set(u, hidden[i], NULL, 0) == CURLUE_OK;
    ok = ok && curl_url_get(u, CURLUPART_URL, &text, 0) == CURLUE_OK;
    if (cap > 0) {
        snprintf(out, cap, "%s", ok ? text : "(unreadable URL)");
        hook_text_clean_line(out);
    }
    curl_free(text);
    curl_url_cleanup(u);
}
