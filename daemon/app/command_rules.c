#include <stdio.h>
#include <string.h>

#include "command.h"
#include "rules_text.h"

int command_rules(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*write)(struct buf *, const struct rulebook *);
    } formats[] = {{"text", rules_text}, {"csv", rules_csv}, {"json", rules_json}};
    const char *format = "text";
    if (argc == 3 && strcmp(argv[1], "--format") == 0)
        format = argv[2];
    else if (argc == 2 && strncmp(argv[1], "--format=", 9) == 0)
        format = argv[1] + 9;
    else if (argc != 1)
        return command_usage_error("rules", "unexpected argument \"%s\"", argv[1]);
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        if (strcmp(format, formats[i].name) != 0)
            continue;
        struct rulebook rb;
        struct buf b = {0};
        rulebook_builtin(&rb);
        formats[i].write(&b, &rb);
        size_t len;
        char *text = buf_take(&b, &len);
        return command_output(text, len);
    }
    return command_usage_error("rules", "unknown format \"%s\" (text, csv or json)", format);
}
