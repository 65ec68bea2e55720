/* SPDX-License-Identifier: MIT */
/* Reads cpio archives in the "newc" form (cpio(5)). Pure code. */
#ifndef BOOT_CPIO_H
#define BOOT_CPIO_H

#include <stdbool.h>
#include <stdint.h>

struct cpio_file {
	const char *name; /* NUL-terminated, inside the archive, without a leading "./" */
	uint64_t offset;  /* of the contents, bytes from the start of the archive */
	uint64_t size;	  /* bytes */
	bool regular;	  /* no directory, link or device */
};

/* Whether the block starts like an archive. */
bool cpio_is(const void *archive, uint64_t size);

/*
 * Read the next member. @at: offset in the archive, 0 for the first; moved on.
 * Returns 1 and @file, 0 at the end, -L4_EINVAL if the archive is damaged.
 */
int cpio_next(const void *archive, uint64_t size, uint64_t *at, struct cpio_file *file);

#endif
