/* The encodings of mail: RFC 5322 headers, RFC 2047 words, RFC 2045 quoted-printable. Private to render. */
#ifndef EHCWATCH_MAIL_TEXT_H
#define EHCWATCH_MAIL_TEXT_H

#include "buf.h"
#include "civil.h"

/* "Name: value" CR LF, folded. A value that is more than printable ASCII becomes encoded words; a line end in it becomes
 * a blank. */
void mail_header(struct buf *b, const char *name, const char *value);

/* "Date: Mon, 15 Jun 2026 11:00:00 +0000" of microseconds since 1970. */
void mail_date(struct buf *b, int64_t us);

/* Text with LF line ends as quoted-printable with CR LF, no line longer than 76 characters. */
void mail_quoted(struct buf *b, const char *text);

/* A local part for a message id: letters and digits as they are, every other byte as =XX would be, with '_' for '='. */
void mail_id_part(struct buf *b, const char *text);

#endif
