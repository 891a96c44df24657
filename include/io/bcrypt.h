/* Passwords against hashes of bcrypt, which take 50 to 100 ms each: one at a time, on a thread beside the loop.
 *
 * The queue is short: what does not fit in is refused, not waited for. Passwords are wiped when they have been looked at. */
#ifndef EHCWATCH_BCRYPT_H
#define EHCWATCH_BCRYPT_H

#include <stdbool.h>

struct ev_loop;
struct bcrypt;
struct bcrypt_job;

#define BCRYPT_QUEUE 16

/* NULL: out of memory. */
struct bcrypt *bcrypt_new(struct ev_loop *loop);

/* Waits for the one that is being looked at; nobody is told any more. NULL is fine. */
void bcrypt_free(struct bcrypt *b);

/* Called from the loop, never within bcrypt_ask. */
typedef void bcrypt_fn(void *ud, bool right);

/* Copies both. Not `known`: the hash is anybody's, because there is no such name; it takes as long as a wrong password and ends like one.
 * NULL: the queue is full, or memory is short. */
struct bcrypt_job *bcrypt_ask(struct bcrypt *b, const char *hash, bool known, const char *password,
                              bcrypt_fn *fn, void *ud);

/* The answer is not wanted any more. */
void bcrypt_forget(struct bcrypt_job *job);

#endif
