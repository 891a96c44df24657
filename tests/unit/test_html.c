#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "html.h"
#include "page_form.h"
#include "page_query.h"

#define BAD "\xef\xbf\xbd"

static void is(struct buf *b, const char *wanted)
{
    char *text = buf_take(b, NULL);
    assert_non_null(text);
    assert_string_equal(text, wanted);
    free(text);
}

static void test_text(void **state)
{
    struct buf b = {0};
    (void)state;
    html_text(&b, "<script>alert(\"1\" & '2')</script>");
    is(&b, "&lt;script&gt;alert(&quot;1&quot; &amp; &#39;2&#39;)&lt;/script&gt;");
    html_text(&b, "caf\xc3\xa9 \xf0\x9f\x98\x80 \xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d");
    is(&b, "caf\xc3\xa9 \xf0\x9f\x98\x80 \xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d");
    html_text(&b, "a\nb\x01\x7f\xc2\x85");
    is(&b, "a" BAD "b" BAD BAD BAD);
    html_text(&b, "\xff\xc3(\xe2\x80");
    is(&b, BAD BAD "(" BAD BAD);
    html_text(&b, "x\xe2\x80\xaey\xe2\x81\xa6z\xe2\x81\xa9\xe2\x80\xaa\xe2\x80\x8f");
    is(&b, "x" BAD "y" BAD "z" BAD BAD "\xe2\x80\x8f");
    html_bytes(&b, "ab\0c\xc3\xa9", 5); /* cut within a letter */
    is(&b, "ab" BAD "c" BAD);
    html_name(&b, "N & S");
    is(&b, "<bdi>N &amp; S</bdi>");
    html_name(&b, "");
    is(&b, "");
    html_sentence(&b, "one <b>");
    is(&b, "One &lt;b&gt;");
}

static void test_attributes(void **state)
{
    struct buf b = {0};
    (void)state;
    html_attr(&b, "value", "a\" onload='x' <&>\r\n\t\xff");
    is(&b, " value=\"a&quot; onload=&#39;x&#39; &lt;&amp;&gt;&#13;&#10;&#9;" BAD "\"");
    html_attr(&b, "value", "x\xe2\x80\xaey\xe2\x81\xa9\xc2\x85");
    is(&b, " value=\"x&#8238;y&#8297;&#133;\"");
    html_url_part(&b, "A/1 \xc3\xa9?#&='\"<~", 14);
    is(&b, "A%2F1%20%C3%A9%3F%23%26%3D%27%22%3C~");
    html_url_part(&b, "a\0b", 3);
    is(&b, "a%00b");
}

static void test_numbers(void **state)
{
    static const struct {
        int64_t n;
        const char *text;
    } counts[] = {{0, "0"}, {999, "999"}, {1000, "1,000"}, {-1234567, "-1,234,567"}, {720000, "720,000"}};
    struct buf b = {0};
    (void)state;
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        html_count(&b, counts[i].n);
        is(&b, counts[i].text);
    }
    html_number(&b, 12345.678, 1);
    is(&b, "12,345.7");
    html_number(&b, -0.01, 1);
    is(&b, "0.0");
    html_share(&b, 0.203, 1);
    is(&b, "20.3%");
    html_share(&b, 1, 0);
    is(&b, "100%");
}

static void test_days(void **state)
{
    struct buf b = {0};
    civil_day d = civil_from_ymd(2026, 3, 4);
    (void)state;
    html_day(&b, d, HTML_DAY);
    is(&b, "<time datetime=\"2026-03-04\">4 March 2026</time>");
    html_day(&b, d, HTML_DAY_SHORT);
    is(&b, "<time datetime=\"2026-03-04\">4 Mar 2026</time>");
    html_day(&b, d, HTML_DAY_FULL);
    is(&b, "<time datetime=\"2026-03-04\">Wednesday 4 March 2026</time>");
    html_day(&b, CIVIL_NONE, HTML_DAY);
    is(&b, "");
}

/* --- addresses --------------------------------------------------------------------------------------------------------- */

static const struct page_param asked[] = {
    {"team", "N & S"},   {"as_of", "2026-03-01"}, {"limit", "a,b"},
    {"sort", "-due_on"}, {"page", "3"},           {"state", ""},
};
static const struct page_query query = {asked, sizeof asked / sizeof asked[0]};

