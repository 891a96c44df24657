#include "command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "credentials.h"
#include "limit.h"

static int print(const struct config *c)
{
    char *text = NULL;
    size_t len = 0;
    FILE *f = open_memstream(&text, &len);
    if (f == NULL)
        return command_output(NULL, 0);
    config_print(c, f);
    if (fclose(f) != 0) {
        free(text);
        return command_output(NULL, 0);
    }
    return command_output(text, len);
}

int command_check_config(int argc, char **argv)
{
    const char *file = NULL;
    bool show = false;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--print") == 0)
            show = true;
        else if (strcmp(argv[i], "-c") == 0 && i + 1 < argc && file == NULL)
            file = argv[++i];
        else
            return command_usage_error("check-config", "unexpected argument \"%s\"", argv[i]);
    }
    if (file == NULL)
        return command_usage_error("check-config", "-c FILE is missing");

    struct err e = {""};
    struct credentials *cr = NULL;
    struct config *c = config_load(file, limit_known, &e);
    int code = EXIT_BAD_CONFIG;
    if (c == NULL)
        goto out;
    cr = credentials_load(file, c, CREDENTIALS_ALL | CREDENTIALS_IF_PASSED, &e);
    if (cr == NULL)
        goto out;
    code = show ? print(c) : EXIT_DONE;
out:
    if (code == EXIT_BAD_CONFIG)
        fprintf(stderr, "%s\n", e.text);
    credentials_free(cr);
    config_free(c);
    return code;
}
