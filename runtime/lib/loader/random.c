/* SPDX-License-Identifier: MIT */
/* Random bytes from the processor. */
#include "loader/random.h"

#include <cpuid.h>
#include <stdbool.h>

enum { RETRIES = 10 };

static bool rdrand(unsigned long *value)
{
	unsigned char ok = 0;

	for (int i = 0; i < RETRIES && !ok; i++)
		__asm__ volatile("rdrand %0; setc %1" : "=r"(*value), "=qm"(ok) : : "cc");
	return ok;
}

static bool has_rdrand(void)
{
	unsigned a, b, c, d;

	return __get_cpuid(1, &a, &b, &c, &d) && (c & bit_RDRND);
}

/* Spread the low bits of the counter over the word (the finalizer of splitmix64). */
static unsigned long from_counter(void)
{
	unsigned long z = __builtin_ia32_rdtsc();

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9UL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebUL;
	return z ^ (z >> 31);
}

void loader_random(unsigned char *buffer, size_t bytes)
{
	bool generator = has_rdrand();

	while (bytes) {
		size_t n = bytes < sizeof(long) ? bytes : sizeof(long);
		unsigned long value = 0;

		if (!generator || !rdrand(&value))
			value = from_counter();
		__builtin_memcpy(buffer, &value, n);
		buffer += n;
		bytes -= n;
	}
}
