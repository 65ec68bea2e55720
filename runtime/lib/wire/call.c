/* SPDX-License-Identifier: MIT */
/* Calls: what is accepted, the exchange itself. */
#include <l4/sys/err.h>
#include <l4/sys/ipc.h>
#include "wire/wire.h"

void wire_expect_nothing(void)
{
	l4_buf_regs_t *b = l4_utcb_br();

	b->bdr = 0;
	b->br[0] = 0;
}

void wire_expect_cap(l4_cap_idx_t slot)
{
	l4_buf_regs_t *b = l4_utcb_br();

	b->bdr = 0;
	b->br[0] = slot | L4_RCV_ITEM_SINGLE_CAP;
	b->br[1] = 0;
}

void wire_expect_fpage(l4_fpage_t window)
{
	l4_buf_regs_t *b = l4_utcb_br();

	b->bdr = 0;
	b->br[0] = L4_ITEM_MAP;
	b->br[1] = window.raw;
	b->br[2] = 0;
}

long wire_call_within(l4_cap_idx_t object, const struct wire_out *o, long protocol,
		      struct wire_in *in, l4_timeout_t limits)
{
	l4_utcb_t *utcb = l4_utcb();
	l4_msgtag_t tag;

	if (in)
		*in = (struct wire_in){ .failed = true };
	if (!l4_is_valid_cap(object))
		return l4_ipc_to_errno(L4_IPC_ENOT_EXISTENT);
	if (o->failed)
		return -L4_EMSGTOOLONG;
	tag = l4_ipc_call(object, utcb, wire_tag(o, protocol), limits);
	if (l4_msgtag_has_error(tag))
		return l4_ipc_to_errno(l4_ipc_error(tag, utcb));
	if (in)
		*in = wire_in_init(tag);
	return l4_msgtag_label(tag);
}

long wire_call(l4_cap_idx_t object, const struct wire_out *o, long protocol, struct wire_in *in)
{
	return wire_call_within(object, o, protocol, in, L4_IPC_NEVER);
}
