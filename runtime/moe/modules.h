/* SPDX-License-Identifier: MIT */
/* Boot modules: the files of the first namespaces. */
#ifndef MOE_MODULES_H
#define MOE_MODULES_H

#include <stdbool.h>
#include <stddef.h>

/* Make `rom` and `rwfs` from the boot modules. */
void modules_init(void);

/*
 * Name of a module from its command line: the last part of the first word's path. *length = its
 * characters; *writable = a further word is ":rw". Pure.
 */
const char *module_name(const char *command_line, size_t *length, bool *writable);

#endif
