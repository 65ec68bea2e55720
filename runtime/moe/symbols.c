/* SPDX-License-Identifier: MIT */
/* Look-up of function names. */
#include <string.h>
#include "symbols.h"

struct table {
	uint32_t magic, count;
	uint32_t offsets[];
};

static bool is_table(const struct table *t, size_t bytes)
{
	return bytes >= sizeof(*t) && t->magic == SYMBOLS_MAGIC &&
	       t->count <= (bytes - sizeof(*t)) / sizeof(t->offsets[0]);
}

/* How many functions begin at or before the offset. */
static uint32_t begun(const struct table *t, uint64_t offset)
{
	uint32_t low = 0, high = t->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (t->offsets[middle] <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Name number n, which may not be empty; NULL if the table ends before. */
static const char *name_of(const struct table *t, size_t bytes, uint32_t n)
{
	const char *name = (const char *)&t->offsets[t->count], *end = (const char *)t + bytes;

	for (;; n--) {
		const char *nul = memchr(name, 0, (size_t)(end - name));

		if (!nul)
			return NULL;
		if (!n)
			return *name ? name : NULL;
		name = nul + 1;
	}
}

const char *symbols_find(const void *table, size_t bytes, uint64_t offset, uint64_t *distance)
{
	const struct table *t = table;
	uint32_t count;

	if (!is_table(t, bytes))
		return NULL;
	count = begun(t, offset);
	if (!count)
		return NULL;
	*distance = offset - t->offsets[count - 1];
	return name_of(t, bytes, count - 1);
}
