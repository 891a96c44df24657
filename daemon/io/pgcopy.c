#include "pgcopy.h"

#include <inttypes.h>
#include <stdlib.h>

enum { IN_HEADER, IN_EXTENSION, IN_ROWS, AT_END, FAILED };

static const unsigned char SIGNATURE[11] = {'P', 'G', 'C', 'O', 'P', 'Y', '\n', 0xff, '\r', '\n', 0};

#define HEADER_LEN 19

/* What one look at the bytes came to. `used` counts consumed bytes, `need` the further bytes without which the next
 * look can say no more. */
enum verdict { COMPLETE, INCOMPLETE, BAD, STOPPED };
struct look {
    size_t used, need;
};

static inline int32_t be32_at(const unsigned char *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return (int32_t)be32toh(v);
}

static inline int16_t be16_at(const unsigned char *p)
{
    uint16_t v;
    memcpy(&v, p, sizeof v);
    return (int16_t)be16toh(v);
}

static enum verdict look_header(struct pg_copy *c, const unsigned char *p, size_t len, struct look *k,
                                struct err *e)
{
    size_t n = len < sizeof SIGNATURE ? len : sizeof SIGNATURE;
    if (memcmp(p, SIGNATURE, n) != 0)
        return err_set(e, "not a binary COPY stream: wrong signature"), BAD;
    if (len < HEADER_LEN) {
        k->need = 1; /* a wrong signature shows at its first wrong byte */
        return INCOMPLETE;
    }
    uint32_t flags = (uint32_t)be32_at(p + 11);
    int32_t extension = be32_at(p + 15);
    if ((flags >> 16) != 0)
        return err_set(e, "binary COPY stream with unknown flags 0x%08" PRIx32, flags), BAD;
    if (extension < 0 || extension > PG_COPY_ROW_MAX)
        return err_set(e, "binary COPY header with an extension of %" PRId32 " bytes", extension), BAD;
    c->skip = (size_t)extension;
    c->state = extension > 0 ? IN_EXTENSION : IN_ROWS;
    k->used = HEADER_LEN;
    return COMPLETE;
}

static enum verdict bad_length(const struct pg_copy *c, int col, int32_t n, struct err *e)
{
    if (n < -1)
        return err_set(e, "COPY row %" PRIu64 ", column %d: length %" PRId32, c->rows + 1, col + 1, n), BAD;
    return err_set(e, "COPY row %" PRIu64 ", column %d: the row is longer than %d bytes", c->rows + 1,
                   col + 1, PG_COPY_ROW_MAX),
           BAD;
}

static inline enum verdict look_row(struct pg_copy *c, const unsigned char *p, size_t len, struct look *k,
                                    struct err *e)
{
    struct pg_field f[PG_COPY_COLS_MAX];
    if (len < 2) {
        k->need = 2 - len;
        return INCOMPLETE;
    }
    int count = be16_at(p);
    if (count == -1) {
        c->state = AT_END;
        k->used = 2;
        return COMPLETE;
    }
    if (count != c->ncols)
        return err_set(e, "COPY row %" PRIu64 " has %d columns, %d were expected", c->rows + 1, count,
                       c->ncols),
               BAD;
    size_t at = 2;
    for (int i = 0; i < count; i++) {
        if (len - at < 4) {
            k->need = at + 4 - len;
            return INCOMPLETE;
        }
        int32_t n = be32_at(p + at);
        at += 4;
        f[i].len = n;
        if (n < 0) {
            if (n != -1)
                return bad_length(c, i, n, e);
            f[i].data = NULL;
            continue;
        }
        /* The limit holds for the row, not for the piece: the verdict must not depend on where the stream is cut. */
        if (at > PG_COPY_ROW_MAX || (size_t)n > PG_COPY_ROW_MAX - at)
            return bad_length(c, i, n, e);
        if (len - at < (size_t)n) {
            k->need = at + (size_t)n - len;
            return INCOMPLETE;
        }
        f[i].data = p + at;
        at += (size_t)n;
    }
    c->rows++;
    k->used = at;
    return c->row_fn(c->ud, f) ? COMPLETE : STOPPED;
}

