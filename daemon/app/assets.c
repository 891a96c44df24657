#include "assets.h"

#include <stdlib.h>
#include <string.h>

const char *asset_path(const char *name)
{
    for (const struct asset *a = assets; a->name != NULL; a++)
        if (strcmp(a->name, name) == 0)
            return a->path;
    abort();
}

const struct asset *asset_at(const char *path)
{
    for (const struct asset *a = assets; a->name != NULL; a++)
        if (strcmp(a->path, path) == 0)
            return a;
    return NULL;
}
