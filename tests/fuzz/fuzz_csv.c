/* Fuzz target of the CSV reader and of what reads its fields: every field lies in the text, every row has its line, and
 * the same bytes with CRLF for LF give the same rows. */
#include "csv.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event.h"
#include "facts.h"
#include "instant.h"
#include "names.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const columns[] = {"a", "b", "c", NULL};

struct digest {
    uint64_t hash; /* FNV-1a over every field */
    unsigned rows;
    bool ok;
};

static void mix(struct digest *d, const char *p, size_t len)
{
    for (size_t i = 0; i <= len; i++)
        d->hash = (d->hash ^ (i < len ? (unsigned char)p[i] : 256u)) * UINT64_C(0x100000001b3);
}

/* A field goes where fields of the case files go. */
static void use(struct names *pool, const struct csv_field *f)
{
    civil_day d;
    int64_t us;
    char text[INSTANT_TEXT_LEN];
    uint32_t number = names_add(pool, f->p, f->len);
    if (number == NAMES_FULL || names_find(pool, f->p, f->len) != number ||
        strlen(names_text(pool, number)) != f->len)
        abort();
    if (civil_parse(f->p, f->len, &d) && strncmp(civil_format(d, text), f->p, f->len) != 0)
        abort();
    const int64_t first = INT64_C(-2208988800000000),
                  past = INT64_C(7258118400000000); /* 1900 to 2199, in UTC */
    if (instant_parse(f->p, f->len, &us) && us >= first && us < past) {
        int64_t again;
        instant_format(us, text);
        if (!instant_parse(text, strlen(text), &again) || again != us)
            abort();
    }
    enum event ev = event_by_name(f->p, f->len);
    if (ev != EV_UNKNOWN && strncmp(event_name(ev), f->p, f->len) != 0)
        abort();
    (void)ground_by_name(f->p, f->len);
}

static struct digest read_text(const uint8_t *data, size_t size, struct names *pool)
{
    struct digest d = {.hash = UINT64_C(0xcbf29ce484222325)};
    struct csv c;
    struct err e = {""};
    unsigned line = 0;
    int more = -1;
    char *text = malloc(size > 0 ? size : 1); /* a block of its own, so that a read past the end is seen */
    if (text == NULL)
        abort();
    memcpy(text, data, size);
    if (csv_open(&c, "f", text, size, columns, 1, &e))
        while ((more = csv_next(&c, &e)) == 1) {
            d.rows++;
            if (c.line <= line)
                abort();
            line = c.line;
            for (int i = 0; i < 3; i++) {
                const struct csv_field *f = &c.field[i];
                if (f->len > 0 && (f->p < text || f->p + f->len > text + size))
                    abort();
                mix(&d, f->p, f->len);
                use(pool, f);
            }
        }
    d.ok = more == 0;
    if (d.ok != (e.text[0] == '\0'))
        abort();
    free(text);
    return d;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct names *pool = names_new();
    if (pool == NULL)
        abort();
    struct digest one = read_text(data, size, pool);
    if (memchr(data, '"', size) == NULL && memchr(data, '\r', size) == NULL) {
        uint8_t *crlf = malloc(2 * size + 1);
        size_t n = 0;
        if (crlf == NULL)
            abort();
        for (size_t i = 0; i < size; i++) {
            if (data[i] == '\n')
                crlf[n++] = '\r';
            crlf[n++] = data[i];
        }
        struct digest two = read_text(crlf, n, pool);
        if (one.ok != two.ok || one.rows != two.rows || one.hash != two.hash)
            abort();
        free(crlf);
    }
    names_free(pool);
    return 0;
}
