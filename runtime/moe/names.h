/* SPDX-License-Identifier: MIT */
/* Tables of names, and the parts of a path. Pure. */
#ifndef MOE_NAMES_H
#define MOE_NAMES_H

#include <stdbool.h>
#include <stddef.h>

enum { NAMES_BUCKETS = 16, NAMES_LENGTH_MAX = 200 };

/* Part of the caller's entry. The characters follow the caller's structure. */
struct name {
	struct name *next;
	size_t length;
	const char *text; /* not NUL-terminated */
};

/* All zeros is empty. */
struct names {
	struct name *buckets[NAMES_BUCKETS];
};

struct name *names_find(const struct names *n, const char *text, size_t length);
void names_insert(struct names *n, struct name *name);
void names_remove(struct names *n, struct name *name);

/* Walk all: the name after `name`, or the first for NULL. NULL at the end. */
struct name *names_next(const struct names *n, const struct name *name);

/*
 * Cut a path at its first '/'. *first = length of the first part; the result is the rest without
 * that '/', *rest its length. No rest: NULL and 0.
 */
const char *names_split(const char *path, size_t length, size_t *first, size_t *rest);

/* True if an entry can have that name: not empty, no '/', not too long. */
bool names_valid(const char *text, size_t length);

#endif
