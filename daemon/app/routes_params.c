/* What is asked for with a request, before anybody reads it. */
#include <string.h>

#include "routes_int.h"
#include "utf8.h"

/* The first parameter that is none of these, or NULL. */
static const char *stranger(const char *const *params, const struct httpd_request *q)
{
    for (size_t i = 0; i < q->param_count; i++) {
        const char *const *known = params;
        while (*known != NULL && strcmp(*known, q->params[i].name) != 0)
            known++;
        if (*known == NULL)
            return q->params[i].name;
    }
    return NULL;
}

/* The first parameter whose value is no text, or NULL: a database would refuse it. */
static const char *no_text(const struct httpd_request *q)
{
    for (size_t i = 0; i < q->param_count; i++)
        if (!utf8_valid(q->params[i].value))
            return q->params[i].name;
    return NULL;
}

/* Words of which several can be asked for, each given once more; where one alone can be, its reader refuses a second. */
static bool may_repeat(const char *name)
{
    static const char *const lists[] = {"limit", "kind", "state", "locality",  "team",  "officer",
                                        "band",  "age",  "stage", "exception", "change"};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        if (strcmp(lists[i], name) == 0)
            return true;
    return false;
}

/* The first parameter with two values, of which one would be passed over, or NULL. An empty one is a form's "all". */
static const char *repeated(const struct httpd_request *q)
{
    for (size_t i = 0; i < q->param_count; i++)
        for (size_t k = 0; k < i; k++)
            if (*q->params[i].value != '\0' && *q->params[k].value != '\0' &&
                strcmp(q->params[i].name, q->params[k].name) == 0 && !may_repeat(q->params[i].name))
                return q->params[i].name;
    return NULL;
}

bool routes_takes(const char *path, const char *const *params, const struct httpd_request *q,
                  struct httpd_reply *reply)
{
    const char *name;
    if ((name = stranger(params, q)) != NULL)
        httpd_problem(reply, 400, "Unknown parameter", "%s takes no parameter %s", path, name);
    else if ((name = no_text(q)) != NULL)
        httpd_problem(reply, 400, "Unknown value", "%s is not UTF-8", name);
    else if ((name = repeated(q)) != NULL)
        httpd_problem(reply, 400, "Unknown value", "%s is given twice", name);
    return name == NULL;
}
