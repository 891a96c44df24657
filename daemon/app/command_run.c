#include <stdio.h>
#include <string.h>

#include "command.h"
#include "service.h"

int command_run(int argc, char **argv)
{
    enum service_fault fault = SERVICE_FAILED;
    struct err e = {""};
    if (argc != 3 || strcmp(argv[1], "-c") != 0)
        return command_usage_error("run", "wants -c FILE");
    struct service *s = service_new(argv[2], &fault, &e);
    if (s == NULL) {
        fprintf(stderr, "%s\n", e.text);
        return fault == SERVICE_BAD_CONFIG ? EXIT_BAD_CONFIG : EXIT_RUNTIME;
    }
    service_run(s);
    service_free(s);
    return EXIT_DONE;
}
