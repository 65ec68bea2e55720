/* SPDX-License-Identifier: MIT */
/* Hash table of names. */
#include <string.h>
#include "names.h"

static unsigned bucket_of(const char *text, size_t length)
{
	unsigned hash = 5381;

	for (size_t i = 0; i < length; i++)
		hash = hash * 33 ^ (unsigned char)text[i];
	return (hash ^ hash >> 16) % NAMES_BUCKETS;
}

struct name *names_find(const struct names *n, const char *text, size_t length)
{
	struct name *at = n->buckets[bucket_of(text, length)];

	while (at && (at->length != length || memcmp(at->text, text, length) != 0))
		at = at->next;
	return at;
}

void names_insert(struct names *n, struct name *name)
{
	struct name **bucket = &n->buckets[bucket_of(name->text, name->length)];

	name->next = *bucket;
	*bucket = name;
}

void names_remove(struct names *n, struct name *name)
{
	struct name **at = &n->buckets[bucket_of(name->text, name->length)];

	while (*at != name)
		at = &(*at)->next;
	*at = name->next;
}

struct name *names_next(const struct names *n, const struct name *name)
{
	unsigned bucket = 0;

	if (name && name->next)
		return name->next;
	if (name)
		bucket = bucket_of(name->text, name->length) + 1;
	while (bucket < NAMES_BUCKETS && !n->buckets[bucket])
		bucket++;
	return bucket < NAMES_BUCKETS ? n->buckets[bucket] : NULL;
}

const char *names_split(const char *path, size_t length, size_t *first, size_t *rest)
{
	const char *slash = length ? memchr(path, '/', length) : NULL;

	*first = slash ? (size_t)(slash - path) : length;
	*rest = slash ? length - *first - 1 : 0;
	return *rest ? slash + 1 : NULL;
}

bool names_valid(const char *text, size_t length)
{
	return length > 0 && length <= NAMES_LENGTH_MAX && !memchr(text, '/', length);
}
