/* SPDX-License-Identifier: MIT */
/* The memory functions that a compiler calls by itself, and two for strings. */
#include "freestanding_string.h"

void *memcpy(void *restrict to, const void *restrict from, size_t bytes)
{
	void *result = to;

	__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(bytes) : : "memory");
	return result;
}

void *memset(void *to, int value, size_t bytes)
{
	void *result = to;

	__asm__ volatile("rep stosb" : "+D"(to), "+c"(bytes) : "a"(value) : "memory");
	return result;
}

void *memmove(void *to, const void *from, size_t bytes)
{
	char *last = (char *)to + bytes - 1;
	const char *from_last = (const char *)from + bytes - 1;

	if ((const char *)to <= (const char *)from || (const char *)to > from_last)
		return memcpy(to, from, bytes);
	__asm__ volatile("std; rep movsb; cld"
			 : "+D"(last), "+S"(from_last), "+c"(bytes)
			 :
			 : "memory");
	return to;
}

int memcmp(const void *a, const void *b, size_t bytes)
{
	const unsigned char *x = a, *y = b;

	for (size_t i = 0; i < bytes; i++)
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

int strcmp(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return (unsigned char)*a - (unsigned char)*b;
}
