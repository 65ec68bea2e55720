/* SPDX-License-Identifier: MIT */
/*
 * What a test program has: it is the root task, so the fixed capabilities 1..10, sigma0 as pager
 * and physical memory 1:1. Everything here is for the test's main thread unless said otherwise.
 */
#ifndef TEST_ENV_H
#define TEST_ENV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <l4/sys/err.h>
#include <l4/sys/ipc.h>
#include <l4/sys/kip.h>
#include <l4/sys/types.h>
#include <l4/sys/utcb.h>

#include "freestanding_string.h"
#include "tap.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* The test itself. Returning from it ends the machine. */
void test_main(void);

enum { PAGE_BYTES = 4096, CPUS_MAX = 64 };

/* Selectors above all that the library uses, in any task: tests may fill them as they like. */
enum { FREE_CAP_FIRST = 0x1000 };

/* A slot that was never used before; never fails. Any thread. */
l4_cap_idx_t cap_alloc(void);
/* Is there an object in the slot of the test's own task? */
bool cap_exists(l4_cap_idx_t cap);
/* Delete the object of a capability with the D right. */
void cap_delete(l4_cap_idx_t cap);

/* 2^order bytes (order 12 up) of RAM from sigma0, naturally aligned, zeroed, mapped read-write at
 * its physical address. Bails out if there is none. Never given back. Any thread. */
void *mem_alloc(unsigned order);
/* One sigma0 request with w0 = all ones << 8 | request; the answer's item goes anywhere in the
 * address space. Returns the result (0 or negative); *item0 (may be NULL) = word 0 of the item. */
long sigma0_request(unsigned request, l4_fpage_t page, l4_umword_t *item0);
/* Get 2^order I/O ports from sigma0; bails out if it refuses. */
void ports_get(unsigned port, unsigned order);
/* May the library map this address of the test program on to other tasks? */
bool mem_is_own(l4_addr_t address);

/* CPUs that the scheduler shows: number, and the n-th one. */
unsigned cpu_count(void);
unsigned cpu_number(unsigned n);

/* Kernel clock, microseconds. Any thread. */
uint64_t clock_us(void);
/* Spin without system calls. */
void spin_us(uint64_t us);
/* Block for at least us microseconds. */
void sleep_us(uint64_t us);
/* As good as for ever: for what must come to pass, however slow the machine is. A test that asserts
 * on less needs the virtual clock (kernel-tests.mk). */
enum { PATIENT_MS = 60000 };
#define PATIENT timeout_us(PATIENT_MS * 1000UL, PATIENT_MS * 1000UL)
/* Timeout pair of relative timeouts in microseconds; TIMEOUT_NEVER for none. */
#define TIMEOUT_NEVER (~0ULL)
l4_timeout_t timeout_us(uint64_t send, uint64_t receive);

static inline uint64_t rdtsc(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

static inline uint8_t in8(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline void out8(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint32_t in32(uint16_t port)
{
	uint32_t value;

	__asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline void out32(uint16_t port, uint32_t value)
{
	__asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

static inline void cpu_relax(void)
{
	__asm__ volatile("pause" ::: "memory");
}

/* Shared counters and flags between threads. */
#define READ(x)	    __atomic_load_n(&(x), __ATOMIC_SEQ_CST)
#define WRITE(x, v) __atomic_store_n(&(x), (v), __ATOMIC_SEQ_CST)
#define ADD(x, v)   __atomic_add_fetch(&(x), (v), __ATOMIC_SEQ_CST)

/* Wait until cond (an expression) holds, asleep between looks, at most ms milliseconds; value: did
 * it come to hold? */
#define WAIT_UNTIL(cond, ms)                               \
	({                                                 \
		uint64_t end_ = clock_us() + (ms)*1000ULL; \
		while (!(cond) && clock_us() < end_)       \
			sleep_us(200);                     \
		(bool)(cond);                              \
	})

/* IPC error code (L4_IPC_*) of the calling thread's last operation, 0 for none. */
static inline long ipc_error(l4_msgtag_t tag)
{
	return (long)l4_ipc_error(tag, l4_utcb());
}

/* One message register of the calling thread. */
static inline l4_umword_t mr_get(unsigned i)
{
	return l4_utcb_mr()->mr[i];
}

static inline void mr_set(unsigned i, l4_umword_t value)
{
	l4_utcb_mr()->mr[i] = value;
}

/* The bare system call: op = phases of l4_syscall_flags_t. label: in send label, out received. */
static inline l4_msgtag_t invoke(l4_cap_idx_t cap, unsigned op, l4_msgtag_t tag,
				 l4_timeout_t timeout, l4_umword_t *label)
{
	return l4_ipc(cap, l4_utcb(), op, label ? *label : 0, tag, label, timeout);
}

/* Receive buffers of the calling thread: none; one capability slot; everything everywhere. */
void buffers_none(void);
void buffers_cap(l4_cap_idx_t slot);
void buffers_all(void);

/* --- used by the library's start code only --- */
void env_init(void);

#endif
