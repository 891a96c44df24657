/* The configuration file, read with libconfuse into one struct.
 *
 * A file is read, checked as a whole and handed over, or refused with one line `FILE:LINE: what`: nothing is
 * ever half applied, so a reload is config_load, swap, config_free of the old one. One table of options
 * (config_options) drives parsing, checking, printing and the test of the manual page ehcwatchd.conf(5).
 *
 * Stricter than libconfuse alone: an option given twice, ${NAME} (which libconfuse would take from the
 * environment, where secrets are not wanted), a section that is never closed, a number with a leading zero and
 * text that is not UTF-8 are all errors. Secrets themselves are never read here, only named. */
#ifndef EHCWATCH_CONFIG_H
#define EHCWATCH_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>

#include "err.h"
#include "format.h"

struct config_list {
    char **item; /* NULL when n is 0 */
    size_t n;
};

/* One endpoint. An empty list is no filter: everything passes. */
struct config_webhook {
    char *name; /* [a-z0-9_-]{1,32}, unique in the file */
    char *url;  /* http or https (of email: smtp or smtps) as libcurl reads it, no user or password in it */
    char *url_file; /* the file that holds the URL when that is a secret itself; one of the two is NULL */
    char *
        secret_file; /* absolute path, or credential:NAME for $CREDENTIALS_DIRECTORY/NAME; NULL: not signed */
    struct config_list limits, states, localities, teams, kinds;
    int format;             /* enum format; what it calls for below is there, what it does not is NULL */
    char *topic;            /* of ntfy */
    char *routing_key_file; /* of pagerduty, like secret_file */
    char *mail_from;        /* of email: addresses without names */
    struct config_list mail_to;
    char *user, *password_file; /* for the relay of email: both or neither */
    int refresh;                /* of alertmanager: seconds, 10..3600 */
    bool allow_internal, allow_http, allow_plain, enabled;
    struct config_list allow; /* networks, addresses and host names, see egress.h */
    char *proxy, *ca_file;    /* or NULL: those of the file */
    int concurrency;          /* requests in flight, 1..32 */
    int timeout;              /* seconds for one attempt, 1..60 */
    int rate, burst;          /* messages a second, 0 for any number; and how many at once */
    int order;                /* 0: skip_dead, 1: strict */
    bool operator;            /* hears endpoint.failing */

    /* For people: see people.h. */
    int send;                      /* enum send */
    char *digest_at, *quiet_hours; /* "08:00"; "18:00-08:00" or NULL */
    int digest_day;                /* 0 = Monday */
    int remind_days, escalate_days, settle;
};

/* A time limit of the authority's own, beside the statutory ones. */
struct config_standard {
    char *name; /* [a-z0-9_]{1,40}, unique in the file and not the id of a limit of the rulebook */
    char *title;
    struct config_list start, discharge, voids, lapse; /* "event" or "event:subject", see config_term */
    char *within;                                      /* see config_within */
    int per, life;                                     /* enum limit_per, enum limit_life */
    int warn_days;                                     /* 0..365 */
};

/* From when on a limit is at risk. */
struct config_threshold {
    char *name; /* the id of a limit of the rulebook or the file */
    int warn_days;
};

/* When the demand meeting is held. */
struct config_meeting {
    char *name;  /* NULL: there is only one */
    int weekday; /* 0 = Monday */
    char *time;  /* "09:30", of clocks in England */
    int minutes; /* how long it lasts, 0..1440 */
};

struct config {
    char *source,
        *source_password_file; /* libpq conninfo without secrets; the file like secret_file, or NULL */
    char *state, *state_password_file; /* never absent: the same as source when the file says nothing */
    char *listen;                      /* see config_listen_addr */
    int poll_interval;                 /* seconds */
    struct config_list limits;         /* ids, or one of auto and all alone; empty: the caller's default */
    int bulk_share;                    /* percent; 0: nothing counts as an import */
    char *calendar_file, *ca_file;     /* absolute path or NULL */
    char *proxy;                       /* http or https, "direct" or NULL: none */
    int log_level;                     /* LOG_ERR .. LOG_DEBUG of syslog(3) */
    int drain_timeout, stale_after;    /* seconds */
    char *public_url;                  /* or NULL: messages carry no link */
    char *api_token_file;              /* like secret_file, or NULL: nothing is changed over HTTP */
    char *web_config_file;             /* like secret_file, or NULL: no TLS, no passwords; see webconfig.h */
    int http_auth;                     /* enum http_auth */

