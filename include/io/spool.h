/* The temporary files of the spreadsheet library, made and watched by us.
 *
 * libxlsxwriter writes sheets to temporary files and looks at no error: on a full disk it would pack half a list into a workbook
 * that opens. It asks for each of these files by a function that a program may define itself, and this room does (spool.c). The files
 * have no name, every failed write or read is remembered, and what the library leaves open after an error is closed. One spool at a
 * time per thread. */
#ifndef EHCWATCH_SPOOL_H
#define EHCWATCH_SPOOL_H

#include <stdatomic.h>
#include <stdbool.h>

#include "err.h"

struct spool;

/* Files in the directory `dir`. Reading and writing fail as soon as *cancelled is true, so that the library gives up early; NULL:
 * never. Both outlive the spool. NULL: out of memory. */
struct spool *spool_new(const char *dir, const atomic_bool *cancelled);

/* Closes what is still open. NULL is fine. */
void spool_free(struct spool *s);

/* From here on the library's files on this thread are of this spool; NULL: it gets none. */
void spool_use(struct spool *s);

/* The errno of the first thing that failed, ECANCELED when it was cancelled, or 0. */
int spool_error(const struct spool *s);

/* A file without a name in `dir`, read and write, closed on exec; -1 and errno. */
int spool_nameless(const char *dir);

#endif
