/* The web configuration file: what its keys say (webconfig.c) and how its YAML is read (webconfig_yaml.c). */
#ifndef EHCWATCH_WEBCONFIG_INT_H
#define EHCWATCH_WEBCONFIG_INT_H

#include "webconfig.h"

struct web_key;

/* Takes the value of a key; `e` gets the sentence without file and line. */
typedef bool web_take_fn(void *ud, const struct web_key *key, const char *name, const char *value, int line,
                         struct err *e);

/* A key, by its path with a point between; one that ends in ".*" stands for every name there. A section has neither of the two; one that
 * is refused says why. */
struct web_key {
    const char *path;
    web_take_fn *take;
    const char *refused;
    int what; /* for the function */
};

/* Calls the functions of the keys of a text, in its order. A key that is not in the table (which a row without a path ends), or is there
 * twice, is an error: "FILE:LINE: what". */
bool web_yaml_read(const char *file, const char *text, size_t len, const struct web_key *keys, void *ud,
                   struct err *e) MUST_CHECK;

#endif
