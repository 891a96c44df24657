#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "count.h"

/* Counts that mean nothing without a number. */
static bool takes_number(enum limit_count c)
{
    return c != COUNT_BEFORE_15_FEB && c != COUNT_BEFORE_31_MAR && c != COUNT_TRANSFER_REVIEW_MONTHS;
}

int command_count(int argc, char **argv)
{
    civil_day start;
    long n = 0;
    char text[CIVIL_TEXT_LEN];
    if (argc < 3 || argc > 4)
        return command_usage_error("count", "wants COUNT START [N]");
    enum limit_count count = limit_count_by_name(argv[1]);
    if (count == COUNT_COUNT) {
        fprintf(stderr, "ehcwatchd count: there is no count \"%s\"; there are:", argv[1]);
        for (int c = 0; c < COUNT_COUNT; c++)
            fprintf(stderr, " %s", limit_count_name((enum limit_count)c));
        fprintf(stderr, "\n");
        return EXIT_USAGE;
    }
    if (!civil_parse(argv[2], strlen(argv[2]), &start))
        return command_usage_error("count", "START \"%s\" is not a date of 1900 to 2199 (YYYY-MM-DD)",
                                   argv[2]);
    if (argc == 4 && argv[3][0] != '\0') {
        char *end;
        errno = 0;
        n = strtol(argv[3], &end, 10);
        if (errno != 0 || *end != '\0' || n < 0 || n > 10000)
            return command_usage_error("count", "N \"%s\" is not a number of 0 to 10000", argv[3]);
    } else if (takes_number(count)) {
        return command_usage_error("count", "%s wants a number N", argv[1]);
    }
    struct calendar cal;
    bool exhausted = false;
    calendar_builtin(&cal);
    civil_day due = count_due(count, (int)n, start, &cal, NULL, start, &exhausted);
    printf("%s\n", civil_format(due, text));
    if (exhausted)
        fprintf(stderr, "ehcwatchd count: past the last year of known bank holidays (%d): weekends only\n",
                civil_to_ymd(cal.last_known).year);
    return fflush(stdout) == 0 ? EXIT_DONE : EXIT_RUNTIME;
}
