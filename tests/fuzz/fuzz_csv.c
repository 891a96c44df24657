/* Fuzz target of the CSV reader and of what reads its fields: every field lies in the text, every row has its line, and
 * the same bytes with CRLF for LF, or cut in two where a row ends, give the same rows. */
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

/* Every row has the line that it has when the text is read in two, cut where rows end. */
static void read_in_two(const uint8_t *data, size_t size, size_t some)
{
    char *one = malloc(size + 1), *first, *second;
    struct csv whole, part;
    struct err e = {""};
    size_t mark = csv_mark((const char *)data, size),
           cut = mark + csv_whole_rows((const char *)data + mark, some - mark);
    unsigned lines = 0;
    if (one == NULL)
        abort();
    memcpy(one, data, size);
    bool opened = csv_open(&whole, "f", one, size, columns, 1, &e);
    if (cut == mark || !opened) {
        free(one);
        return;
    }
    first = malloc(cut);
    second = malloc(size - cut + 1);
    if (first == NULL || second == NULL)
        abort();
    memcpy(first, data, cut);
    memcpy(second, data + cut, size - cut);
    if (!csv_open(&part, NULL, first, cut, columns, 1, &e))
        abort();
    for (int more = 1; more == 1;) {
        struct err one_e = {""}, part_e = {""};
        more = csv_next(&whole, &one_e);
        int got = csv_next(&part, &part_e);
        if (got == 0 && lines == 0) {
            lines = part.next_line - 1;
            if (lines != csv_line_ends((const char *)data, cut))
                abort();
            part.at = second;
            part.end = second + (size - cut);
            part.window = NULL;
            part.next_line = 1;
            got = csv_next(&part, &part_e);
        }
        if (got != more || (more != 0 && part.line + lines != whole.line))
            abort();
        for (int i = 0; more == 1 && i < 3; i++)
            if (part.field[i].len != whole.field[i].len ||
                memcmp(part.field[i].p, whole.field[i].p, part.field[i].len) != 0)
                abort();
        if (more == -1 && strcmp(strstr(one_e.text, ": ") + 2, part_e.text) != 0)
            abort();
    }
    free(one);
    free(first);
    free(second);
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
    if (size >= 3)
        read_in_two(data, size, 3 + size * 7 / 11 % (size - 2));
    names_free(pool);
    return 0;
}
