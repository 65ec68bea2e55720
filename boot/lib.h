/* SPDX-License-Identifier: MIT */
/* Memory and string functions, address helpers. All memory is mapped 1:1 while booting. */
#ifndef BOOT_LIB_H
#define BOOT_LIB_H

#include <stddef.h>
#include <stdint.h>

/* Copy and fill with the string instructions, 8 bytes a step. */
void *memcpy(void *to, const void *from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int value, size_t size);
int memcmp(const void *a, const void *b, size_t size);
size_t strlen(const char *s);

/* The empty statement keeps the compiler from warnings about constant addresses near 0. */
static inline void *phys_ptr(uint64_t phys)
{
	__asm__("" : "+r"(phys));
	return (void *)(uintptr_t)phys;
}

static inline uint64_t ptr_phys(const void *p)
{
	return (uintptr_t)p;
}

static inline uint64_t align_down(uint64_t v, uint64_t align)
{
	return v & ~(align - 1);
}

static inline uint64_t align_up(uint64_t v, uint64_t align)
{
	return (v + align - 1) & ~(align - 1);
}

#endif
