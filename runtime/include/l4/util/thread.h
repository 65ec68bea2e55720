/* SPDX-License-Identifier: MIT */
/* Threads by hand, without a thread library. */
#ifndef L4_UTIL_THREAD_H
#define L4_UTIL_THREAD_H

#include <l4/sys/compiler.h>
#include <l4/sys/scheduler.h>
#include <l4/sys/types.h>
#include <l4/sys/utcb.h>

EXTERN_C_BEGIN

/*
 * Make a thread in the slot id, with its UTCB at thread_utcb (kernel-user memory of the task),
 * pager and exception handler pager, start it at pc with stack pointer sp, and give it to the
 * scheduler with scp, unless scheduler is L4_INVALID_CAP. 0, or an error; then the slot is empty.
 */
L4_CV long l4util_create_thread(l4_cap_idx_t id, l4_utcb_t *thread_utcb, l4_cap_idx_t factory,
				l4_umword_t pc, l4_umword_t sp, l4_cap_idx_t pager,
				l4_cap_idx_t task, l4_cap_idx_t scheduler,
				l4_sched_param_t scp) L4_NOTHROW;

EXTERN_C_END

/*
 * Head of a function that a thread starts in: it can be given as pc with any stack pointer, which
 * is aligned first, below the red zone of whatever ran there.
 */
#define L4UTIL_THREAD_FUNC(name)	L4UTIL_THREAD_FUNC_OF(, name)
#define L4UTIL_THREAD_STATIC_FUNC(name) L4UTIL_THREAD_FUNC_OF(static, name)

#define L4UTIL_THREAD_FUNC_OF(storage, name)                                                      \
	L4_NORETURN static void name##_thread_body(void) __asm__(#name "_thread_body")            \
	    __attribute__((used));                                                                \
	storage __attribute__((naked, noreturn)) void name(void);                                 \
	storage void name(void)                                                                   \
	{                                                                                         \
		__asm__("sub $128, %rsp\n\tand $-16, %rsp\n\tcld\n\tcall " #name "_thread_body"); \
	}                                                                                         \
	static void name##_thread_body(void)

#endif
