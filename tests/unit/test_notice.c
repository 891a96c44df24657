/* What people are told: the words, the limits of each receiver, and golden bodies.
 *
 *     test_notice --golden          writes tests/golden/FORMAT.NAME anew, to be read before it is committed
 *     test_notice --dump DIR        writes the bodies of the random notices, for validators that are not ours:
 *                                   DIR/FORMAT.SEED.ITEMS */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "notice.h"
#include "utf8.h"

#define SECOND INT64_C(1000000)
#define NOON   (INT64_C(1781521200) * SECOND) /* 2026-06-15T11:00:00Z */
enum { MAX_ITEMS = 400, SEEDS = 60 };

static const char *const TO[] = {"sen.north@council.example", "head.of.sen@council.example"};
static const struct channel CHANNEL = {
    .name = "north",
    .source = "https://ehc.council.example",
    .mail_from = "ehcwatch@council.example",
    .mail_to = TO,
    .n_mail_to = 2,
    .refresh = 300,
};

static civil_day on(int month, int day)
{
    return civil_from_ymd(2026, month, day);
}

static struct notice_item overdue(void)
{
    return (struct notice_item){
        .kind = NOTICE_CHANGE,
        .type = "obligation.breached",
        .case_ref = "EHC-0142",
        .limit = "final_plan_20w",
        .title = "Issue the final plan",
        .subject = "",
        .citation = "SEND Regulations 2014 reg 13(2)",
        .locality = "North",
        .team = "Café & <Co>",
        .link = "https://ehc.council.example/v1/cases/EHC-0142",
        .from = STATE_AT_RISK,
        .to = STATE_BREACHED,
        .start = on(1, 23),
        .due = on(6, 12),
        .act_by = on(6, 11),
        .closed = CIVIL_NONE,
        .since = on(6, 13),
        .days = 3,
    };
}

static struct notice notice_of(const struct notice_item *items, size_t n)
{
    return (struct notice){
        .type = n == 1 ? items[0].type : "digest.daily",
        .message_id = "msg_0123456789abcdef0123456789abcdef",
        .team = "Café & <Co>",
        .as_of = on(6, 15),
        .timestamp = NOON,
        .items = items,
        .n = n,
        .link = "https://ehc.council.example/v1/breaches?team=Caf%C3%A9&sort=days",
        .rulebook = "2026-01",
    };
}

/* --- golden bodies --------------------------------------------------------------------------------------------------------- */

static struct notice_item several[4];

static struct notice golden_notice(const char *name)
{
    struct notice_item *i = several;
    for (size_t k = 0; k < 4; k++)
        i[k] = overdue();
    if (strcmp(name, "change") == 0)
        return notice_of(i, 1);
    if (strcmp(name, "reminder") == 0) {
        i->kind = NOTICE_REMINDER;
        i->type = "obligation.reminder";
        i->due = on(6, 3);
        i->step = 8;
        return notice_of(i, 1);
    }
    if (strcmp(name, "escalation") == 0) {
        i->kind = NOTICE_ESCALATION;
        i->type = "obligation.escalated";
        i->due = on(5, 29);
        i->step = 11;
        i->told = "the officer and the team manager";
        return notice_of(i, 1);
    }
    if (strcmp(name, "ended") == 0) {
        i->type = "obligation.met_late";
        i->from = STATE_BREACHED;
        i->to = STATE_MET_LATE;
        i->closed = on(6, 15);
        return notice_of(i, 1);
    }
    i[1].to = STATE_AT_RISK;
    i[1].type = "obligation.at_risk";
    i[1].title = "Advice from each body";
    i[1].subject = "health";
    i[1].case_ref = "EHC-0143 \"ö\" 🦉";
    i[1].due = on(6, 19);
    i[1].act_by = on(6, 18);
    i[2].type = "obligation.restated";
    i[2].to = STATE_ON_TRACK;
    i[2].due = on(7, 20);
    i[2].link = NULL;
    i[3].to = STATE_MISSED;
    i[3].type = "obligation.missed";
    return notice_of(i, 4);
}

static const char *const PARAGRAPHS[] = {"Watch has begun over 812 cases; 34 of them have something overdue.",
                                         "From now on you are told of what changes."};
