/* SPDX-License-Identifier: MIT */
/*
 * Names of a Linux kernel's addresses, from the table that each kernel carries in its read-only
 *data for its own messages (CONFIG_KALLSYMS). Pure. The table has no head: it is found by its
 *parts, which lie together. Names are sequences of tokens; a token is a string of the token table.
 *
 *	older kernels	offsets, base, count, names, markers, (order,) token table, token index
 *	since 6.4	count, names, markers, token table, token index, offsets, base
 *
 * Each part begins at a multiple of 8. A marker is where each 256th name is. The bytes are the
 *guest's and may change at any time: nothing outside of them is read, names may be nonsense.
 */
#ifndef VMM_KALLSYMS_H
#define VMM_KALLSYMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct kallsyms {
	const uint8_t *bytes; /* that the table is in */
	size_t size;
	size_t offsets, names, markers, tokens, index; /* where its parts are */
	uint64_t base;
	uint32_t count;
};

/* Find the table. False: there is none; no name is found by *k then. */
bool kallsyms_find(const uint8_t *bytes, size_t size, struct kallsyms *k);

/* As symbols_find(). */
bool kallsyms_name(const struct kallsyms *k, uint64_t address, char *to, size_t room);

#endif
