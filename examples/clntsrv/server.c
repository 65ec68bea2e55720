/* SPDX-License-Identifier: MIT */
/* A server by hand: it binds the gate that the scenario gave it and answers, for ever. */
#include <stdio.h>
#include <l4/re/env.h>
#include <l4/sys/ipc.h>
#include <l4/sys/rcv_endpoint.h>
#include "clntsrv/calc.h"
#include "lib/raw_thread.h"
#include "wire/wire.h"

enum { LABEL = 0x1000, RIGHTS = 3 };

/* The label of the answer; values in out. */
static long calculate(struct wire_in *in, struct wire_out *out)
{
	l4_uint32_t operation = wire_get_u32(in), a = wire_get_u32(in), b = 0;

	if (operation == CALC_SUB)
		b = wire_get_u32(in);
	if (in->failed)
		return -L4_EMSGTOOSHORT;
	if (operation != CALC_SUB && operation != CALC_NEG)
		return -L4_ENOSYS;
	wire_put_u32(out, operation == CALC_SUB ? a - b : -a);
	return 0;
}

static l4_msgtag_t answer(l4_msgtag_t request, l4_umword_t label)
{
	struct wire_in in = wire_in_init(request);
	struct wire_out out = { 0 };
	long result;

	if ((label & ~(l4_umword_t)RIGHTS) != LABEL)
		return l4_msgtag(-L4_ENOENT, 0, 0, 0);
	if (l4_msgtag_label(request) != CALC_PROTOCOL)
		return l4_msgtag(-L4_EBADPROTO, 0, 0, 0);
	result = calculate(&in, &out);
	return result < 0 ? l4_msgtag(result, 0, 0, 0) : wire_tag(&out, result);
}

int main(void)
{
	l4_cap_idx_t gate = l4re_env_get_cap("calc_server");
	l4_timeout_t patience = l4_timeout(L4_IPC_TIMEOUT_0, L4_IPC_TIMEOUT_NEVER);
	l4_umword_t label;
	l4_msgtag_t tag;

	check(l4_error(l4_rcv_ep_bind_thread(gate, l4re_env()->main_thread, LABEL)), "bind");
	printf("the calculator waits\n");
	wire_expect_nothing();
	tag = l4_ipc_wait(l4_utcb(), &label, L4_IPC_NEVER);
	for (;;) {
		if (l4_msgtag_has_error(tag))
			tag = l4_ipc_wait(l4_utcb(), &label, L4_IPC_NEVER);
		else
			tag =
			    l4_ipc_reply_and_wait(l4_utcb(), answer(tag, label), &label, patience);
	}
}
