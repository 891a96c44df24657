/* The forms that one answer can have: which is asked for, by the suffix of the address or by the Accept header. The same for every part. */
#ifndef EHCWATCH_ANSWER_FORM_H
#define EHCWATCH_ANSWER_FORM_H

#include <stdbool.h>

enum answer_form {
    FORM_JSON, /* unless another is asked for */
    FORM_HTML,
    FORM_XLSX,
    FORM_CSV,
    FORM_COUNT,
};

/* Sets of forms: what an address offers. */
#define FORM_BIT(form) (1u << (form))
#define FORMS_TABLE    (FORM_BIT(FORM_JSON) | FORM_BIT(FORM_CSV))
#define FORMS_BOOK     (FORMS_TABLE | FORM_BIT(FORM_XLSX))

struct answer_type {
    const char *suffix; /* ".csv" */
    const char *media;  /* as Accept names it */
    const char *content_type;
    bool file; /* a browser keeps it as a file */
};

extern const struct answer_type answer_types[FORM_COUNT];

/* The form that the suffix stands for, if it is one of those on offer; FORM_COUNT: none. */
enum answer_form answer_form_suffix(const char *suffix, unsigned offered);

/* The form of those on offer that the Accept header likes best; of several the later in the enum, without one that is named FORM_JSON. A NULL header
 * names none. */
enum answer_form answer_form_accepted(const char *accept, unsigned offered);

/* The quality of a media type in an Accept header (NULL: none); 0 when it is not named there. */
double accept_quality(const char *accept, const char *media);

#endif