static const struct note NOTE = {
    .type = "baseline.summary",
    .message_id = "msg_0123456789abcdef0123456789abcdef",
    .title = "Watch over EHC time limits has begun: Café & <Co>",
    .text = PARAGRAPHS,
    .n_text = 2,
    .data = "{\"cases\":812,\"breached_cases\":34}",
    .link = "https://ehc.council.example",
    .timestamp = NOON,
};

static const char *const GOLDEN[] = {"change", "reminder", "escalation", "ended", "digest", "note"};

static void golden_body(struct buf *b, enum format f, const char *name)
{
    struct notice n = golden_notice(name);
    if (strcmp(name, "note") == 0)
        note_body(b, f, &CHANNEL, &NOTE);
    else
        notice_body(b, f, &CHANNEL, &n);
    assert_false(b->failed);
}

static void golden_path(char *out, size_t cap, enum format f, const char *name)
{
    snprintf(out, cap, "tests/golden/%s.%s", format_name(f), name);
}

static void write_file(const char *path, const struct buf *b)
{
    FILE *out = fopen(path, "w");
    if (out == NULL || fwrite(b->p, 1, b->n, out) != b->n || fclose(out) != 0) {
        perror(path);
        exit(1);
    }
}

static void write_golden(void)
{
    for (int f = 0; f < FORMAT_COUNT; f++)
        for (size_t g = 0; g < sizeof GOLDEN / sizeof *GOLDEN; g++) {
            char path[128];
            struct buf b = {0};
            golden_body(&b, (enum format)f, GOLDEN[g]);
            golden_path(path, sizeof path, (enum format)f, GOLDEN[g]);
            write_file(path, &b);
            buf_free(&b);
        }
}

static void test_golden(void **state)
{
    (void)state;
    for (int f = 0; f < FORMAT_COUNT; f++)
        for (size_t g = 0; g < sizeof GOLDEN / sizeof *GOLDEN; g++) {
            char path[128];
            static char want[1 << 16];
            struct buf b = {0};
            golden_path(path, sizeof path, (enum format)f, GOLDEN[g]);
            FILE *in = fopen(path, "r");
            assert_non_null(in);
            size_t len = fread(want, 1, sizeof want - 1, in);
            fclose(in);
            want[len] = '\0';
            golden_body(&b, (enum format)f, GOLDEN[g]);
            if (b.n != len || memcmp(b.p, want, len) != 0)
                fail_msg("%s differs:\n%s\n", path, b.p);
            buf_free(&b);
        }
}

/* --- random notices ---------------------------------------------------------------------------------------------------------- */

static uint64_t seed;

static unsigned draw(unsigned below)
{
    seed ^= seed >> 12;
    seed ^= seed << 25;
    seed ^= seed >> 27;
    return (unsigned)((seed * UINT64_C(2685821657736338717)) >> 33) % below;
}

/* Texts as a database may hold them: long, of many scripts, with what formats escape, with bytes that are no text. */
static char *text(unsigned most)
{
    static const char *const pieces[] = {
        "a",  "Z",    "é",    "漢",         "🦉", "👩‍👧", "&",        "<",  ">",
        "\"", "\\",   "\n",   "\r\nBcc: x", "\t",   "*",           "|",        "_",  "=?",
        " ",  "\x01", "\xff", "\xc2",       "\x7f", "{",           "\xc2\x85", "](", "."};
    unsigned n = draw(4) == 0 ? draw(most) : draw(12);
    unsigned only = draw(3) == 0 ? draw(sizeof pieces / sizeof *pieces) : UINT32_MAX;
    char *out = calloc(n + 1, 16);
    assert_non_null(out);
    size_t at = 0;
    for (unsigned i = 0; i < n; i++) {
        const char *p = pieces[only != UINT32_MAX ? only : draw(sizeof pieces / sizeof *pieces)];
        memcpy(out + at, p, strlen(p));
        at += strlen(p);
    }
    return out;
}

struct room {
    struct notice_item item[MAX_ITEMS];
    char *owned[MAX_ITEMS * 8 + 2];
    size_t n_owned;
};

static char *kept(struct room *r, char *s)
{
    r->owned[r->n_owned++] = s;
    return s;
}

