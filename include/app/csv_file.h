/* A CSV file read block by block, on all cores; what its rows say is kept in the order of the file.
 *
 * A block is cut where a row ends, so that it can be read by itself: `read` makes a batch of it, `keep` takes the batches one by
 * one. Memory is bounded by the blocks under way and the longest row. Anything that can be read is a file: a pipe too. */
#ifndef EHCWATCH_CSV_FILE_H
#define EHCWATCH_CSV_FILE_H

#include "csv.h"

struct csv_pace {
    size_t block;     /* bytes to read at a time; 0: what is good */
    unsigned threads; /* at most; 0: as many as there are cores */
};

struct csv_file_reader {
    const char *const *columns; /* as for csv_open */
    size_t required;
    size_t batch_size; /* batches begin as zero bytes, and are used again as they were left */

    /* Rows to the end of the text, by csv_next. False: `e` says what is wrong with the row c->line, or with the whole where that
     * is 0; what came before is in the batch. May run at any time, for many blocks at once. */
    bool (*read)(const void *ud, void *batch, struct csv *c, struct err *e);

    /* One at a time, in order. `lines`: how many lines lie before the block; the block itself is still there. Not called after
     * a failure. False, and what may be in *line, as for `read`. */
    bool (*keep)(void *ud, void *batch, const struct csv *c, unsigned lines, unsigned *line, struct err *e);
    void (*drop)(void *batch); /* frees what a batch holds */
};

/* False: "FILE:LINE: what" or "FILE: what" in e. Of several things that are wrong a NUL byte is told, else the first. */
bool csv_file_read(const char *name, const struct csv_file_reader *how, const struct csv_pace *pace, void *ud,
                   struct err *e) MUST_CHECK;

#endif
