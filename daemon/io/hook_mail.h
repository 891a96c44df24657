/* Mail: a job that has a thread of its own. Private to hook*.c.
 *
 * libcurl 7.88 waits inside the end of an SMTP transfer for the answer to the final dot, and once more for that to QUIT:
 * on the loop, a slow relay would hold up everything. The thread runs the easy handle and nothing else, and touches of the job
 * only what its callbacks note; the loop looks at that when the thread has ended. */
#ifndef EHCWATCH_HOOK_MAIL_H
#define EHCWATCH_HOOK_MAIL_H

#include "hook_job.h"

/* Makes the job a mail, before it is started. False: no memory. */
MUST_CHECK bool hook_mail_prepare(struct hook_job *job, const struct hook_request *req);

/* Starts the thread, which calls `wake(ud)` at its end, on itself. False: it cannot be started, or the body is no mail; the job's
 * curl_text says which. */
MUST_CHECK bool hook_mail_start(struct hook_job *job, void (*wake)(void *ud), void *ud);

/* Whether the thread has ended; then, hook_mail_join does not block. */
bool hook_mail_ended(struct hook_job *job);
CURLcode hook_mail_join(struct hook_job *job);

/* Has the thread end soon: within a second. */
void hook_mail_abort(struct hook_job *job);
bool hook_mail_aborted(struct hook_job *job);

/* The code of the last reply that counts, 0 when there was none. */
int hook_mail_code(const struct hook_job *job);

void hook_mail_free(struct hook_mail *mail); /* NULL is fine */

#endif
