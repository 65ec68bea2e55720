/* SPDX-License-Identifier: MIT */
/* Basic types and helpers used everywhere in the kernel (and by its host-side unit tests). */
#ifndef KERNEL_TYPES_H
#define KERNEL_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t s64;

/* Three kinds of address that must not be mixed up; a plain pointer is a kernel-virtual one. */
typedef struct {
	u64 v;
} phys_t; /* physical address, bytes */
typedef struct {
	u64 v;
} uaddr_t; /* address in a user address space (any canonical address), bytes */

static inline phys_t phys(u64 v)
{
	return (phys_t){ v };
}

static inline uaddr_t uaddr(u64 v)
{
	return (uaddr_t){ v };
}

#define PAGE_SHIFT 12
#define PAGE_SIZE  (1UL << PAGE_SHIFT)
#define PAGE_MASK  (PAGE_SIZE - 1)

#define likely(x)		      __builtin_expect(!!(x), 1)
#define unlikely(x)		      __builtin_expect(!!(x), 0)
#define noinline		      __attribute__((noinline))
#define rarely			      noinline __attribute__((cold)) /* a function that is made small */
#define always_inline		      inline __attribute__((always_inline))
#define cacheline_aligned	      __attribute__((aligned(64)))
#define ARRAY_SIZE(a)		      (sizeof(a) / sizeof((a)[0]))
#define container_of(p, type, member) ((type *)((char *)(p)-offsetof(type, member)))

#define READ_ONCE(x)	 (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v) (*(volatile __typeof__(x) *)&(x) = (v))
/* x86 stores are not reordered with older stores, nor loads with older loads: the compiler must
 * only be kept from doing it. */
#define barrier() __asm__ volatile("" ::: "memory")

static inline u64 min_u64(u64 a, u64 b)
{
	return a < b ? a : b;
}

static inline u64 max_u64(u64 a, u64 b)
{
	return a > b ? a : b;
}

static inline u64 align_down(u64 v, u64 size)
{
	return v & ~(size - 1);
}

static inline u64 align_up(u64 v, u64 size)
{
	return (v + size - 1) & ~(size - 1);
}

/* Index of the lowest / highest set bit; v must not be 0. */
static inline unsigned bit_lowest(u64 v)
{
	return (unsigned)__builtin_ctzll(v);
}

static inline unsigned bit_highest(u64 v)
{
	return 63u ^ (unsigned)__builtin_clzll(v);
}

#endif
