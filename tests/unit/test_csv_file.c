#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/mman.h>
#include <unistd.h>

#include "casework.h"
#include "csv_file.h"

#define must(truth) ((truth) ? (void)0 : abort()) /* also in threads, out of which no assert can jump */

static const char *const columns[] = {"case_id", "event", NULL};

/* What was read: every row as "LINE:case_id|event/", then the error if there is one. */
struct digest {
    char text[8192];
    size_t n;
};

static void tell_row(struct digest *d, unsigned line, const struct csv_field *f)
{
    d->n += (size_t)snprintf(d->text + d->n, sizeof d->text - d->n, "%u:%.*s|%.*s/", line, (int)f[0].len,
                             f[0].p, (int)f[1].len, f[1].p);
    must(d->n < sizeof d->text);
}

/* --- the whole text at once --------------------------------------------------------------------------------------------- */

static void read_at_once(const char *name, const char *text, size_t len, struct digest *d)
{
    struct csv c;
    struct err e = {""};
    char *copy = malloc(len + 1);
    *d = (struct digest){.n = 0};
    memcpy(copy, text, len);
    if (csv_open(&c, name, copy, len, columns, 2, &e))
        while (csv_next(&c, &e) == 1)
            tell_row(d, c.line, c.field);
    free(copy);
    if (e.text[0] != '\0') /* what was read before does not count */
        snprintf(d->text, sizeof d->text, "%s", e.text);
}

/* --- block by block ------------------------------------------------------------------------------------------------------ */

struct batch {
    struct {
        unsigned line;
        struct csv_field field[2];
    } row[512];
    size_t n;
};

static bool read_batch(const void *ud, void *batch, struct csv *c, struct err *e)
{
    struct batch *b = batch;
    int more;
    (void)ud;
    b->n = 0;
    while ((more = csv_next(c, e)) == 1) {
        must(b->n < sizeof b->row / sizeof b->row[0]);
        b->row[b->n].line = c->line;
        memcpy(b->row[b->n++].field, c->field, sizeof b->row[0].field);
    }
    return more == 0;
}

/* A row of "bad" as case_id is refused when it is kept. */
static bool keep_batch(void *ud, void *batch, const struct csv *c, unsigned lines, unsigned *line,
                       struct err *e)
{
    const struct batch *b = batch;
    must(c->name == NULL);
    for (size_t i = 0; i < b->n; i++) {
        *line = b->row[i].line;
        if (b->row[i].field[0].len == 3 && memcmp(b->row[i].field[0].p, "bad", 3) == 0)
            return err_set(e, "refused");
        tell_row(ud, lines + b->row[i].line, b->row[i].field);
    }
    return true;
}

static void drop_batch(void *batch)
{
    (void)batch;
}

static const struct csv_file_reader reader = {columns,    2,          sizeof(struct batch),
                                              read_batch, keep_batch, drop_batch};

static void read_in_blocks(const char *name, const struct csv_pace *pace, struct digest *d)
{
    struct err e = {""};
    *d = (struct digest){.n = 0};
    if (csv_file_read(name, &reader, pace, d, &e))
        assert_string_equal(e.text, "");
    else
        snprintf(d->text, sizeof d->text, "%s", e.text);
}

struct file {
    int fd;
    char name[32];
};

static struct file file_of(const char *text, size_t len)
{
    struct file f = {.fd = memfd_create("csv", MFD_CLOEXEC)};
    assert_true(f.fd >= 0 && write(f.fd, text, len) == (ssize_t)len);
    snprintf(f.name, sizeof f.name, "/proc/self/fd/%d", f.fd);
    return f;
}

/* Both readers say the same, whatever the blocks and the threads. */
static void check(const char *text, size_t len, const struct csv_pace *pace)
{
    static struct digest want, got;
    struct file f = file_of(text, len);
    read_at_once(f.name, text, len, &want);
    read_in_blocks(f.name, pace, &got);
    close(f.fd);
    if (strcmp(got.text, want.text) != 0)
        fail_msg("blocks of %zu, %u threads, of <%.*s>:\n%s\nand not\n%s", pace->block, pace->threads,
                 (int)len, text, got.text, want.text);
}

static void texts_in_all_blocks(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "\n",
        "case_id,event\n",
        "case_id,event",
        "case_id\n1\n",
        "case_id,event\n1,a\n2,b\n3,c\n",
        "case_id,event\r\n1,a\r\n\r\n2,b",
        "\xef\xbb\xbf"
        "case_id,event\n1,a\n2,b\n",
        "\xef\xbb\xbf\"case_id\",\"eve\nnt\",event\n1,x,a\n",
        "\xef\xbb\xbf\"no\nte\",case_id,event\n1,2,a\n",
        "case_id,event\n1,\"a\nb\"\n2,\"c\"\"\n\"\"\"\n3,d\n",
        "case_id,event\n1,\"a\n\"b\n2,c\n3,d\n",
        "case_id,event\n1,\"a\n2,b\n3,c\n",
        "case_id,event\n1,a\n2\n3,c\n4\n",
        "case_id,event\n1,a\n2,b,c\n3,d\n",
        "case_id,event,event\n1,a,b\n",
        "case_id,event\n1,a\"\n2,b\"\n3,\"c\"\n",
        "case_id,event\n1,\"a\"\r2,b\n3,c\n",
        "case_id,event\n1,\"a\"\r\n2,b\n3,\n",
        "case_id,event\n\n\n1,a\n\n\r\n\n2,b\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        for (size_t block = 1; block < 50; block++)
            check(texts[i], strlen(texts[i]), &(struct csv_pace){block, 1 + block % 3});
}

