/* SPDX-License-Identifier: MIT */
/* Functions whose machine code check.sh counts: the bindings must cost no more than this. */
#include <l4/sys/ipc.h>

l4_msgtag_t bind_call(l4_cap_idx_t dest, l4_msgtag_t tag);
l4_msgtag_t bind_reply_and_wait(l4_msgtag_t tag, l4_umword_t *label);
l4_umword_t bind_utcb_word(void);

/* A call with a variable destination. */
l4_msgtag_t bind_call(l4_cap_idx_t dest, l4_msgtag_t tag)
{
	return l4_ipc_call(dest, l4_utcb(), tag, L4_IPC_NEVER);
}

/* The server loop's operation. */
l4_msgtag_t bind_reply_and_wait(l4_msgtag_t tag, l4_umword_t *label)
{
	return l4_ipc_reply_and_wait(l4_utcb(), tag, label, L4_IPC_SEND_TIMEOUT_0);
}

/* Two message registers: the UTCB address is fetched once. */
l4_umword_t bind_utcb_word(void)
{
	return l4_utcb_mr()->mr[0] + l4_utcb_mr()->mr[1];
}
