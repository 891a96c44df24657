#include <stdio.h>
#include <string.h>

#include "command.h"
#include "token.h"

/* The token goes to stderr, so that the other can be appended to the file without it. */
int command_token(int argc, char **argv)
{
    char text[TOKEN_TEXT_LEN], hex[TOKEN_HEX_LEN];
    enum token_role role;
    if (argc != 3)
        return command_usage_error("token", "wants NAME and a role");
    if (!token_name_ok(argv[1], strlen(argv[1])))
        return command_usage_error("token", "a name is 1 to %d letters, digits and . _ - @", TOKEN_NAME_MAX);
    if (!token_role_by_name(argv[2], strlen(argv[2]), &role))
        return command_usage_error("token", "\"%s\" is not one of reader, officer, manager, operator",
                                   argv[2]);
    if (!token_make(text, hex)) {
        fprintf(stderr, "ehcwatchd token: the system gives no random numbers\n");
        return EXIT_RUNTIME;
    }
    printf("%s %s sha256:%s\n", argv[1], token_role_name(role), hex);
    if (fflush(stdout) != 0)
        return EXIT_RUNTIME;
    fprintf(stderr, "%s\n", text);
    return EXIT_DONE;
}
