/* Every allocation of the pure rooms fails once, and then from there on: what asked for it must say so, give everything back
 * and leave what was there before usable. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <unistd.h>

#include "buf.h"
#include "caserows.h"
#include "casework.h"
#include "drift.h"
#include "intake.h"
#include "notice.h"
#include "rules_text.h"
#include "torture.h"

/* --- who asks ------------------------------------------------------------------------------------------------------------------ */

static bool names(void *ud)
{
    (void)ud;
    struct names *p = names_new_subjects();
    bool ok = p != NULL;
    char text[2000];
    for (int i = 0; i < 700 && ok; i++) {
        memset(text, 'a' + i % 26, sizeof text);
        int len = snprintf(text, sizeof text, "%d", i);
        size_t most = i % 9 == 0 ? sizeof text : (size_t)len, count = names_count(p);
        if (most > (size_t)len)
            text[len] = '-';
        uint32_t number = names_add(p, text, most);
        ok = number != NAMES_FULL;
        if (!ok) { /* what is there is still there, and the name is not */
            assert_int_equal(names_count(p), count);
            assert_int_equal(names_find(p, "education", 9), SUBJECT_EDUCATION);
            assert_int_equal(names_find(p, text, most), NAMES_FULL);
            number = names_add(p, "", 0);
            assert_true(number == 0 || number == NAMES_FULL);
        }
    }
    names_free(p);
    return ok;
}

static bool words(void *ud)
{
    (void)ud;
    struct words *w = words_new();
    words_free(w);
    return w != NULL;
}

static bool record(void *ud)
{
    const struct words *w = ud;
    struct record_maker m = {0};
    struct record_room room = {0};
    unsigned char out[32768];
    const struct record_case k = {.id = 1, .ref = "A", .ref_len = 1, .born = CIVIL_NONE};
    bool ok = true;
    for (int i = 0; i < 200 && ok; i++) {
        size_t had = m.n_facts;
        ok = record_add_fact(&m, &(struct record_fact){20000 + i, EV_DRAFT_SENT, 0, TIME_NONE, TIME_NONE}) &&
             record_add_claim(&m,
                              &(struct record_claim){{i, CIVIL_NONE, GROUND_PERSONAL}, TIME_NONE, TIME_NONE});
        if (!ok)
            assert_true(m.n_facts == had || m.n_facts == had + 1);
    }
    if (ok) {
        assert_true(record_bound(&m, 1) <= sizeof out);
        record_encode(&m, &k, out);
        ok = record_view(out, w, 30000, KNOWN_NOW, &room);
        assert_true(!ok || (room.view.n == 200 && room.view.n_claims == 200));
    }
    record_maker_free(&m);
    record_room_free(&room);
    return ok;
}

static bool ledger(void *ud)
{
    (void)ud;
    struct ledger l = {0};
    bool ok = true;
    int64_t i = 0;
    for (; i < 5000 && ok; i++)
        ok = ledger_set(&l, i % 2 ? i : 10000 - i, 7);
    const long before = asked;
    ledger_settle(&l);
    const bool in_vain = fail_from > before && fail_from <= asked; /* it settles all the same */
    assert_int_equal(l.n, ok ? i : i - 1);
    assert_int_equal(ledger_cases(&l), l.n);
    for (int64_t k = 0; k < (int64_t)l.n; k++)
        assert_true(ledger_digest(&l, k % 2 ? k : 10000 - k) == 7);
    ledger_clear(&l);
    return ok && !in_vain;
}

static bool drift(void *ud)
{
    (void)ud;
    struct rulebook rb;
    struct stored s = {.state = STATE_AT_RISK, .start = 20000, .due = 20042, .closed = CIVIL_NONE};
    struct obligation o = {.state = STATE_BREACHED, .start = 20000, .due = 20042, .closed = CIVIL_NONE};
    struct change c[2];
    rulebook_builtin(&rb);
    size_t n = drift_compare(&rb, LIMITS_ALL, 0, &s, 1, &o, 1, c);
    assert_true(n == 1 || n == SIZE_MAX);
    return n == 1;
}

static bool buffer(void *ud)
{
    (void)ud;
    struct buf b = {0};
    char lengthy[1500];
    memset(lengthy, 'x', sizeof lengthy);
    lengthy[sizeof lengthy - 1] = '\0';
    for (int i = 0; i < 20; i++) {
        buf_text(&b, "a text ");
        buf_printf(&b, "%s %d", lengthy, i);
        buf_csv(&b, "a,\"b\"\n");
        buf_csv_guarded(&b, "=cmd");
    }
    size_t len = 0;
    char *text = buf_take(&b, &len);
    assert_true(b.p == NULL && b.n == 0);
    assert_true(text == NULL || strlen(text) == len);
    free(text);
    buf_text(&b, ""); /* and again: nothing latches past a take */
    char *empty = buf_take(&b, NULL);
    bool ok = text != NULL && empty != NULL;
    free(empty);
    return ok;
}

