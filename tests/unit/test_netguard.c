#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <string.h>
#include <sys/un.h>

#include "netguard.h"

static const struct row {
    const char *addr;
    bool allowed;
} rows[] = {
    {"0.0.0.0", false},
    {"0.255.255.255", false},
    {"1.0.0.0", true},
    {"9.255.255.255", true},
    {"10.0.0.0", false},
    {"10.255.255.255", false},
    {"11.0.0.0", true},
    {"100.63.255.255", true},
    {"100.64.0.0", false},
    {"100.127.255.255", false},
    {"100.128.0.0", true},
    {"126.255.255.255", true},
    {"127.0.0.1", false},
    {"127.255.255.255", false},
    {"128.0.0.0", true},
    {"169.253.255.255", true},
    {"169.254.0.0", false},
    {"169.254.169.254", false},
    {"169.255.0.0", true},
    {"172.15.255.255", true},
    {"172.16.0.0", false},
    {"172.31.255.255", false},
    {"172.32.0.0", true},
    {"191.255.255.255", true},
    {"192.0.0.0", false},
    {"192.0.0.255", false},
    {"192.0.1.0", true},
    {"192.0.2.1", false},
    {"192.0.3.0", true},
    {"192.88.99.1", false},
    {"198.51.100.1", false},
    {"203.0.113.1", false},
    {"203.0.114.1", true},
    {"192.167.255.255", true},
    {"192.168.0.0", false},
    {"192.168.255.255", false},
    {"192.169.0.0", true},
    {"198.17.255.255", true},
    {"198.18.0.0", false},
    {"198.19.255.255", false},
    {"198.20.0.0", true},
    {"223.255.255.255", true},
    {"224.0.0.0", false},
    {"239.255.255.255", false},
    {"240.0.0.0", false},
    {"255.255.255.255", false},
    {"8.8.8.8", true},

    {"::", false},
    {"::1", false},
    {"::2", false},
    {"::7f00:1", false},
    {"::1:0:0:0", true},
    {"fbff::1", true},
    {"fc00::", false},
    {"fd00:ec2::254", false},
    {"fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false},
    {"fe00::", true},
    {"fe7f:ffff::", true},
    {"fe80::1", false},
    {"febf:ffff::", false},
    {"fec0::1", false},
    {"ff02::1", false},
    {"2606:4700::1111", true},
    {"2001:0:4136:e378::", false},
    {"2001:1ff::1", false},
    {"2001:200::1", true},
    {"2001:db8::1", false},
    {"3fff::1", false},
    {"5f00::1", false},
    {"100::1", false},
    {"100:0:0:1::1", true},

    {"::ffff:127.0.0.1", false},
    {"::ffff:10.1.2.3", false},
    {"::ffff:8.8.8.8", true},
    {"::fffe:8.8.8.8", true},
    {"::ffff:0:127.0.0.1", false},
    {"::ffff:0:8.8.8.8", true},
    {"64:ff9b::7f00:1", false},
    {"64:ff9b::a9fe:a9fe", false},
    {"64:ff9b::8.8.8.8", true},
    {"64:ff9b:1::8.8.8.8", false},
    {"64:ff9b:2::8.8.8.8", true},
    {"2002:7f00:1::", false},
    {"2002:c0a8:101::1", false},
    {"2002:808:808::", true},
};

static void address(const char *text, struct sockaddr_storage *ss)
{
    struct sockaddr_in *in = (struct sockaddr_in *)ss;
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ss;
    memset(ss, 0, sizeof *ss);
    ss->ss_family = strchr(text, ':') != NULL ? AF_INET6 : AF_INET;
    void *to = ss->ss_family == AF_INET6 ? (void *)&in6->sin6_addr : (void *)&in->sin_addr;
    assert_int_equal(inet_pton(ss->ss_family, text, to), 1);
}

static void addresses(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sockaddr_storage ss;
        address(rows[i].addr, &ss);
        if (netguard_allowed((const struct sockaddr *)&ss, NULL) != rows[i].allowed)
            fail_msg("%s should be %s", rows[i].addr, rows[i].allowed ? "allowed" : "denied");
    }
}

