/* Replays inputs through a fuzz target, for compilers without libFuzzer: each file, and each file of each folder, named on
 * the command line. The last name is on standard error when the target aborts. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay(const char *name)
{
    static uint8_t bytes[1 << 22];
    FILE *f = fopen(name, "rb");
    if (f == NULL) {
        perror(name);
        return 1;
    }
    size_t n = fread(bytes, 1, sizeof bytes, f);
    fclose(f);
    uint8_t *copy = malloc(n > 0 ? n : 1); /* of its own size, so that a read past the end is seen */
    if (copy == NULL)
        abort();
    memcpy(copy, bytes, n);
    fprintf(stderr, "%s\n", name);
    LLVMFuzzerTestOneInput(copy, n);
    free(copy);
    return 0;
}

int main(int argc, char **argv)
{
    int failed = 0, n = 0;
    for (int i = 1; i < argc; i++) {
        DIR *folder = opendir(argv[i]);
        struct dirent *entry;
        if (folder == NULL) {
            failed += replay(argv[i]);
            n++;
            continue;
        }
        while ((entry = readdir(folder)) != NULL) {
            char name[4096];
            if (entry->d_name[0] == '.')
                continue;
            snprintf(name, sizeof name, "%s/%s", argv[i], entry->d_name);
            failed += replay(name);
            n++;
        }
        closedir(folder);
    }
    printf("%d inputs replayed\n", n);
    return failed > 0 || n == 0;
}