static struct notice random_notice(struct room *r, unsigned number)
{
    static const char *const types[] = {"obligation.breached", "obligation.restated", "obligation.met"};
    seed = UINT64_C(0x9e3779b97f4a7c15) * (number + 1);
    size_t n = number % 3 == 0 ? 1 : 1 + draw(number % 3 == 1 ? 12 : MAX_ITEMS);
    r->n_owned = 0;
    for (size_t i = 0; i < n; i++) {
        struct notice_item *x = &r->item[i];
        *x = overdue();
        x->kind = (enum notice_kind)draw(3);
        x->type = types[draw(3)];
        x->case_ref = kept(r, text(300));
        x->title = kept(r, text(300));
        x->subject = kept(r, text(300));
        x->citation = kept(r, text(300));
        x->locality = kept(r, text(300));
        x->team = kept(r, text(300));
        x->told = draw(2) == 0 ? NULL : kept(r, text(300));
        x->link = draw(3) == 0 ? NULL : draw(9) == 0 ? "https://x.example/a|b" : x->link;
        if (draw(20) == 0) {
            char *s = kept(r, calloc(1, 3000));
            strcpy(s, "https://x.example/");
            memset(s + strlen(s), draw(2) == 0 ? '&' : 'a', 300 + draw(2000));
            x->link = s;
        }
        x->to = (enum state)draw(STATE_COUNT);
        x->from = (enum state)draw(STATE_COUNT + 1);
        x->due = on(6, 15) + (int)draw(900) - 450;
        x->act_by = draw(4) == 0 ? CIVIL_NONE : x->due - 2;
        x->closed = draw(2) == 0 ? CIVIL_NONE : x->due + (int)draw(60) - 30;
        x->days = (int)draw(900);
        x->step = (int)draw(60);
    }
    struct notice out = notice_of(r->item, n);
    out.team = kept(r, text(300));
    if (draw(3) == 0)
        out.link = NULL;
    return out;
}

static void forget(struct room *r)
{
    while (r->n_owned > 0)
        free(r->owned[--r->n_owned]);
}

static void dump(const char *dir)
{
    static struct room r;
    for (unsigned i = 0; i < SEEDS; i++) {
        struct notice n = random_notice(&r, i);
        for (int f = 0; f < FORMAT_COUNT; f++) {
            char path[512];
            struct buf b = {0};
            notice_body(&b, (enum format)f, &CHANNEL, &n);
            snprintf(path, sizeof path, "%s/%s.%u.%zu", dir, format_name((enum format)f), i, n.n);
            write_file(path, &b);
            buf_free(&b);
        }
        forget(&r);
    }
}

/* --- limits ------------------------------------------------------------------------------------------------------------------- */

static const char *string_at(const json_t *o, const char *key)
{
    const json_t *s = json_object_get(o, key);
    assert_true(json_is_string(s));
    return json_string_value(s);
}

static size_t runes(const char *s)
{
    size_t n = 0;
    for (; *s != '\0'; s++)
        n += ((unsigned char)*s & 0xc0) != 0x80;
    return n;
}

/* The N of a text that says "+N more", 0 when it does not. */
static size_t more_in(const char *s)
{
    size_t n = 0;
    int end = 0;
    return sscanf(s, "+%zu more%n", &n, &end) == 1 && end > 0 ? n : 0;
}

static void check_teams(const json_t *o, const struct notice *n, size_t len)
{
    assert_in_range(len, 1, 18000);
    assert_string_equal(string_at(o, "type"), "message");
    const json_t *card = json_object_get(json_array_get(json_object_get(o, "attachments"), 0), "content");
    const json_t *body = json_object_get(card, "body"), *x;
    size_t i, rows = 0, more = 0;
    json_array_foreach(body, i, x)
    {
        rows += strcmp(string_at(x, "type"), "Container") == 0;
        if (i > 0 && i == json_array_size(body) - 1 && strcmp(string_at(x, "type"), "RichTextBlock") == 0)
            more = more_in(string_at(json_array_get(json_object_get(x, "inlines"), 0), "text"));
    }
    assert_true(rows > 0);
    assert_int_equal(rows + more, n->n);
}

