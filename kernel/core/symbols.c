/* SPDX-License-Identifier: MIT */
/* Look-up of function names. */
#include "core/symbols.h"
#include "core/string.h"

/* Name of symbol i: from the start of its block, step over those before it. */
static const char *symbol_name(u32 i)
{
	const char *s = symbol_names + symbol_block[i / SYMBOL_BLOCK];

	for (u32 n = i % SYMBOL_BLOCK; n; n--)
		s += strlen(s) + 1;
	return s;
}

bool symbol_lookup(u64 addr, const char **name, u64 *offset)
{
	u64 off = addr - symbol_base;
	u32 low = 0, high = symbol_count; /* the last one <= off is in [low, high) */

	if (!symbol_count || off >= symbol_text_bytes)
		return false;
	while (high - low > 1) {
		u32 mid = low + (high - low) / 2;

		if (symbol_offset[mid] <= off)
			low = mid;
		else
			high = mid;
	}
	*name = symbol_name(low);
	*offset = off - symbol_offset[low];
	return true;
}

u64 symbol_address(const char *name)
{
	for (u32 i = 0; i < symbol_count; i++)
		if (strcmp(symbol_name(i), name) == 0)
			return symbol_base + symbol_offset[i];
	return 0;
}
