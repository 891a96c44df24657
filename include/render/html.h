/* HTML, written so that nothing that a database or a client holds is ever markup.
 *
 * Every byte that is not a constant of the program goes through one of these. Bytes that are no UTF-8, control characters and
 * the controls of writing direction (U+202A..U+202E, U+2066..U+2069), which could make a reference read as another, become U+FFFD
 * in what people see. Pure. */
#ifndef EHCWATCH_HTML_H
#define EHCWATCH_HTML_H

#include "buf.h"
#include "civil.h"

/* Text between tags; safe within a quoted attribute, too. */
void html_text(struct buf *b, const char *s);
void html_bytes(struct buf *b, const char *s, size_t len);

/* A name of the council's: the same, isolated (<bdi>), so that letters which are written from the right do not move their neighbours. */
void html_name(struct buf *b, const char *s);
void html_name_bytes(struct buf *b, const char *s, size_t len);

/* ` name="value"`, the value as it is, for a form that sends it back; bytes that are no UTF-8 become U+FFFD. `name` is a constant. */
void html_attr(struct buf *b, const char *name, const char *value);

/* Part of an address: everything but letters, digits and -._~ as %XX. Safe anywhere in HTML. */
void html_url_part(struct buf *b, const char *s, size_t len);

/* A first letter as a capital, of ASCII text that begins a sentence or a cell. */
void html_sentence(struct buf *b, const char *s);

/* "Jan" for 1 */
const char *html_month(int month);

/* <time datetime="2026-03-04">4 March 2026</time>; short: "4 Mar 2026", for columns; full: with its weekday. Nothing for CIVIL_NONE. */
enum html_day { HTML_DAY, HTML_DAY_SHORT, HTML_DAY_FULL };
void html_day(struct buf *b, civil_day d, enum html_day how);

/* "12,345", "-3" */
void html_count(struct buf *b, int64_t n);

/* A number with that many decimals and commas between thousands; as a share: 0.203 with one is "20.3%". */
void html_number(struct buf *b, double x, int decimals);
void html_share(struct buf *b, double x, int decimals);

#endif
