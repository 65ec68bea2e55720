/* SPDX-License-Identifier: MIT */
/*
 * Aliens: threads whose system calls go to their exception handler, before and after. The handler
 * sees what they ask for and lets it pass. Their page faults come to it too.
 */
#include <stdio.h>
#include <l4/re/c/log.h>
#include <l4/re/env.h>
#include <l4/sys/ipc.h>
#include <l4/util/thread.h>
#include <l4/util/util.h>
#include "lib/raw_thread.h"

enum { CALLS = 3, FAULT_WRITE = 2 };

L4UTIL_THREAD_STATIC_FUNC(alien)
{
	for (;;) {
		l4re_log_print("the alien's voice\n");
		l4_ipc_sleep(l4_timeout(L4_IPC_TIMEOUT_0, l4util_micros2l4to(1000)));
	}
}

/* Resolve a fault by doing what the alien wanted to do, in the same task. */
static l4_msgtag_t resolve(const l4_exc_regs_t *r)
{
	if (r->err & FAULT_WRITE)
		l4_touch_rw((const void *)r->pfa, 1);
	else
		l4_touch_ro((const void *)r->pfa, 1);
	return l4_msgtag(0, 0, 0, 0);
}

int main(void)
{
	struct raw_thread thread;
	int before = 0, after = 0;
	l4_umword_t label;
	l4_msgtag_t tag;

	raw_thread_start(&thread, alien, l4re_env()->main_thread, RAW_THREAD_ALIEN);
	tag = l4_ipc_wait(l4_utcb(), &label, L4_IPC_NEVER);
	while (l4_msgtag_is_exception(tag) && after < CALLS) {
		l4_exc_regs_t regs = *l4_utcb_exc();

		if (l4_utcb_exc_is_pf(&regs)) {
			tag = resolve(&regs);
		} else if (l4_utcb_exc_typeval(&regs) == L4_TRAP_SYSCALL) {
			before += regs.err == 0;
			after += regs.err != 0;
			tag = l4_msgtag(regs.err ? 0 : L4_PROTO_ALLOW_SYSCALL, 0, 0, 0);
		} else {
			break;
		}
		tag = l4_ipc_reply_and_wait(l4_utcb(), tag, &label, L4_IPC_NEVER);
	}
	printf("%d calls seen before, %d after\n", before, after);
	return 0;
}
