#include <stdio.h>
#include <string.h>

#include "command.h"
#include "token.h"

#define TEAMS "teams="

/* The token goes to stderr, so that the other can be appended to the file without it. */
int command_token(int argc, char **argv)
{
    char text[TOKEN_TEXT_LEN], hex[TOKEN_HEX_LEN];
    enum token_role role;
    struct token_teams teams;
    struct err e = {""};
    if (argc != 3 && argc != 4)
        return command_usage_error("token", "wants NAME, a role and perhaps teams=TEAM,...");
    if (!token_name_ok(argv[1], strlen(argv[1])))
        return command_usage_error("token", "a name is 1 to %d letters, digits and . _ - @", TOKEN_NAME_MAX);
    if (!token_role_by_name(argv[2], strlen(argv[2]), &role))
        return command_usage_error("token", "\"%s\" is not one of " TOKEN_ROLE_WORDS, argv[2]);
    if (argc == 4 && strncmp(argv[3], TEAMS, strlen(TEAMS)) != 0)
        return command_usage_error("token", "\"%s\" does not begin with " TEAMS, argv[3]);
    if (argc == 4 && !token_teams_read(&teams, argv[3] + strlen(TEAMS), strlen(argv[3] + strlen(TEAMS)), &e))
        return command_usage_error("token", "%s", e.text);
    if (!token_make(text, hex)) {
        fprintf(stderr, "ehcwatchd token: the system gives no random numbers\n");
        return EXIT_RUNTIME;
    }
    printf("%s %s sha256:%s%s%s\n", argv[1], token_role_name(role), hex, argc == 4 ? " " : "",
           argc == 4 ? argv[3] : "");
    if (fflush(stdout) != 0)
        return EXIT_RUNTIME;
    fprintf(stderr, "%s\n", text);
    return EXIT_DONE;
}
