/* Workbooks, made while the loop goes on.
 *
 * One at a time is written, by a thread of its own that is given rows as bytes (xlsx_feed.h) and sees nothing else of the process; a
 * few more wait for their turn. The rows are asked for from the loop, a piece at a time, and no faster than the thread writes them: a
 * workbook takes the same little memory however long it is. Everything here is called on the loop's thread; no call waits, but
 * xlsx_maker_free. */
#ifndef EHCWATCH_XLSX_MAKER_H
#define EHCWATCH_XLSX_MAKER_H

#include <sys/types.h>

#include "xlsx_feed.h"

struct ev_loop;
struct xlsx_maker;
struct xlsx_job;

#define XLSX_WAITING_MAX 3 /* beside the one that is being made */

/* Files are made in `dir`, which is copied. NULL: `e` says why. */
struct xlsx_maker *xlsx_maker_new(struct ev_loop *loop, const char *dir, struct err *e) MUST_CHECK;

/* Cancels everything; what had been asked for is told nothing. Waits for the thread, which gives up at the next thing it does. NULL
 * is fine. */
void xlsx_maker_free(struct xlsx_maker *m);

/* Adds what comes next to the feed, at most until it is full (xlsx_feed_full). 1: there is more; 0: that was all; -1: it is not wanted any
 * more, or cannot be had. Called when it is the job's turn, and from then on each time the loop has turned. */
typedef int xlsx_fill_fn(void *ud, struct xlsx_feed *f);

/* The file, at its beginning, is the callee's; -1: there is none and `why` says why. */
typedef void xlsx_done_fn(void *ud, int fd, off_t size, const struct err *why);

/* NULL: too many wait, or memory is short. Else `done` is called once, from the loop and never within this call, and the handle is
 * gone then. */
struct xlsx_job *xlsx_make(struct xlsx_maker *m, xlsx_fill_fn *fill, xlsx_done_fn *done, void *ud);

/* Nothing of it is called any more; the handle is gone. Not within its own fill or done. */
void xlsx_cancel(struct xlsx_job *job);

#endif
