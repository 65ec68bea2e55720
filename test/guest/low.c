/* SPDX-License-Identifier: MIT */
/*
 * A guest that wants to be where vmm unpacks most files (kernel.ld, `place`), two pages behind: so
 * its text would overwrite its data in the file. It looks at what it is made of.
 */
#include "lib/kernel.h"

enum { PAGE = 4096, STEP = 7, UNPACKED = 14 << 20 };

#define FOUR(n) \
	(uint8_t)(n), (uint8_t)((n) + STEP), (uint8_t)((n) + 2 * STEP), (uint8_t)((n) + 3 * STEP)
#define SIXTEEN(n) FOUR(n), FOUR((n) + 4 * STEP), FOUR((n) + 8 * STEP), FOUR((n) + 12 * STEP)
static volatile uint8_t data[] = { SIXTEEN(1), SIXTEEN(1 + 16 * STEP), SIXTEEN(1 + 32 * STEP) };
static uint8_t zero[PAGE];

static bool is_zero(const uint8_t *from, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		if (from[i])
			return false;
	return true;
}

static bool data_is_right(void)
{
	for (unsigned i = 0; i < sizeof(data); i++)
		if (data[i] != (uint8_t)(1 + i * STEP))
			return false;
	return true;
}

void kernel_main(void)
{
	const uint8_t *file = at_frame(UNPACKED / PAGE);

	ok(data_is_right(), "a kernel can be where its file was unpacked");
	ok(is_zero(zero, sizeof(zero)) && is_zero(file, 2 * PAGE), "nothing is left of the file");
}
