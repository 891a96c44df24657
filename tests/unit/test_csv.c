#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "casework.h"
#include "csv.h"

static const char *const columns[] = {"case_id", "event", "note", NULL};

/* Every row as "LINE:case_id|event|note/", then the error if there is one. `text` may hold NUL bytes. */
static void read_all(const char *text, size_t len, char *out, size_t cap)
{
    struct csv c;
    struct err e = {""};
    size_t n = 0;
    int more = -1;
    char *copy = malloc(len + 1); /* a block of its own, so that a read past the end is seen */
    char *exact = len > 0 ? malloc(len) : copy;
    memcpy(exact, text, len);
    out[0] = '\0';
    if (csv_open(&c, "f.csv", exact, len, columns, 2, &e))
        while ((more = csv_next(&c, &e)) == 1)
            n += (size_t)snprintf(out + n, cap - n, "%u:%.*s|%.*s|%.*s/", c.line, (int)c.field[0].len,
                                  c.field[0].p, (int)c.field[1].len, c.field[1].p, (int)c.field[2].len,
                                  c.field[2].p);
    if (more == -1)
        snprintf(out + n, cap - n, "%s", e.text);
    if (exact != copy)
        free(exact);
    free(copy);
}

static struct row {
    const char *name, *text, *read;
} rows[] = {
    {"plain", "case_id,event,note\n1,draft_sent,x\n2,plan_issued,\n", "2:1|draft_sent|x/3:2|plan_issued|/"},
    {"no line end after the last row", "case_id,event,note\n1,a,b", "2:1|a|b/"},
    {"an empty last field without a line end", "case_id,event,note\n1,a,", "2:1|a|/"},
    {"CRLF", "case_id,event,note\r\n1,a,b\r\n2,c,\r\n", "2:1|a|b/3:2|c|/"},
    {"a byte order mark",
     "\xef\xbb\xbf"
     "case_id,event,note\n1,a,b\n",
     "2:1|a|b/"},
    {"a byte order mark and quotes", "\xef\xbb\xbf\"case_id\",event,note\n1,a,b\n", "2:1|a|b/"},
    {"columns in another order, others passed over", "x,note,event,y,case_id\n0,b,a,0,1\n", "2:1|a|b/"},
    {"a column that need not be there", "case_id,event\n1,a\n", "2:1|a|/"},
    {"quotes", "case_id,event,note\n\"1\",\"a,b\",\"say \"\"no\"\"\"\n", "2:1|a,b|say \"no\"/"},
    {"an empty quoted field", "case_id,event,note\n1,\"\",\"\"\n", "2:1||/"},
    {"a line end inside quotes counts as a line", "case_id,event,note\n1,\"a\nb\",c\n2,d,e\n",
     "2:1|a\nb|c/4:2|d|e/"},
    {"a quoted CRLF", "case_id,event,note\r\n1,\"a\r\nb\",c\r\n2,d,e\r\n", "2:1|a\r\nb|c/4:2|d|e/"},
    {"a quoted line end in the header", "case_id,event,\"no\nte\"\n1,a,b\n", "3:1|a|/"},
    {"blank lines are passed over", "case_id,event,note\n\n1,a,b\n\r\n\n2,c,d\n\n", "3:1|a|b/6:2|c|d/"},
    {"no rows", "case_id,event,note\n", ""},
    {"no rows, and no line end", "case_id,event,note", ""},
    {"quotes inside a plain field are text", "case_id,event,note\n1,a\"b\",c\n", "2:1|a\"b\"|c/"},
    {"spaces are text", "case_id,event,note\n 1 , a,\tb\n", "2: 1 | a|\tb/"},
    {"a lone CR inside a field is text", "case_id,event,note\n1,a\rb,c\n", "2:1|a\rb|c/"},

    {"an empty file", "", "f.csv:1: column case_id is missing from the header"},
    {"a byte order mark alone", "\xef\xbb\xbf", "f.csv:1: column case_id is missing from the header"},
    {"a missing column", "case_id,note\n1,b\n", "f.csv:1: column event is missing from the header"},
    {"names are exact", "case_id,Event\n1,b\n", "f.csv:1: column event is missing from the header"},
    {"a column twice", "case_id,event,case_id\n1,a,1\n", "f.csv:1: column case_id comes twice"},
    {"too many fields", "case_id,event,note\n1,a,b\n2,c,d,e\n",
     "2:1|a|b/f.csv:3: more fields than the header has columns (3)"},
    {"too few fields", "case_id,event,note\n1,a,b\n\n2,c\n",
     "2:1|a|b/f.csv:4: 2 fields where the header has 3 columns"},
    {"a quote never closed", "case_id,event,note\n1,\"a,b\n2,c,d\n",
     "f.csv:2: a quoted field has no closing quote"},
    {"a quote never closed in the header", "case_id,\"event,note\n",
     "f.csv:1: a quoted field has no closing quote"},
    {"text after a closing quote", "case_id,event,note\n1,\"a\"b,c\n",
     "f.csv:2: text follows the closing quote of a field"},
    {"text after a closing quote and a lone CR", "case_id,event,note\n1,a,\"b\"\r2,c,d\n",
     "f.csv:2: text follows the closing quote of a field"},
    {"a CR at the end of the file", "case_id,event,note\n1,a,\"b\"\r", "2:1|a|b/"},
    {"an error after a quoted line end names the right line", "case_id,event,note\n1,\"a\n\n\",b\n2,c\n",
     "2:1|a\n\n|b/f.csv:5: 2 fields where the header has 3 columns"},
};