/* What a list of networks, or a named host, opens beside the public addresses. */
static const struct opening {
    const char *addr, *allow; /* one network; "": the host was named */
    bool allowed;
} openings[] = {
    {"10.1.2.0", "10.1.2.0/24", true},
    {"10.1.2.255", "10.1.2.0/24", true},
    {"10.1.3.0", "10.1.2.0/24", false},
    {"10.1.1.255", "10.1.2.0/24", false},
    {"8.8.8.8", "10.1.2.0/24", true},
    {"::ffff:10.1.2.3", "10.1.2.0/24", true},
    {"::ffff:10.1.3.3", "10.1.2.0/24", false},
    {"64:ff9b::10.1.2.3", "10.1.2.0/24", true},
    {"2002:0a01:0203::1", "10.1.2.0/24", true},
    {"2002:0a01:0303::1", "10.1.2.0/24", false},
    {"fd00::1", "10.1.2.0/24", false},
    {"10.1.2.3", "10.1.2.3", true},
    {"10.1.2.2", "10.1.2.3", false},
    {"127.255.0.1", "127.0.0.0/9", false},
    {"127.127.0.1", "127.0.0.0/9", true},
    {"127.0.0.1", "126.0.0.0/7", true},
    {"fd00::1", "fd00::/8", true},
    {"fc00::1", "fd00::/8", false},
    {"::1", "::1", true},
    {"::", "::1", false},
    {"169.254.169.254", "169.254.169.254/32", true},
    {"10.1.2.3", "a00::/8", false}, /* the same first byte in the other family */
    {"a00::1", "10.0.0.0/8", true},
    {"::ffff:10.1.2.3", "::ffff:0:0/96", true},

    {"10.1.2.3", "", true},
    {"172.31.0.1", "", true},
    {"192.168.0.1", "", true},
    {"100.64.0.1", "", true},
    {"127.0.0.1", "", true},
    {"::1", "", true},
    {"fd00::1", "", true},
    {"::ffff:10.1.2.3", "", true},
    {"8.8.8.8", "", true},
    {"169.254.169.254", "", false},
    {"::ffff:169.254.169.254", "", false},
    {"fe80::1", "", false},
    {"0.0.0.0", "", false},
    {"::", "", false},
    {"::7f00:1", "", false},
    {"224.0.0.1", "", false},
    {"255.255.255.255", "", false},
    {"ff02::1", "", false},
    {"64:ff9b:1::1", "", false},
};

static void what_is_opened(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof openings / sizeof openings[0]; i++) {
        const struct opening *o = &openings[i];
        struct sockaddr_storage ss;
        struct netguard guard = {.named = o->allow[0] == '\0', .n = o->allow[0] != '\0'};
        struct err e = {""};
        address(o->addr, &ss);
        if (guard.n > 0)
            assert_true(netguard_net_parse(o->allow, &guard.net[0], &e));
        if (netguard_allowed((const struct sockaddr *)&ss, &guard) != o->allowed)
            fail_msg("%s with '%s' should be %s", o->addr, o->allow, o->allowed ? "allowed" : "denied");
    }
}

static void what_is_a_network(void **state)
{
    static const struct {
        const char *text, *why; /* NULL: a network; "": no address at all */
    } texts[] = {
        {"10.0.0.0/8", NULL},
        {"0.0.0.0/1", NULL},
        {"10.1.2.3/32", NULL},
        {"::1/128", NULL},
        {"8000::/1", NULL},
        {"", ""},
        {"/8", ""},
        {"10.1/16", ""},
        {"127.1", ""},
        {"010.0.0.1", ""},
        {"2130706433", ""},
        {"fe80::1%lo", ""},
        {"[::1]", ""},
        {"mis.council.example", ""},
        {"10.0.0.0/", "'10.0.0.0/' must end with a length of 1 to 32"},
        {"10.0.0.0/0", "'10.0.0.0/0' must end with a length of 1 to 32"},
        {"10.0.0.0/33", "'10.0.0.0/33' must end with a length of 1 to 32"},
        {"10.0.0.0/8x", "'10.0.0.0/8x' must end with a length of 1 to 32"},
        {"10.0.0.0/-8", "'10.0.0.0/-8' must end with a length of 1 to 32"},
        {"::/99999999999999999999", "'::/99999999999999999999' must end with a length of 1 to 128"},
        {"10.0.0.1/8", "'10.0.0.1/8' has bits set beyond its first 8"},
        {"fd00::1/127", "'fd00::1/127' has bits set beyond its first 127"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct netguard_net net;
        struct err e = {""};
        if (netguard_net_parse(texts[i].text, &net, &e) != (texts[i].why == NULL))
            fail_msg("%s", texts[i].text);
        assert_string_equal(e.text, texts[i].why != NULL ? texts[i].why : "");
    }
}

static void other_families_are_denied(void **state)
{
    (void)state;
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    assert_false(netguard_allowed((const struct sockaddr *)&un, NULL));
    struct sockaddr none = {.sa_family = AF_UNSPEC};
    assert_false(netguard_allowed(&none, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses),
        cmocka_unit_test(what_is_opened),
        cmocka_unit_test(what_is_a_network),
        cmocka_unit_test(other_families_are_denied),
    };
    return cmocka_run_group_tests_name("netguard", tests, NULL, NULL) != 0;
}
