/* Numbers for words that recur: subjects, localities, teams, officers.
 *
 * A pool gives each distinct text a small number, for good: numbers are never reused, so a snapshot that holds numbers stays
 * readable while the pool lives. Number 0 is the empty text. Pure; the pool owns its copies. */
#ifndef EHCWATCH_NAMES_H
#define EHCWATCH_NAMES_H

#include <stddef.h>
#include <stdint.h>

struct names;

#define NAMES_FULL UINT32_MAX /* out of memory */

/* NULL when out of memory. A pool for subjects begins with the subjects of event.h under their enum values. */
struct names *names_new(void);
struct names *names_new_subjects(void);
void names_free(struct names *p);

/* The number of the text, which is added when new; NAMES_FULL when out of memory. */
uint32_t names_add(struct names *p, const char *text, size_t len);

/* The number of a text that is there, else NAMES_FULL. */
uint32_t names_find(const struct names *p, const char *text, size_t len);

/* Valid until the pool is freed. */
const char *names_text(const struct names *p, uint32_t number);

size_t names_count(const struct names *p);

/* Puts n rows of `size` bytes, each of which begins with the number of a text (uint32_t), in the order of the texts, as bytes. */
void names_sort(const struct names *p, void *rows, size_t n, size_t size);

#endif
