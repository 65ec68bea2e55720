/* SPDX-License-Identifier: MIT */
/* Memory and string functions. */
#include "lib.h"

void *memcpy(void *to, const void *from, size_t size)
{
	void *d = to;
	size_t words = size / 8, bytes = size % 8;

	__asm__ volatile("rep movsq" : "+D"(d), "+S"(from), "+c"(words) : : "memory");
	__asm__ volatile("rep movsb" : "+D"(d), "+S"(from), "+c"(bytes) : : "memory");
	return to;
}

static void copy_down(void *to, const void *from, size_t size)
{
	size_t words = size / 8, bytes = size % 8;
	void *d = (char *)to + size - 1;
	const void *s = (const char *)from + size - 1;

	__asm__ volatile("std; rep movsb" : "+D"(d), "+S"(s), "+c"(bytes) : : "memory");
	d = (char *)d - 7;
	s = (const char *)s - 7;
	__asm__ volatile("rep movsq; cld" : "+D"(d), "+S"(s), "+c"(words) : : "memory");
}

void *memmove(void *to, const void *from, size_t size)
{
	if ((uintptr_t)to - (uintptr_t)from >= size)
		return memcpy(to, from, size);
	copy_down(to, from, size);
	return to;
}

void *memset(void *to, int value, size_t size)
{
	void *d = to;
	size_t words = size / 8, bytes = size % 8;
	uint64_t pattern = (uint8_t)value * 0x0101010101010101ULL;

	__asm__ volatile("rep stosq" : "+D"(d), "+c"(words) : "a"(pattern) : "memory");
	__asm__ volatile("rep stosb" : "+D"(d), "+c"(bytes) : "a"(pattern) : "memory");
	return to;
}

int memcmp(const void *a, const void *b, size_t size)
{
	const uint8_t *x = a, *y = b;

	for (size_t i = 0; i < size; i++)
		if (x[i] != y[i])
			return x[i] - y[i];
	return 0;
}

size_t strlen(const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	return n;
}
