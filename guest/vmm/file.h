/* SPDX-License-Identifier: MIT */
/* Files as memory. */
#ifndef VMM_FILE_H
#define VMM_FILE_H

#include <stddef.h>

struct file {
	const void *bytes; /* NULL: not open */
	size_t size;
};

/* Map a file, which is not empty. NULL, or what is wrong. */
const char *file_open(struct file *f, const char *path);

/* Nothing if it is not open. */
void file_close(struct file *f);

#endif