static void check_slack(const json_t *o, const struct notice *n, size_t len)
{
    const json_t *blocks = json_object_get(o, "blocks"), *x;
    size_t i, rows = 0, more = 0;
    assert_in_range(len, 1, 12000);
    assert_in_range(json_array_size(blocks), 2, 50);
    json_array_foreach(blocks, i, x)
    {
        const char *text = string_at(json_object_get(x, "text"), "text");
        bool header = strcmp(string_at(x, "type"), "header") == 0;
        assert_in_range(runes(text), 1, header ? 150 : 3000);
        assert_int_equal(header, i == 0);
        if (header)
            continue;
        const char *words = text[0] == '<' ? strchr(text, '|') + 1 : text;
        if (i == json_array_size(blocks) - 1 && more_in(words) > 0)
            more = more_in(words);
        else
            rows++;
    }
    assert_true(rows > 0);
    assert_int_equal(rows + more, n->n);
}

static void check_ntfy(const json_t *o, const struct notice *n, size_t len)
{
    const char *message = string_at(o, "message"), *last = strrchr(message, '\n');
    size_t more = more_in(last != NULL ? last + 1 : message), rows = 0;
    (void)len;
    assert_in_range(strlen(message), 1, 4096);
    assert_in_range(runes(string_at(o, "title")), 1, 200);
    assert_null(json_object_get(o, "topic"));
    for (const char *at = message; (at = strstr(at, " Law: ")) != NULL; at++)
        rows++;
    assert_int_equal(rows + more, n->n);
}

static void check_pagerduty(const json_t *o, const struct notice *n, size_t len)
{
    const json_t *payload = json_object_get(o, "payload");
    bool trigger = strcmp(string_at(o, "event_action"), "trigger") == 0;
    enum state to = n->items[0].to;
    assert_in_range(len, 1, 512 * 1024);
    assert_in_range(strlen(string_at(o, "dedup_key")), 1, 255);
    assert_null(json_object_get(o, "routing_key"));
    assert_int_equal(trigger, n->n > 1 || to == STATE_AT_RISK || to == STATE_BREACHED || to == STATE_MISSED);
    if (!trigger)
        return;
    assert_in_range(runes(string_at(payload, "summary")), 1, 1024);
    const json_t *details = json_object_get(payload, "custom_details");
    if (n->n > 1) {
        const json_t *more = json_object_get(details, "more");
        size_t rows = json_array_size(json_object_get(details, "items"));
        assert_int_equal(rows + (more != NULL ? more_in(json_string_value(more)) : 0), n->n);
    }
}

static void check_alertmanager(const json_t *list, const struct notice *n)
{
    size_t i, firing = 0, may_fire = 0;
    const json_t *a;
    json_array_foreach(list, i, a)
    {
        assert_true(string_at(json_object_get(a, "labels"), "alertname")[0] == 'E');
        firing += strcmp(string_at(a, "endsAt"), "2026-06-15T11:00:00Z") > 0;
    }
    for (size_t k = 0; k < n->n; k++)
        may_fire += n->items[k].to == STATE_AT_RISK || n->items[k].to == STATE_BREACHED ||
                    n->items[k].to == STATE_MISSED;
    assert_int_equal(firing, may_fire);
}

static void check_envelope(const json_t *data, const struct notice *n, size_t len)
{
    const json_t *more = json_object_get(data, "more");
    size_t shown = json_array_size(json_object_get(data, "items"));
    assert_in_range(shown, 1, n->n);
    if (shown > 1)
        assert_in_range(len, 1, 256 * 1024);
    assert_int_equal(json_integer_value(json_object_get(data, "count")), n->n);
    assert_int_equal(shown + (size_t)json_integer_value(more), n->n);
    assert_true((more != NULL) == (shown < n->n));
}

static void check_json(enum format f, const struct buf *b, const struct notice *n)
{
    json_error_t why;
    json_t *o = json_loadb(b->p, b->n, JSON_REJECT_DUPLICATES, &why);
    if (o == NULL)
        fail_msg("%s: %s at %d:\n%s", format_name(f), why.text, why.position, b->p);
    if (f == FORMAT_TEAMS)
        check_teams(o, n, b->n);
    else if (f == FORMAT_SLACK)
        check_slack(o, n, b->n);
    else if (f == FORMAT_NTFY)
        check_ntfy(o, n, b->n);
    else if (f == FORMAT_PAGERDUTY)
        check_pagerduty(o, n, b->n);
    else if (f == FORMAT_ALERTMANAGER)
        check_alertmanager(o, n);
    else if (n->n > 1)
        check_envelope(json_object_get(o, "data"), n, b->n);
    json_decref(o);
}

