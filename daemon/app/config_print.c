#include "config.h"

#include <string.h>

/* A string as config_load reads it back: the three characters that mean something there are escaped. */
static void put_string(FILE *out, const char *s)
{
    fputc('"', out);
    for (; *s != '\0'; s++) {
        if (strchr("\\\"$", *s) != NULL)
            fputc('\\', out);
        fputc(*s, out);
    }
    fputc('"', out);
}

static void put_word(FILE *out, const char *words, int index)
{
    for (; index > 0; index--)
        words += strcspn(words, " ") + 1;
    fprintf(out, "\"%.*s\"", (int)strcspn(words, " "), words);
}

static void put_list(FILE *out, const struct config_list *list)
{
    fputc('{', out);
    for (size_t i = 0; i < list->n; i++) {
        fputs(i > 0 ? ", " : "", out);
        put_string(out, list->item[i]);
    }
    fputc('}', out);
}

static void put_option(FILE *out, const struct config_option *o, const char *indent, const void *at)
{
    const char *text = o->type == CONFIG_TEXT ? *(char *const *)at : "";
    fprintf(out, "%s# %s\n", indent, o->help);
    fprintf(out, "%s%s%s = ", text == NULL ? "# " : "", indent, o->name);
    switch (o->type) {
    case CONFIG_TEXT:
        put_string(out, text != NULL ? text : "");
        break;
    case CONFIG_INT:
        fprintf(out, "%d", *(const int *)at);
        break;
    case CONFIG_BOOL:
        fputs(*(const bool *)at ? "true" : "false", out);
        break;
    case CONFIG_WORD:
        put_word(out, o->words, *(const int *)at - o->min);
        break;
    case CONFIG_LIST:
        put_list(out, at);
        break;
    }
    fputc('\n', out);
}

static void put_section(FILE *out, const char *section, const void *base)
{
    for (const struct config_option *o = config_options; o->name != NULL; o++)
        if (strcmp(o->section, section) == 0)
            put_option(out, o, section[0] != '\0' ? "    " : "", (const char *)base + o->offset);
}

void config_print(const struct config *c, FILE *out)
{
    put_section(out, "", c);
    for (const struct config_section *kind = config_sections; kind->name != NULL; kind++) {
        const char *at = *(char *const *)((const char *)c + kind->list);
        size_t n = *(const size_t *)((const char *)c + kind->n);
        for (size_t i = 0; i < n; i++, at += kind->size) {
            const char *name = *(char *const *)at;
            if (name != NULL)
                fprintf(out, "\n%s \"%s\" {\n", kind->name, name);
            else
                fprintf(out, "\n%s {\n", kind->name);
            put_section(out, kind->name, at);
            fputs("}\n", out);
        }
    }
}