static inline enum verdict look(struct pg_copy *c, const unsigned char *p, size_t len, struct look *k,
                                struct err *e)
{
    if (c->state == IN_ROWS)
        return look_row(c, p, len, k, e);
    if (c->state == IN_HEADER)
        return look_header(c, p, len, k, e);
    if (c->state == IN_EXTENSION) {
        k->used = len < c->skip ? len : c->skip;
        c->skip -= k->used;
        if (c->skip == 0)
            c->state = IN_ROWS;
        return COMPLETE;
    }
    if (c->state == AT_END)
        return err_set(e, "bytes after the end of the COPY stream"), BAD;
    return err_set(e, "fed after an earlier failure"), BAD;
}

static bool keep(struct pg_copy *c, const unsigned char *p, size_t len, struct err *e)
{
    if (c->cap - c->have < len) {
        size_t cap = c->cap < 1024 ? 1024 : c->cap;
        while (cap - c->have < len)
            cap *= 2;
        unsigned char *grown = realloc(c->buf, cap);
        if (grown == NULL)
            return err_set(e, "out of memory for a COPY row of %zu bytes", c->have + len);
        c->buf = grown;
        c->cap = cap;
    }
    memcpy(c->buf + c->have, p, len);
    c->have += len;
    return true;
}

void pg_copy_init(struct pg_copy *c, int ncols, pg_copy_row_fn *row_fn, void *ud)
{
    *c = (struct pg_copy){.ncols = ncols, .row_fn = row_fn, .ud = ud, .state = IN_HEADER};
}

void pg_copy_free(struct pg_copy *c)
{
    free(c->buf);
    c->buf = NULL;
    c->have = c->cap = 0;
}

bool pg_copy_feed(struct pg_copy *c, const void *bytes, size_t len, struct err *e)
{
    const unsigned char *p = bytes;
    if (c->ncols < 0 || c->ncols > PG_COPY_COLS_MAX)
        return err_set(e, "%d columns cannot be decoded, %d is the limit", c->ncols, PG_COPY_COLS_MAX);
    while (len > 0) {
        bool gathering = c->have > 0;
        if (gathering) {
            size_t take = c->need < len ? c->need : len;
            if (!keep(c, p, take, e))
                goto failed;
            p += take;
            len -= take;
            c->need -= take;
            if (c->need > 0)
                return true;
        }
        struct look k = {0, 0};
        switch (gathering ? look(c, c->buf, c->have, &k, e) : look(c, p, len, &k, e)) {
        case COMPLETE:
            if (gathering) {
                c->have = 0; /* it never holds more than the one row */
            } else {
                p += k.used;
                len -= k.used;
            }
            break;
        case INCOMPLETE:
            c->need = k.need;
            if (gathering)
                break;
            if (!keep(c, p, len, e))
                goto failed;
            return true;
        case STOPPED:
        case BAD:
            goto failed;
        }
    }
    return true;
failed:
    c->state = FAILED;
    return false;
}

bool pg_copy_done(const struct pg_copy *c, struct err *e)
{
    if (c->state == AT_END)
        return true;
    if (c->state == FAILED)
        return err_set(e, "the COPY stream could not be decoded");
    if (c->state != IN_ROWS)
        return err_set(e, "the COPY stream ended inside its header");
    if (c->have > 0)
        return err_set(e, "the COPY stream ended inside row %" PRIu64, c->rows + 1);
    return err_set(e, "the COPY stream ended after row %" PRIu64 " without its trailer", c->rows);
}

void pg_field_misfit(const struct pg_field *f, const char *type, int want, struct err *e)
{
    if (f->len < 0)
        err_set(e, "NULL where %s was expected", type);
    else
        err_set(e, "%" PRId32 " bytes where %s has %d", f->len, type, want);
}
