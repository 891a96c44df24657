/* What the pages for people need beside their HTML, compiled in: the style sheet and the icon of daemon/render/. */
#ifndef EHCWATCH_ASSETS_H
#define EHCWATCH_ASSETS_H

struct asset {
    const char *name; /* of the file; NULL ends the table */
    const char *
        path; /* "/assets/page-HASH.css": another text has another address, so that it can be kept for good */
    const char *content_type, *text;
};

extern const struct asset assets[];

#define ASSET_PATH "/assets/"
#define ASSET_KEEP "public, max-age=31536000, immutable"

/* The address of the file of that name, which is a constant of the program: an unknown one aborts. */
const char *asset_path(const char *name);

/* NULL: there is none at that address. */
const struct asset *asset_at(const char *path);

#endif