    /* The option that wants somebody who can say who he is, and its line; NULL: nobody need. */
    const char *auth_wanted;
    int auth_line;

    int keep_days;                     /* of retention */
    struct config_list metrics_labels; /* locality, team */
    struct config_webhook *webhook;
    size_t n_webhooks;
    struct config_standard *standard;
    size_t n_standards;
    struct config_threshold *threshold;
    size_t n_thresholds;
    struct config_meeting *meeting; /* one, whether the file has it or not */
    size_t n_meetings;
};

/* Who has to say who he is before he may read. */
enum http_auth {
    HTTP_AUTH_REMOTE, /* who comes from another machine */
    HTTP_AUTH_ALWAYS, /* everybody */
};

/* Says whether `id` is in the table of limits, apart from the file's own standards. Called during config_load only. */
typedef bool config_known_limit(const char *id);

/* Reads `path` and the existence of the files it names (not their content; credentials and the files of a
 * disabled webhook are not looked for). Blocks on the file system and reaches nothing else; name resolution and
 * databases are not touched. With `known` NULL the ids of limits are not checked. NULL and one line in `e` when
 * anything is wrong; a value that could hold a secret is not quoted in it. Not thread-safe: libconfuse's lexer
 * is one per process. The caller frees. */
struct config *config_load(const char *path, config_known_limit *known, struct err *e) MUST_CHECK;
void config_free(struct config *c); /* NULL is fine */

/* Writes the configuration in force, defaults included and each option explained, as a file that config_load reads
 * back to the same. */
void config_print(const struct config *c, FILE *out);

/* Turns `127.0.0.1:9820`, `[::1]:9820` or `unix:/path` into an address, and says whether it is one that no other machine can reach: of
 * 127.0.0.0/8, ::1 or a Unix socket. Pure. */
bool config_listen_addr(const char *listen, struct sockaddr_storage *addr, socklen_t *len, bool *local,
                        struct err *e) MUST_CHECK;

enum config_type {
    CONFIG_TEXT, /* char * */
    CONFIG_INT,  /* int, min..max */
    CONFIG_BOOL, /* bool */
    CONFIG_WORD, /* int: min plus the place of the word in `words` */
    CONFIG_LIST, /* struct config_list; each item one of `words` unless that is NULL */
};

/* One row for each option; the row with name NULL ends the table. */
struct config_option {
    const char *section; /* "" or the name of a kind of section */
    const char *name;
    enum config_type type;
    const char *def; /* as it would be written in the file; NULL: required, or absent allowed */
    int min, max;
    const char *words;                                                 /* with one space between */
    bool (*check)(const char *name, const char *value, struct err *e); /* one value or item, or NULL */
    bool limit_ids;                                                    /* items go to config_known_limit */
    bool required;
    bool file;        /* names a file that must exist */
    bool reloadable;  /* SIGHUP is enough */
    size_t offset;    /* in struct config or in the struct of the section */
    const char *help; /* one sentence */
};

extern const struct config_option config_options[];

/* One row for each kind of section; the row with name NULL ends the table. */
struct config_section {
    const char *name;
    size_t size;    /* of its struct, which begins with char *name */
    size_t list, n; /* offsets in struct config: the array, and how many there are */
    bool (*check_name)(const char *value, struct err *e);

    /* Checks what no single value shows; on failure *option may be set to the one at fault. */
    bool (*check)(const void *section, const char **option, struct err *e);
    size_t (*most)(void); /* how many there may be; NULL: any number */
    bool single;          /* without a name, once or not at all: then with its defaults */
};

extern const struct config_section config_sections[];

/* "Whole number from 1 to 3600, default 30; takes effect on reload." The manual page carries this very line. */
void config_option_summary(const struct config_option *o, char *buf, size_t size);

/* The row of an option of a section, or NULL. */
const struct config_option *config_option_find(const char *section, const char *name);

#endif
