/* SPDX-License-Identifier: MIT */
/* A shim that says what it was given and ends the machine. */
#include <l4/sys/ipc.h>

#include "guest/requests.h"
#include "guest/start.h"

void first(void);

__attribute__((section(".entry"))) void first(void)
{
	const struct guest_start *s = (const struct guest_start *)GUEST_START;
	l4_utcb_t *u = (l4_utcb_t *)s->vcpu[0].utcb;
	l4_umword_t *mr = l4_utcb_mr_u(u)->mr;
	const char *line = (const char *)(GUEST_RAM + (s->root << 12));

	mr[0] = GUEST_CONSOLE_WRITE;
	mr[1] = 6;
	mr[2] = 0x0a6f6c6c6568;
	(void)*(volatile const char *)line;
	l4_ipc_call(s->vmm, u, l4_msgtag(GUEST_PROTO, 3, 0, 0), L4_IPC_NEVER);
	mr[0] = GUEST_SHUTDOWN;
	mr[1] = 0;
	l4_ipc_call(s->vmm, u, l4_msgtag(GUEST_PROTO, 2, 0, 0), L4_IPC_NEVER);
	for (;;)
		;
}