/* A whole council's digest, for a machine: full, and no fuller. */
static void test_envelope_is_bounded(void **state)
{
    enum { MANY = 5000 };
    static struct notice_item items[MANY];
    (void)state;
    for (size_t i = 0; i < MANY; i++)
        items[i] = overdue();
    for (size_t n = 400; n <= MANY; n += 460)
        for (enum format f = FORMAT_STANDARD; f <= FORMAT_CLOUDEVENTS; f++) {
            struct notice notice = notice_of(items, n);
            struct buf b = {0};
            notice_body(&b, f, &CHANNEL, &notice);
            assert_false(b.failed);
            check_json(f, &b, &notice);
            assert_in_range(b.n, n < 600 ? 1 : 256 * 1024 - 1000, 256 * 1024);
            buf_free(&b);
        }
}

/* CR LF everywhere, lines of at most 78 characters but for what cannot be folded, nothing that is not ASCII, and no
 * header but those that are ours. */
static void check_mail(const struct buf *b)
{
    static const char *const ours[] = {
        "From",
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "List-Id",
        "In-Reply-To",
        "References",
        "MIME-Version",
        "Auto-Submitted",
        "X-Auto-Response-Suppress",
        "Content-Type",
    };
    bool head = true;
    for (const char *line = b->p, *end; *line != '\0'; line = end + 2) {
        end = memchr(
            line, '\r',
            b->n - (size_t)(line - b->p)); /* the sanitizer's strstr measures all that is left, each time */
        assert_non_null(end);
        assert_int_equal(end[1], '\n');
        assert_in_range(end - line, 0, head ? 998 : 76);
        for (const char *p = line; p < end; p++)
            assert_true((*p >= 0x20 && *p < 0x7f) || *p == '\t');
        if (end == line)
            head = false;
        if (!head || line[0] == ' ')
            continue;
        size_t name = strcspn(line, ":"), known = 0;
        for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
            known += strlen(ours[i]) == name && strncmp(line, ours[i], name) == 0;
        assert_int_equal(known, 1);
    }
}

/* P15: whatever the database holds. */
static void test_limits(void **state)
{
    static struct room r;
    (void)state;
    for (unsigned i = 0; i < SEEDS; i++) {
        struct notice n = random_notice(&r, i);
        for (int f = 0; f < FORMAT_COUNT; f++) {
            struct buf b = {0}, again = {0};
            notice_body(&b, (enum format)f, &CHANNEL, &n);
            notice_body(&again, (enum format)f, &CHANNEL, &n);
            assert_false(b.failed);
            assert_int_equal(strlen(b.p), b.n);
            assert_true(utf8_valid(b.p));
            assert_string_equal(b.p, again.p);
            if (f == FORMAT_EMAIL)
                check_mail(&b);
            else
                check_json((enum format)f, &b, &n);
            buf_free(&b);
            buf_free(&again);
        }
        forget(&r);
    }
}

/* Notes too, with paragraphs of any length. */
static void test_note_limits(void **state)
{
    (void)state;
    static char huge[100001];
    memset(huge, '&', sizeof huge - 1);
    const char *const text[] = {huge, "b", huge, huge};
    struct note n = NOTE;
    n.title = huge;
    n.text = text;
    n.n_text = 4;
    static const size_t most[FORMAT_COUNT] = {
        [FORMAT_PAGERDUTY] = 512 * 1024, [FORMAT_TEAMS] = 18000,      [FORMAT_SLACK] = 12000,
        [FORMAT_NTFY] = 4096 + 300,      [FORMAT_EMAIL] = 256 * 1024,
    };
    for (int f = FORMAT_PAGERDUTY; f < FORMAT_COUNT; f++) {
        struct buf b = {0};
        note_body(&b, (enum format)f, &CHANNEL, &n);
        assert_false(b.failed);
        assert_in_range(b.n, 1, most[f]);
        buf_free(&b);
    }
}

