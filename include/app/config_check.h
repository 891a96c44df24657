/* Checks of single values of the configuration. Each takes the option's name and one value or list item, and on
 * failure writes a sentence without file and line (config.c puts those before it). A value that could hold a
 * secret (a connection string, a URL) is never quoted. None allocates for the caller, blocks or calls back. */
#ifndef EHCWATCH_CONFIG_CHECK_H
#define EHCWATCH_CONFIG_CHECK_H

#include "err.h"

#include <stddef.h>

struct config;
struct config_option;

bool config_check_conninfo(const char *name, const char *value, struct err *e) MUST_CHECK;
bool config_check_listen(const char *name, const char *value, struct err *e) MUST_CHECK;
bool config_check_path(const char *name, const char *value, struct err *e) MUST_CHECK; /* absolute */
bool config_check_secret(const char *name, const char *value,
                         struct err *e) MUST_CHECK; /* or credential:NAME */
bool config_check_url(const char *name, const char *value, struct err *e) MUST_CHECK;
bool config_check_target(const char *name, const char *value,
                         struct err *e) MUST_CHECK; /* the same, or smtp:// or smtps:// */
bool config_check_topic(const char *name, const char *value, struct err *e) MUST_CHECK;
bool config_check_address(const char *name, const char *value,
                          struct err *e) MUST_CHECK; /* of mail: name@host, ASCII, nothing quoted */
bool config_check_user(const char *name, const char *value, struct err *e) MUST_CHECK;
bool config_check_event(const char *name, const char *value, struct err *e) MUST_CHECK; /* see config_term */
bool config_check_within(const char *name, const char *value,
                         struct err *e) MUST_CHECK; /* see config_within */
bool config_check_title(const char *name, const char *value, struct err *e) MUST_CHECK;
bool config_check_webhook_name(const char *value, struct err *e) MUST_CHECK;
bool config_check_standard_name(const char *value, struct err *e) MUST_CHECK;
bool config_check_threshold_name(const char *value, struct err *e) MUST_CHECK; /* not whether it is there */

/* A decimal number within the option's bounds, no sign but '-', no leading zero. */
bool config_check_int(const struct config_option *o, const char *value, long *out, struct err *e) MUST_CHECK;

/* The place of `value` among words separated by one space, or -1. */
int config_word_index(const char *words, const char *value);

/* "{words}: 'value' is not one of a, b, c" */
bool config_check_word(const struct config_option *o, const char *value, struct err *e) MUST_CHECK;

/* What the format of a webhook asks of its URL, which passed config_check_target: mail goes to a relay, all else does not, and
 * plain http has been allowed. */
struct config_webhook;
bool config_check_fit(const struct config_webhook *w, const char *name, const char *url,
                      struct err *e) MUST_CHECK;

/* A whole webhook section, as config_section.check. */
bool config_check_webhook(const void *section, const char **option, struct err *e) MUST_CHECK;

/* What others can reach, and what is for nobody without a name, wants names: sets auth_wanted. False: the options name no file with any. */
bool config_check_auth(struct config *c, struct err *e) MUST_CHECK;

/* The sentence for that, also when the files turn out to hold none. False. */
bool config_nobody_known(const struct config *c, struct err *e);

#endif
