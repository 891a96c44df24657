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
    {"2001:1::1", true},

    {"::ffff:127.0.0.1", false},
    {"::ffff:10.1.2.3", false},
    {"::ffff:8.8.8.8", true},
    {"::fffe:8.8.8.8", true},
    {"64:ff9b::7f00:1", false},
    {"64:ff9b::a9fe:a9fe", false},
    {"64:ff9b::8.8.8.8", true},
    {"64:ff9b:1::8.8.8.8", false},
    {"64:ff9b:2::8.8.8.8", true},
    {"2002:7f00:1::", false},
    {"2002:c0a8:101::1", false},
    {"2002:808:808::", true},
};

static void addresses(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sockaddr_storage ss = {0};
        struct sockaddr_in *in = (struct sockaddr_in *)&ss;
        struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&ss;
        ss.ss_family = strchr(rows[i].addr, ':') != NULL ? AF_INET6 : AF_INET;
        void *to = ss.ss_family == AF_INET6 ? (void *)&in6->sin6_addr : (void *)&in->sin_addr;
        assert_int_equal(inet_pton(ss.ss_family, rows[i].addr, to), 1);
        if (netguard_allowed((const struct sockaddr *)&ss) != rows[i].allowed)
            fail_msg("%s should be %s", rows[i].addr, rows[i].allowed ? "allowed" : "denied");
    }
}

static void other_families_are_denied(void **state)
{
    (void)state;
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    assert_false(netguard_allowed((const struct sockaddr *)&un));
    struct sockaddr none = {.sa_family = AF_UNSPEC};
    assert_false(netguard_allowed(&none));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses),
        cmocka_unit_test(other_families_are_denied),
    };
    return cmocka_run_group_tests_name("netguard", tests, NULL, NULL) != 0;
}
