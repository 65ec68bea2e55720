/* SPDX-License-Identifier: MIT */
/*
 * Segment descriptors of a guest (AMD64 manual, volume 2, section 4.7). A guest may have code and
 * data segments of privilege 3 and entries that are not present; nothing of the system.
 */
#ifndef GUEST_SHIM_SEGMENTS_H
#define GUEST_SHIM_SEGMENTS_H

#include <stdbool.h>
#include <stdint.h>

#define DESCRIPTOR_ACCESSED  (1UL << 40)
#define DESCRIPTOR_WRITE     (1UL << 41) /* code: may be read */
#define DESCRIPTOR_CODE	     (1UL << 43)
#define DESCRIPTOR_SEGMENT   (1UL << 44) /* code or data */
#define DESCRIPTOR_PRIVILEGE (3UL << 45)
#define DESCRIPTOR_PRESENT   (1UL << 47)
#define DESCRIPTOR_LONG	     (1UL << 53)
#define DESCRIPTOR_BIG	     (1UL << 54)

/* Parts of a selector: of the local table; place of the descriptor in its table, bytes. */
enum { SELECTOR_LOCAL = 4, SELECTOR_ENTRY = 0xfff8 };

/* Entries of the global table that a guest sees loaded: those of a thread, and its vCPU's number.
 */
enum { GDT_THREAD_FIRST = 12, GDT_THREAD_LAST = 14, GDT_NUMBER = 15 };

/* May a guest have it in a table? */
static inline bool descriptor_valid(uint64_t d)
{
	return !(d & DESCRIPTOR_PRESENT) || d & DESCRIPTOR_SEGMENT;
}

/* A valid one as the processor gets it: privilege 3, never 64-bit and 32-bit at once. */
static inline uint64_t descriptor_for_guest(uint64_t d)
{
	if (!(d & DESCRIPTOR_PRESENT))
		return d;
	if (d & DESCRIPTOR_CODE && d & DESCRIPTOR_LONG)
		d &= ~DESCRIPTOR_BIG;
	return d | DESCRIPTOR_PRIVILEGE;
}

/* The same for a local table, which has no 64-bit code; what is not allowed becomes empty. */
static inline uint64_t descriptor_local(uint64_t d)
{
	if (!descriptor_valid(d) || (d & DESCRIPTOR_PRESENT && d & DESCRIPTOR_LONG))
		return 0;
	return descriptor_for_guest(d);
}

/* Can it be loaded into a data segment register? */
static inline bool descriptor_loadable(uint64_t d)
{
	return d & DESCRIPTOR_PRESENT && d & DESCRIPTOR_SEGMENT &&
	       !(d & DESCRIPTOR_CODE && !(d & DESCRIPTOR_WRITE));
}

/* 32 bits. */
static inline uint64_t descriptor_base(uint64_t d)
{
	return (d >> 16 & 0xffffff) | (d >> 56 & 0xff) << 24;
}

/* A data segment of privilege 3 with a small number as limit, in bytes, to be read with `lsl`. */
static inline uint64_t descriptor_of_number(uint32_t number)
{
	return 0x0040f30000000000UL | number;
}

#endif
