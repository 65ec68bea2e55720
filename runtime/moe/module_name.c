/* SPDX-License-Identifier: MIT */
/* Names of boot modules. */
#include <string.h>
#include "modules.h"

const char *module_name(const char *command_line, size_t *length, bool *writable)
{
	const char *start = command_line + strspn(command_line, " "), *name = start;
	const char *end = start + strcspn(start, " "), *at = end;

	for (const char *p = start; p < end; p++)
		if (*p == '/')
			name = p + 1;
	*length = (size_t)(end - name);
	*writable = false;
	while (*(at += strspn(at, " "))) {
		size_t word = strcspn(at, " ");

		if (word == 3 && memcmp(at, ":rw", 3) == 0)
			*writable = true;
		at += word;
	}
	return name;
}
