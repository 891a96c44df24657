#include "log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "clock.h"
#include "logtext.h"

enum { FIELDS_MAX = 12, OBJECTS = 64, NAME_KEPT = 48, SUPPRESS_SECONDS = 60 };

enum sink { SINK_PREFIX, SINK_TERMINAL, SINK_JOURNAL };

/* One (event, object) that was logged lately. */
struct seen {
    char event[NAME_KEPT], object[NAME_KEPT];
    double since; /* when its last line was let through */
    unsigned long suppressed;
    bool used;
};

static struct {
    bool ready;
    enum sink sink;
    int max_prio;
    int fd; /* of the journal sink only */
    struct sockaddr_un journal;
    unsigned long dropped;
    struct seen seen[OBJECTS];
} logger = {.max_prio = LOG_INFO, .fd = -1};

static bool stderr_is_journal(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    uintmax_t dev, ino;
    struct stat st;
    return stream != NULL && sscanf(stream, "%ju:%ju", &dev, &ino) == 2 && fstat(STDERR_FILENO, &st) == 0 &&
           st.st_dev == dev && st.st_ino == ino;
}

static bool open_journal(const char *path)
{
    if (strlen(path) >= sizeof logger.journal.sun_path || access(path, W_OK) != 0) {
        return false;
    }
    logger.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (logger.fd < 0) {
        return false;
    }
    logger.journal.sun_family = AF_UNIX;
    memcpy(logger.journal.sun_path, path, strlen(path) + 1);
    return true;
}

void log_init(int max_prio, const char *journal)
{
    log_close();
    logger.ready = true;
    logger.max_prio = max_prio;
    if (stderr_is_journal() && open_journal(journal != NULL ? journal : "/run/systemd/journal/socket")) {
        logger.sink = SINK_JOURNAL;
    } else {
        logger.sink = isatty(STDERR_FILENO) ? SINK_TERMINAL : SINK_PREFIX;
    }
}

void log_close(void)
{
    if (logger.fd >= 0) {
        close(logger.fd);
        logger.fd = -1;
    }
    logger.sink = isatty(STDERR_FILENO) ? SINK_TERMINAL : SINK_PREFIX;
}

unsigned long log_dropped(void)
{
    return logger.dropped;
}

/* The address is given each time: a journal that was restarted listens on the same path, not on the same socket. */
static bool send_datagram(const struct text *t)
{
    return sendto(logger.fd, t->at, t->len, MSG_NOSIGNAL | MSG_DONTWAIT,
                  (const struct sockaddr *)&logger.journal, sizeof logger.journal) >= 0;
}

static void start_entry(struct text *t, int prio, const char *event, const char *message)
{
    char digit[2] = {(char)('0' + prio), '\0'};
    text_field(t, "PRIORITY", digit);
    text_field(t, "SYSLOG_IDENTIFIER", "ehcwatchd");
    text_field(t, "EVENT", event);
    text_field(t, "MESSAGE", message);
}

static void report_dropped(void)
{
    if (logger.dropped == 0) {
        return;
    }
    struct text t = {.len = 0};
    char n[24], message[80];
    snprintf(n, sizeof n, "%lu", logger.dropped);
    snprintf(message, sizeof message, "the journal did not keep up: dropped=%s messages", n);
    start_entry(&t, LOG_WARNING, "log_dropped", message);
    text_field(&t, "DROPPED", n);
    if (send_datagram(&t)) {
        logger.dropped = 0;
    }
}

static void to_journal(int prio, const char *event, const struct log_field *fields, const char *message)
{
    struct text t = {.len = 0};
    start_entry(&t, prio, event, message);
    for (int i = 0; fields != NULL && i < FIELDS_MAX && fields[i].name != NULL; i++) {
        if (fields[i].value != NULL) {
            text_field(&t, fields[i].name, fields[i].value);
        }
    }
    report_dropped();
    if (logger.dropped > 0 || !send_datagram(&t)) {
        logger.dropped++;
    }
}

