/* The text of a configuration file, made safe for libconfuse, and where everything stands in it.
 *
 * libconfuse counts a line too many for each block comment, refuses comments inside lists, takes the last of two
 * values for one option, accepts a section without its closing brace, drops characters it does not know and
 * expands ${NAME}. This pass goes before it: it blanks out comments, refuses the rest with the right line, and
 * remembers the line of each option and section for checks that come after parsing. Private to config.c. */
#ifndef EHCWATCH_CONFIG_TEXT_H
#define EHCWATCH_CONFIG_TEXT_H

#include "err.h"

#include <stddef.h>

struct config_mark {
    size_t section; /* 0: outside any section; else its number from 1, in the order of the file */
    int line;
    const char *name; /* into the text, not terminated; length 0: the section itself */
    size_t name_len;
    const char *title; /* of a section, as it is written between the quotes, and what kind of section it is */
    size_t title_len;
    const char *kind;
    size_t kind_len;
};

struct config_text {
    char *text; /* NUL-terminated, comments blanked, every newline kept */
    size_t len;
    struct config_mark *mark;
    size_t n_marks;
};

/* Reads at most 1 MiB of `path` into `t`, which config_text_done empties, also after a failure. Blocks on the
 * file system. The error is `FILE:LINE: what`. */
bool config_text_read(struct config_text *t, const char *path, struct err *e) MUST_CHECK;
void config_text_done(struct config_text *t);

/* The number of the i-th section of a kind ("webhook"), or of the one with that title; 0 when there is none. */
size_t config_text_section(const struct config_text *t, const char *kind, size_t i);
size_t config_text_titled(const struct config_text *t, const char *kind, const char *title);

/* The line of option `name` of a section, or of the section itself when `name` is ""; 0 when it is not there. */
int config_text_line(const struct config_text *t, size_t section, const char *name);

#endif