static void csv_row(void **state)
{
    const struct row *row = *state;
    char got[1024];
    read_all(row->text, strlen(row->text), got, sizeof got);
    assert_string_equal(got, row->read);
}

static void a_nul_byte_is_no_text(void **state)
{
    (void)state;
    char got[256];
    const char in_row[] = "case_id,event,note\n1,a,b\n2,c\0c,d\n", in_header[] = "case_id,event,no\0te\n";
    read_all(in_row, sizeof in_row - 1, got, sizeof got);
    assert_string_equal(got, "f.csv:3: a NUL byte: this is not a CSV text");
    read_all(in_header, sizeof in_header - 1, got, sizeof got);
    assert_string_equal(got, "f.csv:1: a NUL byte: this is not a CSV text");
}

static void too_many_columns(void **state)
{
    (void)state;
    char text[256] = "case_id,event", got[256];
    for (int i = 2; i < CSV_MAX_COLUMNS; i++)
        strcat(text, ",x");
    size_t len = strlen(text);
    read_all(text, len, got, sizeof got);
    assert_string_equal(got, "");
    strcat(text, ",x");
    read_all(text, strlen(text), got, sizeof got);
    assert_string_equal(got, "f.csv:1: more than 32 columns");
}

/* What a writer that quotes as RFC 4180 says has written is read as it was. */
static void random_tables_come_back(void **state)
{
    (void)state;
    static const char alphabet[] = "ab,\"\n\r1 ";
    struct rng r = rng_seeded("csv");
    for (int round = 0; round < 20000; round++) {
        char text[2048], want[2048], got[2048];
        size_t n = 0, w = 0;
        unsigned line = 2;
        bool crlf = rng_one_in(&r, 2);
        n += (size_t)snprintf(text, sizeof text, "case_id,event,note%s\n", crlf ? "\r" : "");
        for (int row = rng_between(&r, 0, 6); row > 0; row--) {
            unsigned at = line;
            w += (size_t)snprintf(want + w, sizeof want - w, "%u:", at);
            for (int f = 0; f < 3; f++) {
                char field[16] = "";
                int len = rng_between(&r, f == 0, 8); /* the first is never empty: no blank lines */
                for (int i = 0; i < len; i++)
                    field[i] = alphabet[rng_below(&r, sizeof alphabet - 1)];
                bool quote = strpbrk(field, ",\"\n\r") != NULL || rng_one_in(&r, 3);
                text[n] = '"';
                n += quote;
                for (const char *p = field; *p != '\0'; p++) {
                    line += *p == '\n';
                    text[n++] = *p;
                    if (*p == '"')
                        text[n++] = '"';
                }
                text[n] = '"';
                n += quote;
                w += (size_t)snprintf(want + w, sizeof want - w, "%s%c", field, f < 2 ? '|' : '/');
                if (f < 2)
                    text[n++] = ',';
            }
            if (crlf)
                text[n++] = '\r';
            text[n++] = '\n';
            line++;
        }
        want[w] = '\0';
        read_all(text, n, got, sizeof got);
        assert_string_equal(got, want);
    }
}

/* Whatever the bytes are: an end or an error, and no read past the text (under ASan). */
static void random_bytes_end(void **state)
{
    (void)state;
    static const char alphabet[] = "a,\"\n\r";
    struct rng r = rng_seeded("csv, bytes");
    for (int round = 0; round < 50000; round++) {
        char text[64] = "case_id,event,note\n", got[2048];
        size_t n = strlen(text);
        for (int left = rng_between(&r, 0, 30); left > 0; left--)
            text[n++] = alphabet[rng_below(&r, sizeof alphabet - 1)];
        read_all(text, n, got, sizeof got);
    }
}

int main(void)
{
    static struct CMUnitTest tests[sizeof rows / sizeof rows[0] + 8];
    const struct CMUnitTest fixed[] = {
        cmocka_unit_test(a_nul_byte_is_no_text),
        cmocka_unit_test(too_many_columns),
        cmocka_unit_test(random_tables_come_back),
        cmocka_unit_test(random_bytes_end),
    };
    size_t n = sizeof fixed / sizeof fixed[0];
    memcpy(tests, fixed, sizeof fixed);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        tests[n++] = (struct CMUnitTest){rows[i].name, csv_row, NULL, NULL, &rows[i]};
    return _cmocka_run_group_tests("csv", tests, n, NULL, NULL) != 0;
}
