#include "page_cell.h"

#include <string.h>

#include "delivery_text.h"
#include "html.h"

void page_cell(struct buf *b, const struct cell *c, int decimals)
{
    switch (c->type) {
    case CELL_TEXT:
    case CELL_CASE:
    case CELL_STATE:
        html_name_bytes(b, c->text, c->len);
        break;
    case CELL_INT:
        html_count(b, c->n);
        break;
    case CELL_NUMBER:
        html_number(b, c->x, decimals);
        break;
    case CELL_SHARE:
        html_share(b, c->x, decimals > 2); /* one digit is as much as anybody reads */
        break;
    case CELL_DATE:
        html_day(b, c->day, HTML_DAY_SHORT);
        break;
    case CELL_BOOL:
        buf_text(b, c->n != 0 ? "Yes" : "No");
        break;
    case CELL_TIME:
        buf_london(b, c->n);
        break;
    case CELL_NONE:
        break;
    }
}

const char *page_how(const struct cell *c)
{
    static const char *const how[][2] = {
        {"met", "Done in time"},       {"met_late", "Done late"},
        {"void", "No longer owed"},    {"excepted", "An exception holds"},
        {"missed", "Missed for good"}, {"restated", "Date or facts corrected"}};
    for (size_t i = 0; i < sizeof how / sizeof how[0]; i++)
        if (strlen(how[i][0]) == c->len && memcmp(how[i][0], c->text, c->len) == 0)
            return how[i][1];
    return NULL;
}