static bool table(void *ud)
{
    struct rulebook rb;
    struct buf b = {0};
    rulebook_builtin(&rb);
    (*(void (**)(struct buf *, const struct rulebook *))ud)(&b, &rb);
    char *text = buf_take(&b, NULL);
    free(text);
    return text != NULL;
}

/* --- an intake ------------------------------------------------------------------------------------------------------------------ */

#define CASES 1100

struct polled {
    struct rulebook rb;
    struct calendar cal;
    struct words *words;
    struct ledger ledger;
    struct snapshot *before;
    int64_t only[3];
    size_t n_only;
    bool changed;
};

static bool rows(struct intake *in, const struct polled *p, struct err *e)
{
    for (int64_t i = 0; i < CASES; i++) {
        struct record_case k = {.id = i, .ref = "R", .ref_len = 1, .born = CIVIL_NONE};
        if ((p->n_only == 0 || i == p->only[0] || i == p->only[1] || i == p->only[2]) &&
            !intake_case(in, &k, e))
            return false;
    }
    for (int64_t i = 0; i < CASES; i++) {
        struct record_claim c = {{20000, CIVIL_NONE, GROUND_PERSONAL}, TIME_NONE, TIME_NONE};
        if ((p->n_only == 0 || i == p->only[0]) && i % 10 == 0 && !intake_claim(in, i, &c, e))
            return false;
    }
    for (int64_t i = 0; i < CASES; i++) {
        struct record_fact f = {20000 + (p->changed && i % 500 == 0), EV_REQUEST_RECEIVED, 0, TIME_NONE,
                                TIME_NONE};
        if ((p->n_only == 0 || i == p->only[0] || i == p->only[1] || i == p->only[2]) &&
            !intake_fact(in, i, &f, e))
            return false;
    }
    return true;
}

static struct snapshot *poll(struct polled *p)
{
    const struct intake_conf conf = {
        .rulebook = &p->rb,
        .calendar = &p->cal,
        .words = p->words,
        .ledger = &p->ledger,
        .before = p->before,
        .as_of = 20500,
        .limits = LIMITS_ALL,
        .only = p->n_only > 0 ? p->only : NULL,
        .n_only = p->n_only,
    };
    struct err e = {""};
    struct intake *in = intake_new(&conf);
    struct snapshot *s = NULL;
    const int64_t *dirty;
    size_t n_dirty;
    int done = 0;
    if (in == NULL)
        return NULL;
    if (rows(in, p, &e)) {
        while ((done = intake_finish(in, 700)) == 0)
            ;
        if (done == 1)
            s = intake_take(in, &dirty, &n_dirty);
    } else {
        assert_string_equal(e.text, "out of memory");
    }
    intake_free(in);
    return s;
}

static bool intake(void *ud)
{
    struct polled *p = ud;
    struct snapshot *s = poll(p);
    if (s != NULL)
        assert_true(s->n_cases == CASES && snapshot_case(s, 500) != NULL);
    snapshot_unref(s);
    return s != NULL;
}

static void every_allocation_of_a_poll(void **state)
{
    (void)state;
    struct polled p = {.words = words_new()};
    rulebook_builtin(&p.rb);
    calendar_builtin(&p.cal);
    for (int64_t i = 0; i < CASES; i += 2) /* half of the cases dirty, and some that are gone */
        assert_true(ledger_set(&p.ledger, i % 7 == 0 ? 5000 + i : i, 1));
    ledger_settle(&p.ledger);
    torture(intake, &p); /* from nothing */
    p.before = poll(&p);
    torture(intake, &p); /* everything shared */
    p.changed = true;
    torture(intake, &p); /* both chunks new */
    p.n_only = 3;
    p.only[0] = 0;
    p.only[1] = 500;
    p.only[2] = 1000;
    torture(intake, &p); /* one chunk merged */
    assert_int_equal(p.before->refs, 1);
    for (size_t i = 0; i < p.before->n_slots; i++) {
        assert_int_equal(p.before->slot[i].chunk->refs, 1);
        assert_int_equal(p.before->slot[i].verdict->refs, 1);
    }
    snapshot_unref(p.before);
    words_free(p.words);
    ledger_clear(&p.ledger);
}

/* --- files ------------------------------------------------------------------------------------------------------------------------ */

struct files {
    char cases[40], events[40], claims[40];
};

static bool casefile(void *ud)
{
    const struct files *f = ud;
    struct casefile cf;
    struct err e = {""};
    if (!casefile_read(&cf, f->cases, f->events, f->claims, KNOWN_NOW, &e)) {
        assert_non_null(strstr(e.text, ": out of memory"));
        return false;
    }
    assert_int_equal(cf.n, 2000);
    casefile_free(&cf);
    return true;
}

