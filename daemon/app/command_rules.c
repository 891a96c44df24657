#include <stdio.h>
#include <string.h>

#include "command.h"
#include "local_rules.h"
#include "rules_text.h"

/* The table, or with a file the one that the file makes of it. */
static struct rulebook *rules_of(const char *file, int *code)
{
    struct err e = {""};
    *code = EXIT_RUNTIME;
    struct rulebook *rb = NULL;
    if (file == NULL) {
        rb = rulebook_new();
    } else {
        struct config *c = config_load(file, limit_known, &e);
        if (c == NULL)
            *code = EXIT_BAD_CONFIG;
        else
            rb = local_rules(c);
        config_free(c);
    }
    if (rb == NULL)
        fprintf(stderr, "%s\n", e.text[0] != '\0' ? e.text : "ehcwatchd rules: out of memory");
    return rb;
}

int command_rules(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*write)(struct buf *, const struct rulebook *);
    } formats[] = {{"text", rules_text}, {"csv", rules_csv}, {"json", rules_json}};
    const char *format = "text", *file = NULL;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--format") == 0 && i + 1 < argc)
            format = argv[++i];
        else if (strncmp(argv[i], "--format=", 9) == 0)
            format = argv[i] + 9;
        else if (strcmp(argv[i], "-c") == 0 && i + 1 < argc && file == NULL)
            file = argv[++i];
        else
            return command_usage_error("rules", "unexpected argument \"%s\"", argv[i]);
    }
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        if (strcmp(format, formats[i].name) != 0)
            continue;
        int code;
        struct buf b = {0};
        struct rulebook *rb = rules_of(file, &code);
        if (rb == NULL)
            return code;
        formats[i].write(&b, rb);
        rulebook_unref(rb);
        size_t len;
        char *text = buf_take(&b, &len);
        return command_output(text, len);
    }
    return command_usage_error("rules", "unknown format \"%s\" (text, csv or json)", format);
}
