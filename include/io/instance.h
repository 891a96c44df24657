/* Which process this is, in one word that no other process ever has: "host:pid:rest".
 *
 * The rest says so much of the machine (the id of its boot), of the process (pid namespace, start) and of chance that another process
 * can tell from the word alone whether its owner has ended. It is read from /proc; where that says too little, as under a unit
 * that hides it and does not pass the boot id in $EHCWATCHD_BOOT_ID, the word is as good but nothing can be told from it. */
#ifndef EHCWATCH_INSTANCE_H
#define EHCWATCH_INSTANCE_H

#include <stdbool.h>
#include <sys/types.h>

#define INSTANCE_LEN 160

/* The word of process `pid` of this machine. The random part makes it a new one at each call: a process asks once. */
void instance_name(pid_t pid, char name[INSTANCE_LEN]);

/* Whether the process of that name has certainly ended: it was one of this boot of this machine and of this process's pid namespace,
 * and its pid is free or somebody else's. False also when that cannot be told. */
bool instance_ended(const char *name);

#endif