static void test_addresses(void **state)
{
    const struct page_param changes[] = {{"sort", "case_ref"}, {"page", NULL}};
    struct buf b = {0};
    (void)state;
    page_address(&b, "/v1/breaches.html", &query, PAGE_KEEP_ALL, changes, 2);
    is(&b, "/v1/breaches.html?team=N%20%26%20S&amp;as_of=2026-03-01&amp;limit=a%2Cb&amp;sort=case_ref");
    page_address(&b, "/", &query, PAGE_KEEP_PLACES, NULL, 0);
    is(&b, "/?team=N%20%26%20S&amp;as_of=2026-03-01");
    page_address(&b, "/", &query, PAGE_KEEP_NONE, NULL, 0);
    is(&b, "/");
    page_case_href(&b, "A/1\"", 4, &query);
    is(&b, " href=\"/v1/cases/A%2F1%22?as_of=2026-03-01\"");
    assert_string_equal(page_value(&query, "sort"), "-due_on");
    assert_null(page_value(&query, "officer"));
}

static void test_hidden(void **state)
{
    static const char *const fields[] = {"team", NULL};
    struct buf b = {0};
    (void)state;
    page_hidden(&b, &query, PAGE_KEEP_PLACES, fields);
    is(&b, "<input type=\"hidden\" name=\"as_of\" value=\"2026-03-01\">\n");
}

/* --- forms ------------------------------------------------------------------------------------------------------------- */

static char *form_of(const struct page_query *q)
{
    static const struct page_option teams[] = {{"N & S", NULL}, {"<b>", NULL}, {"Post-16", "Post-16 team"}};
    const struct page_field fields[] = {
        {.type = FIELD_SELECT,
         .name = "team",
         .label = "Team",
         .any = "All",
         .hint = "",
         .option = teams,
         .n = 3},
        {.type = FIELD_DATE, .name = "as_of", .label = "As of", .hint = "A day"},
    };
    struct buf b = {0};
    page_form(&b, &(struct page_form){.id = "f",
                                      .label = "Filter",
                                      .action = "/x",
                                      .query = q,
                                      .keep = PAGE_KEEP_ALL,
                                      .field = fields,
                                      .n = 2,
                                      .button = "Apply",
                                      .can_clear = true});
    char *text = buf_take(&b, NULL);
    assert_non_null(text);
    return text;
}

static void test_forms(void **state)
{
    char *text = form_of(&query);
    (void)state;
    assert_non_null(strstr(text, "<option value=\"N &amp; S\" dir=\"auto\" selected>N &amp; S</option>"));
    assert_non_null(strstr(text, "<option value=\"&lt;b&gt;\" dir=\"auto\">&lt;b&gt;</option>"));
    assert_non_null(strstr(text, "<option value=\"\">All</option>"));
    assert_non_null(strstr(text, "value=\"2026-03-01\""));
    assert_non_null(strstr(text, "aria-describedby=\"f-as_of-hint\""));
    assert_non_null(strstr(text, "<input type=\"hidden\" name=\"limit\" value=\"a,b\">"));
    assert_null(strstr(text, "name=\"page\"")); /* another question begins with its first page */
    assert_non_null(strstr(text, "<a href=\"/x?limit=a%2Cb&amp;sort=-due_on\">Clear</a>"));
    free(text);

    const struct page_param several[] = {{"team", "<b>,Post-16"}, {"team", "gone"}};
    text = form_of(&(struct page_query){several, 2});
    assert_non_null(strstr(text, "multiple"));
    assert_non_null(strstr(text, "<option value=\"&lt;b&gt;\" dir=\"auto\" selected>"));
    assert_non_null(strstr(text, "<option value=\"Post-16\" selected>Post-16 team</option>"));
    assert_non_null(strstr(text, "<option value=\"gone\" dir=\"auto\" selected>gone</option>"));
    free(text);

    text = form_of(&(struct page_query){NULL, 0});
    assert_non_null(strstr(text, "<option value=\"\" selected>All</option>"));
    assert_null(strstr(text, "multiple"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),  cmocka_unit_test(test_attributes), cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_days),  cmocka_unit_test(test_addresses),  cmocka_unit_test(test_hidden),
        cmocka_unit_test(test_forms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
