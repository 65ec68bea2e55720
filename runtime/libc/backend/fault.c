/* SPDX-License-Identifier: MIT */
/* Faults of a program, as its region map sees them. */
#include "backend/platform.h"

#include <l4/re/c/rm.h>
#include <l4/re/env.h>
#include <l4/re/protocols.h>
#include <l4/sys/ipc.h>
#include <l4/zwinger/rm.h>

void platform_faults_handled(void)
{
	l4_umword_t *mr = l4_utcb_mr()->mr;

	mr[0] = L4_ZW_RM_HANDLED_OP;
	mr[1] = 1;
	l4_ipc_call(l4re_env()->rm, l4_utcb(), l4_msgtag(L4RE_PROTO_RM, 2, 0, 0), L4_IPC_NEVER);
}

enum platform_place platform_place(l4_addr_t address, enum platform_access need, l4_umword_t error)
{
	l4re_rm_offset_t offset;
	unsigned long bytes = 1;
	l4re_rm_flags_t flags;
	l4re_ds_t memory;

	(void)error;
	if (l4re_rm_find(&address, &bytes, &offset, &flags, &memory) < 0)
		return PLATFORM_NOTHING;
	if (flags & L4RE_RM_F_RESERVED || !(flags & need))
		return PLATFORM_FORBIDDEN;
	return PLATFORM_UNUSABLE;
}
