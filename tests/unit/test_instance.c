/* A process known by its name: whether it has ended can be told here, and of others is not claimed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "instance.h"

static pid_t bystander(void)
{
    pid_t pid = fork();
    if (pid == 0)
        for (;;)
            pause();
    assert_true(pid > 0);
    return pid;
}

static void end(pid_t pid)
{
    int how;
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, &how, 0), pid);
}

static void a_name_says_host_and_pid(void **state)
{
    char name[INSTANCE_LEN], again[INSTANCE_LEN], part[32];
    (void)state;
    instance_name(getpid(), name);
    instance_name(getpid(), again);
    snprintf(part, sizeof part, ":%ld:", (long)getpid());
    assert_non_null(strstr(name, part));
    assert_true(strchr(name, ':') > name);
    assert_string_not_equal(name, again); /* chance has its part */
    assert_null(strpbrk(name, " '\"\\\n"));
}

static void the_living_have_not_ended(void **state)
{
    char name[INSTANCE_LEN];
    (void)state;
    instance_name(getpid(), name);
    assert_false(instance_ended(name));
    pid_t child = bystander();
    instance_name(child, name);
    assert_false(instance_ended(name));
    end(child);
}

static void the_dead_have(void **state)
{
    char name[INSTANCE_LEN];
    (void)state;
    pid_t child = bystander();
    instance_name(child, name);
    end(child);
    assert_true(instance_ended(name));
}

/* The pid is in use again: whoever has it began at another time. */
static void a_pid_that_is_somebody_elses_is_no_sign_of_life(void **state)
{
    char name[INSTANCE_LEN], host[80], boot[40];
    unsigned long long ns, born;
    long pid;
    unsigned chance;
    (void)state;
    instance_name(getpid(), name);
    assert_int_equal(sscanf(name, "%79[^:]:%ld:%39[^.].%llx.%llx.%x", host, &pid, boot, &ns, &born, &chance),
                     6);
    snprintf(name, sizeof name, "%s:%ld:%s.%llx.%llx.%08x", host, pid, boot, ns, born - 1, chance);
    assert_true(instance_ended(name));
}

/* Of another machine, another boot or another pid namespace nothing can be told, nor of what is not a name. */
static void of_others_nothing_is_claimed(void **state)
{
    char name[INSTANCE_LEN], other[INSTANCE_LEN], host[80], boot[40];
    unsigned long long ns, born;
    long pid;
    (void)state;
    pid_t child = bystander();
    instance_name(child, name);
    end(child);
    assert_true(instance_ended(name));
    assert_int_equal(sscanf(name, "%79[^:]:%ld:%39[^.].%llx.%llx", host, &pid, boot, &ns, &born), 5);
    snprintf(other, sizeof other, "x%s:%ld:%s.%llx.%llx.00000000", host, pid, boot, ns, born);
    assert_false(instance_ended(other));
    boot[0] = boot[0] == 'a' ? 'b' : 'a';
    snprintf(other, sizeof other, "%s:%ld:%s.%llx.%llx.00000000", host, pid, boot, ns, born);
    assert_false(instance_ended(other));
    snprintf(other, sizeof other, "%s:%ld:%s.%llx.%llx.00000000", host, pid, "-", ns, born);
    assert_false(instance_ended(other));
    assert_non_null(strchr(name, '.'));
    boot[0] = '\0';
    assert_int_equal(sscanf(name, "%79[^:]:%ld:%39[^.]", host, &pid, boot), 3);
    snprintf(other, sizeof other, "%s:%ld:%s.%llx.%llx.00000000", host, pid, boot, ns + 1, born);
    assert_false(instance_ended(other));
    snprintf(other, sizeof other, "%s:%ld:%s.%llx.0.00000000", host, pid, boot, ns);
    assert_false(instance_ended(other));
    static const char *const none[] = {"",           "somebody", "h:1:", "h:0:aa.1.1.1", "h:-1:aa.1.1.1",
                                       ":1:aa.1.1.1"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        assert_false(instance_ended(none[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_says_host_and_pid),
        cmocka_unit_test(the_living_have_not_ended),
        cmocka_unit_test(the_dead_have),
        cmocka_unit_test(a_pid_that_is_somebody_elses_is_no_sign_of_life),
        cmocka_unit_test(of_others_nothing_is_claimed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
