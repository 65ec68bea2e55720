/* SPDX-License-Identifier: MIT */
/* A server that sends each message back as it came. */
#include "echo.h"

static void echo(void *unused)
{
	l4_utcb_t *utcb = l4_utcb();
	l4_umword_t label;
	l4_msgtag_t tag;

	(void)unused;
	buffers_none();
	tag = l4_ipc_wait(utcb, &label, L4_IPC_NEVER);
	for (;;)
		tag = l4_ipc_reply_and_wait(utcb, tag, &label, L4_IPC_NEVER);
}

void echo_start(struct echo *e, struct task *t, unsigned cpu, unsigned prio)
{
	e->thread = thread_create(t, echo, NULL);
	thread_start(e->thread, cpu, prio);
	e->gate = gate_create(e->thread, 0x10);
}

void echo_end(struct echo *e)
{
	cap_delete(e->gate);
	thread_destroy(e->thread);
}
