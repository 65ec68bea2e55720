/* SPDX-License-Identifier: MIT */
/* Single steps: a thread with the trap flag set tells its handler of each instruction. */
#include <stdio.h>
#include <l4/re/env.h>
#include <l4/sys/ipc.h>
#include <l4/util/thread.h>
#include <l4/util/util.h>
#include "lib/raw_thread.h"

enum { TRAP_STEP = 1, TRAP_FLAG = 0x100 };

/* Ten instructions between the two labels. */
__asm__(".text\n"
	"stepped:\n\t"
	"xor %eax, %eax\n"
	"stepped_begin:\n\t"
	"add $1, %rax\n\tadd $1, %rax\n\tadd $1, %rax\n\tadd $1, %rax\n\tadd $1, %rax\n\t"
	"add $1, %rax\n\tadd $1, %rax\n\tadd $1, %rax\n\tadd $1, %rax\n\tadd $1, %rax\n"
	"stepped_end:\n\t"
	"ud2\n");

void stepped(void);
extern char stepped_begin[], stepped_end[];

static l4_msgtag_t go_on(const l4_exc_regs_t *regs, l4_umword_t *label)
{
	*l4_utcb_exc() = *regs;
	return l4_ipc_reply_and_wait(l4_utcb(), l4_msgtag(0, L4_UTCB_EXCEPTION_REGS_SIZE, 0, 0),
				     label, L4_IPC_NEVER);
}

int main(void)
{
	struct raw_thread thread;
	l4_exc_regs_t regs;
	l4_umword_t label;
	l4_msgtag_t tag;
	int steps = 0;

	raw_thread_start(&thread, stepped, l4re_env()->main_thread, RAW_THREAD_EXCEPTION);
	tag = l4_ipc_wait(l4_utcb(), &label, L4_IPC_NEVER);
	regs = *l4_utcb_exc();
	printf("started with an exception: %s\n",
	       l4_utcb_exc_is_ex_regs_exception(&regs) ? "yes" : "no");
	regs.flags |= TRAP_FLAG;
	do {
		tag = go_on(&regs, &label);
		regs = *l4_utcb_exc();
		steps += regs.trapno == TRAP_STEP && regs.ip > (l4_umword_t)stepped_begin &&
			 regs.ip <= (l4_umword_t)stepped_end;
	} while (l4_msgtag_is_exception(tag) && regs.trapno == TRAP_STEP &&
		 regs.ip != (l4_umword_t)stepped_end);
	printf("%d steps, the thread has counted %lu\n", steps, regs.rax);
	return 0;
}