static void to_stderr(int prio, const char *event, const char *message)
{
    struct text t = {.len = 0};
    if (logger.sink == SINK_PREFIX) {
        text_printf(&t, "<%d>%s: ", prio, event);
    } else {
        text_printf(&t, "%s%s: ",
                    prio <= LOG_ERR       ? "error: "
                    : prio == LOG_WARNING ? "warning: "
                                          : "",
                    event);
    }
    text_escaped(&t, message, strlen(message), false);
    text_printf(&t, "\n");
    ssize_t n;
    do {
        n = write(STDERR_FILENO, t.at, t.len);
    } while (n < 0 && errno == EINTR);
}

static void PRINTF_LIKE(5, 0) emit(int prio, const char *event, const struct log_field *fields,
                                   unsigned long suppressed, const char *fmt, va_list ap)
{
    struct text m = {.len = 0};
    char sentence[2048];
    vsnprintf(sentence, sizeof sentence, fmt, ap);
    text_printf(&m, "%s", sentence);
    for (int i = 0; fields != NULL && i < FIELDS_MAX && fields[i].name != NULL; i++) {
        if (fields[i].value != NULL) {
            text_pair(&m, fields[i].name, fields[i].value);
        }
    }
    if (suppressed > 0) {
        text_printf(&m, " (%lu more suppressed)", suppressed);
    }
    m.at[m.len] = '\0';
    if (logger.sink == SINK_JOURNAL) {
        to_journal(prio, event, fields, m.at);
    } else {
        to_stderr(prio, event, m.at);
    }
}

static bool wanted(int prio)
{
    if (!logger.ready) {
        log_init(logger.max_prio, NULL);
    }
    return prio <= logger.max_prio;
}

void log_ev(int prio, const char *event, const struct log_field *fields, const char *fmt, ...)
{
    int saved = errno;
    if (wanted(prio)) {
        va_list ap;
        va_start(ap, fmt);
        emit(prio, event, fields, 0, fmt, ap);
        va_end(ap);
    }
    errno = saved;
}

static bool is_about(const struct seen *s, const char *event, const char *object)
{
    return s->used && strncmp(s->event, event, NAME_KEPT - 1) == 0 &&
           strncmp(s->object, object, NAME_KEPT - 1) == 0;
}

static struct seen *find(const char *event, const char *object)
{
    for (struct seen *s = logger.seen; s < logger.seen + OBJECTS; s++) {
        if (is_about(s, event, object)) {
            return s;
        }
    }
    return NULL;
}

/* The entry that can best be given up: a free one, else the one that was let through longest ago. */
static struct seen *oldest(void)
{
    struct seen *victim = &logger.seen[0];
    for (struct seen *s = logger.seen; s < logger.seen + OBJECTS; s++) {
        if (victim->used && (!s->used || s->since < victim->since)) {
            victim = s;
        }
    }
    return victim;
}

/* A pair that leaves the table takes its count along, into the log. */
static struct seen *replace(struct seen *s, int prio, const char *event, const char *object)
{
    if (s->used && s->suppressed > 0) {
        log_ev(prio, s->event, LOG_FIELDS({"OBJECT", s->object}), "%lu more suppressed", s->suppressed);
    }
    memset(s, 0, sizeof *s);
    s->used = true;
    snprintf(s->event, sizeof s->event, "%s", event);
    snprintf(s->object, sizeof s->object, "%s", object);
    return s;
}

void log_ev_limited(int prio, const char *event, const char *object, const struct log_field *fields,
                    const char *fmt, ...)
{
    int saved = errno;
    if (wanted(prio)) {
        double now = clock_mono();
        struct seen *s = find(event, object);
        if (s != NULL && now - s->since < SUPPRESS_SECONDS) {
            s->suppressed++;
        } else {
            s = s != NULL ? s : replace(oldest(), prio, event, object);
            va_list ap;
            va_start(ap, fmt);
            emit(prio, event, fields, s->suppressed, fmt, ap);
            va_end(ap);
            s->since = now;
            s->suppressed = 0;
        }
    }
    errno = saved;
}
