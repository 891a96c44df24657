#include "source_sql.h"

#include <string.h>

#include "buf.h"

/* The reference goes as the digits of its bytes: no quoting to get wrong. */
static void only_ref(struct buf *b, const char *ref)
{
    buf_text(b, "WHERE case_id IN (SELECT k.case_id FROM casework.ehc_case k WHERE k.case_ref::text = "
                "convert_from(decode('");
    for (; *ref != '\0'; ref++)
        buf_printf(b, "%02x", (unsigned char)*ref);
    buf_text(b, "', 'hex'), 'UTF8'))");
}

static void only_ids(struct buf *b, const int64_t *ids, size_t n)
{
    buf_text(b, "WHERE case_id = ANY ('{");
    for (size_t i = 0; i < n; i++)
        buf_printf(b, "%s%lld", i > 0 ? "," : "", (long long)ids[i]);
    buf_text(b, "}'::bigint[])");
}

char *source_sql(const char *query, const struct source_reading *how)
{
    static const char mark[] = "/*only*/";
    const char *at = strstr(query, mark);
    struct buf b = {0};
    buf_bytes(&b, query, (size_t)(at - query));
    if (how->case_ref != NULL)
        only_ref(&b, how->case_ref);
    else if (how->only != NULL)
        only_ids(&b, how->only, how->n_only);
    buf_text(&b, at + strlen(mark));
    return buf_take(&b, NULL);
}
