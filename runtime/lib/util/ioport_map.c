/* SPDX-License-Identifier: MIT */
/* I/O ports from sigma0: a request like the fault of a thread whose pager it is. */
#include <l4/sys/ipc.h>
#include <l4/util/port_io.h>

long l4util_ioport_map(l4_cap_idx_t sigma0id, unsigned port_start, unsigned log2size)
{
	l4_fpage_t ports = l4_iofpage(port_start, log2size);
	l4_buf_regs_t *b = l4_utcb_br();
	l4_msgtag_t tag;

	l4_utcb_mr()->mr[0] = ports.raw;
	l4_utcb_mr()->mr[1] = 0;
	b->bdr = 0;
	b->br[0] = L4_ITEM_MAP;
	b->br[1] = ports.raw;
	b->br[2] = 0;
	tag = l4_ipc_call(sigma0id, l4_utcb(), l4_msgtag(L4_PROTO_IO_PAGE_FAULT, 2, 0, 0),
			  L4_IPC_NEVER);
	if (l4_msgtag_has_error(tag))
		return l4_error(tag);
	return l4_msgtag_items(tag) ? 0 : -L4_ENOENT;
}
