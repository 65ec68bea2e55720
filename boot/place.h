/* SPDX-License-Identifier: MIT */
/* Takes memory from the map, or halts with an error line. */
#ifndef BOOT_PLACE_H
#define BOOT_PLACE_H

#include <stdint.h>

#include "memmap.h"

/*
 * Everything that the boot stage places itself lies in these bounds: above the memory that
 * firmware uses in odd ways, and where 32-bit code can reach it.
 */
#define PLACE_MIN (1ULL << 20)
#define PLACE_MAX (4ULL << 30)

/* As memmap_mark(). */
void claim(struct memmap *map, uint64_t start, uint64_t end, enum mem_type type, unsigned rights);

/* As memmap_find(). @what: for the error line. */
uint64_t find_memory(const struct memmap *map, const struct mem_request *request, const char *what);

#endif
