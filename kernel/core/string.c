/* SPDX-License-Identifier: MIT */
/*
 * Memory and string functions.
 *
 * Bulk data goes through "rep movsq/stosq" (8 bytes a step); the up to 7 bytes left over are one
 * more 8-byte access that overlaps the bulk. The string instructions are written as assembler, so
 * that no compiler turns a loop into a call of the very function that it is in.
 */
#include "core/string.h"
#include "core/types.h"

/* Unaligned accesses that may alias anything. */
typedef u64 __attribute__((may_alias, aligned(1))) any64;
typedef u32 __attribute__((may_alias, aligned(1))) any32;
typedef u16 __attribute__((may_alias, aligned(1))) any16;

static always_inline void movsq(void *dst, const void *src, size_t words)
{
	__asm__ volatile("rep movsq" : "+D"(dst), "+S"(src), "+c"(words) : : "memory");
}

/* dst and src point to the last word of each buffer. */
static always_inline void movsq_down(void *dst, const void *src, size_t words)
{
	__asm__ volatile("std; rep movsq; cld"
			 : "+D"(dst), "+S"(src), "+c"(words)
			 :
			 : "memory", "cc");
}

/* Copy 0..7 bytes; everything is loaded before anything is stored, so buffers may overlap. */
static always_inline void copy_small(u8 *d, const u8 *s, size_t n)
{
	if (n >= 4) {
		u32 first = *(const any32 *)s, last = *(const any32 *)(s + n - 4);

		*(any32 *)d = first;
		*(any32 *)(d + n - 4) = last;
	} else if (n >= 2) {
		u16 first = *(const any16 *)s, last = *(const any16 *)(s + n - 2);

		*(any16 *)d = first;
		*(any16 *)(d + n - 2) = last;
	} else if (n) {
		*d = *s;
	}
}

void *memcpy(void *restrict dst, const void *restrict src, size_t n)
{
	u8 *d = dst;
	const u8 *s = src;

	if (n < 8) {
		copy_small(d, s, n);
		return dst;
	}
	if (n & 7)
		*(any64 *)(d + n - 8) = *(const any64 *)(s + n - 8);
	movsq(d, s, n / 8);
	return dst;
}

void *memmove(void *dst, const void *src, size_t n)
{
	u8 *d = dst;
	const u8 *s = src;
	u64 edge;

	if (n < 8) {
		copy_small(d, s, n);
	} else if ((size_t)(d - s) >= n) { /* below src, or beyond it: upwards */
		edge = *(const any64 *)(s + n - 8);
		movsq(d, s, n / 8);
		*(any64 *)(d + n - 8) = edge;
	} else {
		edge = *(const any64 *)s;
		movsq_down(d + n - 8, s + n - 8, n / 8);
		*(any64 *)d = edge;
	}
	return dst;
}

static always_inline void set_small(u8 *d, u64 pattern, size_t n)
{
	if (n >= 4) {
		*(any32 *)d = (u32)pattern;
		*(any32 *)(d + n - 4) = (u32)pattern;
	} else if (n >= 2) {
		*(any16 *)d = (u16)pattern;
		*(any16 *)(d + n - 2) = (u16)pattern;
	} else if (n) {
		*d = (u8)pattern;
	}
}

void *memset(void *dst, int c, size_t n)
{
	u64 pattern = (u8)c * 0x0101010101010101ull;
	u8 *d = dst;
	void *p = d;
	size_t words = n / 8;

	if (n < 8) {
		set_small(d, pattern, n);
		return dst;
	}
	*(any64 *)(d + n - 8) = pattern;
	__asm__ volatile("rep stosq" : "+D"(p), "+c"(words) : "a"(pattern) : "memory");
	return dst;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const u8 *p = a, *q = b;

	for (; n >= 8 && *(const any64 *)p == *(const any64 *)q; n -= 8) {
		p += 8;
		q += 8;
	}
	for (; n; n--, p++, q++)
		if (*p != *q)
			return *p - *q;
	return 0;
}

size_t strlen(const char *s)
{
	const char *p = s;

	while (*p) {
		p++;
		barrier();
	}
	return (size_t)(p - s);
}

int strcmp(const char *a, const char *b)
{
	for (; *a && *a == *b; a++)
		b++;
	return (u8)*a - (u8)*b;
}

int strncmp(const char *a, const char *b, size_t n)
{
	for (; n && *a && *a == *b; n--, a++)
		b++;
	return n ? (u8)*a - (u8)*b : 0;
}