/* The same obligation, whatever has become of it, is one incident; another is another. */
static void test_dedup_key(void **state)
{
    (void)state;
    static char longer[600];
    memset(longer, 'x', sizeof longer - 2);
    struct notice_item a = overdue(), b = overdue();
    char key[4][300];
    for (int i = 0; i < 4; i++) {
        struct notice_item *x = i == 1 ? &b : &a;
        b.to = STATE_MET_LATE;
        b.due++;
        b.team = "other";
        if (i >= 2)
            a.case_ref = longer;
        longer[sizeof longer - 2] = (char)('0' + i);
        struct notice n = notice_of(x, 1);
        struct buf body = {0};
        notice_body(&body, FORMAT_PAGERDUTY, &CHANNEL, &n);
        json_t *o = json_loads(body.p, 0, NULL);
        snprintf(key[i], sizeof key[i], "%s", string_at(o, "dedup_key"));
        json_decref(o);
        buf_free(&body);
    }
    assert_string_equal(key[0], "ehc/EHC-0142/final_plan_20w//2026-01-23");
    assert_string_equal(key[0], key[1]);
    assert_int_equal(strlen(key[2]), 255);
    assert_string_not_equal(key[2], key[3]);
}

/* --- words ---------------------------------------------------------------------------------------------------------------------- */

static void assert_says(struct notice_item i, const char *title, const char *words)
{
    struct notice n = notice_of(&i, 1);
    struct buf b = {0};
    notice_body(&b, FORMAT_NTFY, &CHANNEL, &n);
    json_t *o = json_loads(b.p, 0, NULL);
    assert_non_null(o);
    assert_string_equal(string_at(o, "title"), title);
    if (strstr(string_at(o, "message"), words) == NULL)
        fail_msg("'%s' is not in '%s'", words, string_at(o, "message"));
    json_decref(o);
    buf_free(&b);
}

static void test_words(void **state)
{
    (void)state;
    struct notice_item i = overdue();
    assert_says(i, "Overdue: Issue the final plan (EHC-0142)",
                "It was due on Friday 12 June 2026 and is not done: 3 days late. Please see to it now");
    i.kind = NOTICE_REMINDER;
    i.due = on(6, 3);
    assert_says(i, "Still overdue, day 12: Issue the final plan (EHC-0142)",
                "and is still not done: 12 days late.");
    i.kind = NOTICE_ESCALATION;
    i.step = 8;
    i.told = "the officer";
    assert_says(
        i, "Escalated: still overdue, day 12: Issue the final plan (EHC-0142)",
        "It has been so for 8 working days; told before: the officer. Law: SEND Regulations 2014 reg 13(2).");
    i = overdue();
    i.to = STATE_AT_RISK;
    i.due = on(6, 19);
    i.act_by = on(6, 18);
    assert_says(i, "Due soon: Issue the final plan (EHC-0142)",
                "It is due on Friday 19 June 2026, in 4 days. Please act by Thursday 18 June 2026.");
    i.due = on(6, 15);
    i.act_by = on(6, 12);
    assert_says(i, "Due soon: Issue the final plan (EHC-0142)", "It is due today, Monday 15 June 2026. Law:");
    i.to = STATE_MET;
    i.closed = on(6, 12);
    assert_says(i, "Done in time: Issue the final plan (EHC-0142)",
                "and was done on Friday 12 June 2026, in time.");
    i.to = STATE_MET_LATE;
    i.due = on(6, 11);
    assert_says(i, "Done late: Issue the final plan (EHC-0142)", "on Friday 12 June 2026, 1 day late.");
    i.to = STATE_EXCEPTED;
    assert_says(i, "Late, with an exception: Issue the final plan (EHC-0142)",
                "the date itself has not moved.");
    i.to = STATE_VOID;
    i.type = "obligation.restated";
    assert_says(i, "Corrected, now no longer owed: Issue the final plan (EHC-0142)",
                "What was told before has been corrected. Nothing has to be done about it any more.");
    i.to = STATE_MISSED;
    i.subject = "health";
    i.type = "obligation.missed";
    assert_says(i, "Missed: Issue the final plan, health (EHC-0142)", "cannot be put right now.");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden),      cmocka_unit_test(test_limits),
        cmocka_unit_test(test_note_limits), cmocka_unit_test(test_dedup_key),
        cmocka_unit_test(test_words),       cmocka_unit_test(test_envelope_is_bounded),
    };
    if (argc == 2 && strcmp(argv[1], "--golden") == 0) {
        write_golden();
        return 0;
    }
    if (argc == 3 && strcmp(argv[1], "--dump") == 0) {
        dump(argv[2]);
        return 0;
    }
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests_name("notice", tests, NULL, NULL) != 0;
}
