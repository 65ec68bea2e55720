/* SPDX-License-Identifier: MIT */
/* What guest kernels of tests have: hypercalls, lines of TAP on the console, words. */
#ifndef TEST_GUEST_KERNEL_H
#define TEST_GUEST_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "xen/hypercall.h"
#include "xen/sched.h"
#include "xen/start_info.h"

#define KERNEL_BASE 0xffffffff80000000UL

extern const struct xen_start_info *start_info;

/* Each test defines it. The machine is switched off when it returns. */
void kernel_main(void);

static inline long hypercall(uint64_t number, uint64_t a, uint64_t b, uint64_t c, uint64_t d,
			     uint64_t e)
{
	register uint64_t r10 __asm__("r10") = d;
	register uint64_t r8 __asm__("r8") = e;
	long result = (long)number;

	__asm__ volatile("call hypercall_stub"
			 : "+a"(result), "+D"(a), "+S"(b), "+d"(c), "+r"(r10), "+r"(r8)
			 :
			 : "memory", "cc");
	return result;
}

/* Text to the console, by hypercall console_io. */
void print(const char *text);
void print_number(uint64_t n);

/* A line of TAP, without a number (test/tap.lua counts). */
void ok(bool condition, const char *promise);

/* Is this a word of the command line? */
bool has_word(const char *word);

/* End the machine: enum xen_shutdown. */
void finish(unsigned reason) __attribute__((noreturn));

/* Start a vCPU that was not started yet, on a stack of its own. False: there is none such. */
bool start_vcpu(unsigned id, void (*function)(void));

/* Guest-virtual address of a frame, in what is mapped at the start. */
static inline void *at_frame(uint64_t frame)
{
	return (void *)(KERNEL_BASE + (frame << XEN_PAGE_SHIFT));
}

#endif
