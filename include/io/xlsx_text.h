/* What a workbook can hold of a text, and how its sheets may be called. Pure. */
#ifndef EHCWATCH_XLSX_TEXT_H
#define EHCWATCH_XLSX_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#define XLSX_TEXT_MAX 32767 /* UTF-16 units in a cell */
#define XLSX_NAME_MAX 31    /* UTF-16 units in the name of a sheet */
#define XLSX_NAME_LEN (31 * 3 + 1)

/* Grows as needed; reused. */
struct xlsx_room {
    char *p;
    size_t cap;
};

/* The text as a workbook holds it, in the room, ended by a NUL: U+FFFD in place of what is not UTF-8 or no character of XML (control
 * characters but for tab and line feed); "_x0041_", which Excel would read as "A", spelt so that it reads as itself; cut
 * to XLSX_TEXT_MAX. NULL: out of memory. */
const char *xlsx_clean(struct xlsx_room *room, const char *s, size_t len);

/* A name for a sheet, like `want`: without what Excel forbids, not too long, nothing that it would take for a cell or a number, and
 * other than those that `taken` says are taken. Returns out. */
char *xlsx_sheet_name(char out[XLSX_NAME_LEN], const char *want,
                      bool (*taken)(const void *ud, const char *name), const void *ud);

#endif
