/* SPDX-License-Identifier: MIT */
/* Start of a thread with an exception: its handler sets all registers before its first instruction.
 */
#include <stdio.h>
#include <l4/re/env.h>
#include <l4/sys/ipc.h>
#include <l4/util/thread.h>
#include <l4/util/util.h>
#include "lib/raw_thread.h"

static volatile l4_umword_t seen[3];
static l4_utcb_t *main_utcb;

/* The registers are arguments of a function as the System V ABI has them. */
static void told(l4_umword_t a, l4_umword_t b, l4_umword_t c)
{
	seen[0] = a;
	seen[1] = b;
	seen[2] = c;
	l4_ipc_send(l4re_env()->main_thread, l4_utcb(), l4_msgtag(77, 0, 0, 0), L4_IPC_NEVER);
	l4_sleep_forever();
}

L4UTIL_THREAD_STATIC_FUNC(never)
{
	seen[0] = 99;
	l4_sleep_forever();
}

int main(void)
{
	struct raw_thread thread;
	l4_umword_t label;
	l4_msgtag_t tag;
	l4_exc_regs_t *r;

	main_utcb = l4_utcb();
	raw_thread_start(&thread, never, l4re_env()->main_thread, RAW_THREAD_EXCEPTION);
	tag = l4_ipc_wait(main_utcb, &label, L4_IPC_NEVER);
	r = l4_utcb_exc();
	printf("exception before the first instruction: %s\n",
	       l4_msgtag_is_exception(tag) && r->ip == (l4_umword_t)never ? "yes" : "no");
	r->ip = (l4_umword_t)told;
	r->sp = l4_align_stack_for_direct_fncall(r->sp);
	r->rdi = 11;
	r->rsi = 22;
	r->rdx = 33;
	tag = l4_ipc_reply_and_wait(main_utcb, l4_msgtag(0, L4_UTCB_EXCEPTION_REGS_SIZE, 0, 0),
				    &label, L4_IPC_NEVER);
	printf("the thread says %ld and has seen %lu %lu %lu\n", l4_msgtag_label(tag), seen[0],
	       seen[1], seen[2]);
	return 0;
}