static void random_bytes_in_blocks(void **state)
{
    (void)state;
    static const char alphabet[] = "a1,,\"\"\n\n\r\0";
    struct rng r = rng_seeded("csv_file");
    for (int round = 0; round < 6000; round++) {
        char text[400] = "case_id,event\n";
        size_t n = strlen(text);
        bool bytes = rng_one_in(&r, 2);
        for (int rows = rng_between(&r, 0, 12); rows > 0; rows--) {
            if (bytes) { /* anything */
                for (int left = rng_between(&r, 0, 8); left > 0; left--)
                    text[n++] = alphabet[rng_below(&r, sizeof alphabet - 1 - !rng_one_in(&r, 20))];
            } else { /* mostly good rows */
                static const char *const fields[] = {
                    "1", "22", "a", "", "\"\"", "\"x\ny\"", "\"q\"\"\n\"\"r\""};
                for (int f = rng_one_in(&r, 30) ? 1 : 2; f > 0; f--)
                    n += (size_t)snprintf(text + n, sizeof text - n, "%s%s", fields[rng_below(&r, 7)],
                                          f > 1               ? ","
                                          : rng_one_in(&r, 3) ? "\r\n"
                                                              : "\n");
            }
        }
        check(text, n, &(struct csv_pace){(size_t)rng_between(&r, 1, 40), (unsigned)rng_between(&r, 1, 4)});
    }
}

static void rows_longer_than_a_block(void **state)
{
    (void)state;
    char text[6000] = "case_id,event\n";
    size_t n = strlen(text);
    for (int row = 0; row < 4; row++) {
        n += (size_t)snprintf(text + n, sizeof text - n, "%d,\"", row);
        for (int i = 0; i < 1000; i++)
            text[n++] = i % 7 == 0 ? '\n' : 'x';
        n += (size_t)snprintf(text + n, sizeof text - n, "\"\n");
    }
    for (size_t block = 1; block < 3000; block = block * 3 + 1)
        check(text, n, &(struct csv_pace){block, 2});
}

/* What is told of several things that are wrong. */
static void one_error_of_several(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t len;
        const char *said;
    } rows[] = {
#define TEXT(s) s, sizeof s - 1
        {TEXT("case_id,event\n1,a\nbad,b\n2,c\nbad,d\n"), ":3: refused"},
        {TEXT("case_id,event\n1\nbad,b\n"), ":2: 1 fields where the header has 2 columns"},
        {TEXT("case_id,event\nbad,b\n1\n"), ":2: refused"},
        {TEXT("case_id,event\n1\n2,a\n3,\0\n"), ":4: a NUL byte: this is not a CSV text"},
        {TEXT("case_id,event\nbad,b\n\"2\n\n\",\"a\"\"\n\"\n3,\0\n"),
         ":7: a NUL byte: this is not a CSV text"},
        {TEXT("case_id,event\n\"a\"\"\n\"\n3,\0\n"), ":4: a NUL byte: this is not a CSV text"},
        {TEXT("case_id,other\n1,a\n2,b\n"), ":1: column event is missing from the header"},
        {TEXT("case_id,other\n1,a\n2,b\n\0"), ":4: a NUL byte: this is not a CSV text"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (size_t block = 1; block < 40; block++) {
            static struct digest d;
            struct file f = file_of(rows[i].text, rows[i].len);
            read_in_blocks(f.name, &(struct csv_pace){block, 1 + block % 4}, &d);
            close(f.fd);
            assert_int_equal(strncmp(d.text, f.name, strlen(f.name)), 0);
            assert_string_equal(d.text + strlen(f.name), rows[i].said);
        }
}

static void what_is_no_file(void **state)
{
    (void)state;
    static struct digest d;
    read_in_blocks("/tmp/there is no such file", &(struct csv_pace){0, 0}, &d);
    assert_string_equal(d.text, "/tmp/there is no such file: No such file or directory");
    read_in_blocks("/tmp", &(struct csv_pace){0, 0}, &d);
    assert_string_equal(d.text, "/tmp: Is a directory");
}

static void a_pipe_is_read(void **state)
{
    (void)state;
    static struct digest d;
    int fd[2];
    char name[32];
    assert_int_equal(pipe(fd), 0);
    const char text[] = "case_id,event\n1,a\n2,b\n3,c\n";
    assert_int_equal(write(fd[1], text, sizeof text - 1), sizeof text - 1);
    close(fd[1]);
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd[0]);
    read_in_blocks(name, &(struct csv_pace){7, 3}, &d);
    assert_string_equal(d.text, "2:1|a/3:2|b/4:3|c/");
    close(fd[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_in_all_blocks),      cmocka_unit_test(random_bytes_in_blocks),
        cmocka_unit_test(rows_longer_than_a_block), cmocka_unit_test(one_error_of_several),
        cmocka_unit_test(what_is_no_file),          cmocka_unit_test(a_pipe_is_read),
    };
    return cmocka_run_group_tests_name("csv_file", tests, NULL, NULL) != 0;
}
