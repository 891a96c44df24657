#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sign.h"

#define SECRET_A "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define SECRET_B "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"

static const struct vector {
    const char *secret, *id, *body, *signature;
    int64_t ts;
} vectors[] = {
    {SECRET_A, "msg_p5jXN8AQM9LWM0D4loKWxJek", "{\"test\": 2432232314}",
     "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", 1614265330},
    {SECRET_B, "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
     "{\"email\":\"test@example.com\",\"username\":\"test_user\"}",
     "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=", 1649367553},
};

/* Secrets come from files only, so the vectors take the same road. */
static void load(struct secret_set *set, const char *content)
{
    char path[] = "/tmp/ehcw-sign.XXXXXX";
    struct err e = {0};
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, content, strlen(content)), strlen(content));
    close(fd);
    bool ok = secret_load(set, path, &e);
    unlink(path);
    assert_string_equal(e.text, "");
    assert_true(ok);
}

static void published_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        const struct vector *v = &vectors[i];
        struct secret_set set;
        char out[SIGN_V1_CAP];
        load(&set, v->secret);
        assert_true(sign_v1(&set, v->id, v->ts, v->body, strlen(v->body), out, sizeof out));
        assert_string_equal(out, v->signature);
        secret_wipe(&set);
    }
}

static void rotation_signs_with_new_then_old(void **state)
{
    (void)state;
    const struct vector *v = &vectors[1];
    struct secret_set set;
    char out[SIGN_V1_CAP], want[SIGN_V1_CAP], swapped[SIGN_V1_CAP];
    load(&set, SECRET_B "\n" SECRET_A "\n");
    assert_true(sign_v1(&set, v->id, v->ts, v->body, strlen(v->body), out, sizeof out));
    secret_wipe(&set);
    assert_int_equal(strlen(out), SIGN_V1_CAP - 1);
    assert_memory_equal(out, v->signature, strlen(v->signature));
    assert_memory_equal(out + strlen(v->signature), " v1,", 4);

    load(&set, SECRET_A "\n" SECRET_B "\n");
    assert_true(sign_v1(&set, v->id, v->ts, v->body, strlen(v->body), swapped, sizeof swapped));
    secret_wipe(&set);
    snprintf(want, sizeof want, "%s %s", strchr(out, ' ') + 1, v->signature);
    assert_string_equal(swapped, want);
}

static void refuses_what_cannot_be_verified(void **state)
{
    (void)state;
    struct secret_set set, none = {0};
    char out[SIGN_V1_CAP] = "x", long_id[300];
    load(&set, SECRET_A);
    memset(long_id, 'a', sizeof long_id - 1);
    long_id[sizeof long_id - 1] = '\0';
    assert_false(sign_v1(&none, "msg_1", 1, "", 0, out, sizeof out));
    assert_string_equal(out, "");
    assert_false(sign_v1(&set, "", 1, "", 0, out, sizeof out));
    assert_false(sign_v1(&set, "msg.1", 1, "", 0, out, sizeof out));
    assert_false(sign_v1(&set, long_id, 1, "", 0, out, sizeof out));
    assert_false(sign_v1(&set, "msg_1", -1, "", 0, out, sizeof out));
    assert_false(sign_v1(&set, "msg_1", 1, "", 0, out, sizeof out - 1));
    assert_true(sign_v1(&set, "msg_1", 1, "", 0, out, sizeof out));
    secret_wipe(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_vectors),
        cmocka_unit_test(rotation_signs_with_new_then_old),
        cmocka_unit_test(refuses_what_cannot_be_verified),
    };
    return cmocka_run_group_tests_name("sign", tests, NULL, NULL) != 0;
}
