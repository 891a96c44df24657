#include "instance.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "clock.h"

enum { HOST = 64, BOOT = 32 };

struct identity {
    char host[HOST + 1];
    char boot[BOOT + 1];     /* hexadecimal, "-" when not known */
    unsigned long long ns;   /* inode of the pid namespace, 0 when not known */
    unsigned long long born; /* clock ticks since the boot, 0 when not known */
    long pid;
};

/* A short file of /proc as text; false when it cannot be read. */
static bool read_text(const char *path, char *text, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);
    if (fd >= 0)
        close(fd);
    text[n > 0 ? n : 0] = '\0';
    return n > 0;
}

/* Without the dashes, and nothing but what an id is made of. */
static void read_boot(char boot[BOOT + 1])
{
    char text[64];
    const char *from = getenv("EHCWATCHD_BOOT_ID"), *hex = "0123456789abcdef";
    size_t n = 0;
    if (read_text("/proc/sys/kernel/random/boot_id", text, sizeof text))
        from = text;
    for (; from != NULL && *from != '\0' && n < BOOT; from++)
        if (strchr(hex, *from) != NULL)
            boot[n++] = *from;
    boot[n] = '\0';
    if (n < BOOT)
        memcpy(boot, "-", 2);
}

/* When the process began: field 22 of its stat. The second field, its name, may hold anything but ends with the last ')'. */
static unsigned long long read_born(long pid)
{
    char path[64], text[1024];
    unsigned long long born = 0;
    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    const char *p = read_text(path, text, sizeof text) ? strrchr(text, ')') : NULL;
    for (int field = 2; p != NULL && field < 22; field++)
        p = strchr(p + 1, ' ');
    if (p != NULL)
        born = strtoull(p, NULL, 10);
    return born;
}

static unsigned long long read_namespace(void)
{
    char text[64];
    ssize_t n = readlink("/proc/self/ns/pid", text, sizeof text - 1);
    text[n > 0 ? n : 0] = '\0';
    return strncmp(text, "pid:[", 5) == 0 ? strtoull(text + 5, NULL, 10) : 0;
}

static void identify(long pid, struct identity *id)
{
    *id = (struct identity){.pid = pid, .ns = read_namespace(), .born = read_born(pid)};
    read_boot(id->boot);
    if (gethostname(id->host, sizeof id->host) != 0 || id->host[0] == '\0')
        memcpy(id->host, "-", 2);
    id->host[HOST] = '\0';
    for (char *p = id->host; *p != '\0'; p++) /* the word goes into the database and into pages */
        if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_", *p) == NULL)
            *p = '_';
}

void instance_name(pid_t pid, char name[INSTANCE_LEN])
{
    struct identity id;
    uint32_t random;
    identify((long)pid, &id);
    if (getrandom(&random, sizeof random, GRND_NONBLOCK) != (ssize_t)sizeof random)
        random = (uint32_t)clock_wall_us();
    snprintf(name, INSTANCE_LEN, "%s:%ld:%s.%llx.%llx.%08" PRIx32, id.host, id.pid, id.boot, id.ns, id.born,
             random);
}

bool instance_ended(const char *name)
{
    struct identity it = {.pid = 0}, here;
    char rest[2];
    if (sscanf(name, "%64[^:]:%ld:%32[0-9a-f].%llx.%llx.%1s", it.host, &it.pid, it.boot, &it.ns, &it.born,
               rest) != 6 ||
        it.pid <= 0 || it.ns == 0 || it.born == 0)
        return false;
    identify(it.pid, &here);
    if (strcmp(it.host, here.host) != 0 || strcmp(it.boot, here.boot) != 0 || it.ns != here.ns)
        return false;
    /* kill() sees every process, whoever's it is; /proc may hide those of others. */
    if (kill((pid_t)it.pid, 0) != 0 && errno == ESRCH)
        return true;
    return here.born != 0 && here.born != it.born;
}
