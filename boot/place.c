/* SPDX-License-Identifier: MIT */
/* Takes memory from the map, or halts with an error line. */
#include "place.h"

#include "console.h"

void claim(struct memmap *map, uint64_t start, uint64_t end, enum mem_type type, unsigned rights)
{
	if (memmap_mark(map, start, end, type, rights) < 0)
		fatal("too many memory map entries (more than %u)", MEMMAP_MAX);
}

uint64_t find_memory(const struct memmap *map, const struct mem_request *request, const char *what)
{
	uint64_t start;

	if (memmap_find(map, request, &start) < 0)
		fatal("not enough memory below 4 GiB for %s (%lu KiB)", what, request->size >> 10);
	return start;
}