/* Block by block, and what becomes of the cases. */
static bool caserows(void *ud)
{
    const struct files *f = ud;
    const struct csv_pace pace = {.block = 8192, .threads = 1};
    struct casefile cf;
    struct rulebook rb;
    struct err e = {""};
    struct caserows_how how = {.as_of = 20600, .limits = LIMITS_ALL, .threads = 1};
    rulebook_builtin(&rb);
    if (!casefile_read_by(&cf, f->cases, f->events, f->claims, KNOWN_NOW, &pace, &e)) {
        assert_non_null(strstr(e.text, ": out of memory"));
        return false;
    }
    how.out = open("/dev/null", O_WRONLY | O_CLOEXEC);
    how.findings = findings_file_new(&cf, &rb, how.as_of, false);
    bool ok = how.findings != NULL && caserows_write(&cf, &rb, &how);
    findings_file_free(how.findings);
    close(how.out);
    casefile_free(&cf);
    return ok;
}

static FILE *new_file(char path[40])
{
    strcpy(path, "/tmp/ehcw.torture.XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    FILE *f = fdopen(fd, "w");
    assert_non_null(f);
    return f;
}

static void every_allocation_of_reading_files(void **state)
{
    (void)state;
    struct files f;
    FILE *cases = new_file(f.cases), *events = new_file(f.events), *claims = new_file(f.claims);
    fputs("case_id,case_ref\n", cases);
    fputs("case_id,event,occurred_on,subject\n", events);
    fputs("case_id,ground,from_on,to_on\n", claims);
    for (int i = 0; i < 2000; i++) {
        fprintf(cases, "%d,R%d\n", i, i);
        fprintf(events, "%d,draft_sent,2026-01-01,S%d\n", i, i);
        if (i % 50 == 0)
            fprintf(events, "%d,request_received,2026-01-01,\n", i);
        fprintf(claims, "%d,personal,,\n", i);
    }
    assert_true(fclose(cases) == 0 && fclose(events) == 0 && fclose(claims) == 0);
    torture(casefile, &f);
    torture(caserows, &f);
    assert_true(unlink(f.cases) == 0 && unlink(f.events) == 0 && unlink(f.claims) == 0);
}

static void every_allocation_of_the_small_ones(void **state)
{
    (void)state;
    struct words *w = words_new();
    torture(names, NULL);
    torture(words, NULL);
    torture(record, w);
    torture(ledger, NULL);
    torture(drift, NULL);
    torture(buffer, NULL);
    words_free(w);
}

/* A message of three items, and a note, in one format. */
static bool message(void *ud)
{
    static const char *const to[] = {"a@b.example"}, *const text[] = {"One.", "Two, \xc3\xa9."};
    const struct channel ch = {
        .name = "n", .mail_from = "c@d.example", .mail_to = to, .n_mail_to = 1, .refresh = 300};
    struct notice_item items[3];
    for (int i = 0; i < 3; i++)
        items[i] = (struct notice_item){.kind = (enum notice_kind)i,
                                        .type = "obligation.breached",
                                        .case_ref = "EHC-\xc3\xa9 & 1",
                                        .limit = "final_plan_20w",
                                        .title = "Issue the final plan",
                                        .subject = "health",
                                        .citation = "reg 13(2)",
                                        .locality = "North",
                                        .team = "T",
                                        .told = "the officer",
                                        .link = "https://x.example/1",
                                        .from = STATE_AT_RISK,
                                        .to = i == 2 ? STATE_MET_LATE : STATE_BREACHED,
                                        .start = 20000,
                                        .due = 20100,
                                        .act_by = 20099,
                                        .closed = CIVIL_NONE,
                                        .since = 20101};
    struct notice n = {.type = "digest.daily",
                       .message_id = "msg_1",
                       .team = "T",
                       .as_of = 20110,
                       .timestamp = INT64_C(1737500000000000),
                       .items = items,
                       .n = 3,
                       .link = "https://x.example",
                       .rulebook = "r"};
    const struct note note = {.type = "endpoint.test",
                              .message_id = "msg_2",
                              .title = "A test",
                              .text = text,
                              .n_text = 2,
                              .data = "{}",
                              .link = "https://x.example",
                              .timestamp = n.timestamp};
    bool ok = true;
    for (size_t i = 0; i < 3; i++) {
        struct buf b = {0};
        n.n = i == 1 ? 1 : 3;
        if (i == 2)
            note_body(&b, *(const enum format *)ud, &ch, &note);
        else
            notice_body(&b, *(const enum format *)ud, &ch, &n);
        ok &= !b.failed;
        buf_free(&b);
    }
    return ok;
}

static void every_allocation_of_a_message(void **state)
{
    (void)state;
    for (int f = 0; f < FORMAT_COUNT; f++) {
        enum format format = (enum format)f;
        torture(message, &format);
    }
}

static void every_allocation_of_the_table(void **state)
{
    (void)state;
    static void (*const writers[])(struct buf *, const struct rulebook *) = {rules_csv, rules_json,
                                                                             rules_text};
    for (size_t i = 0; i < sizeof writers / sizeof writers[0]; i++)
        torture(table, (void *)(uintptr_t)&writers[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation_of_the_small_ones), cmocka_unit_test(every_allocation_of_the_table),
        cmocka_unit_test(every_allocation_of_a_message),      cmocka_unit_test(every_allocation_of_a_poll),
        cmocka_unit_test(every_allocation_of_reading_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
