/* SPDX-License-Identifier: MIT */
/* Client of the parent protocol. */
#include <l4/re/c/parent.h>
#include <l4/re/protocols.h>
#include "l4re/request.h"

long l4re_parent_signal(l4_cap_idx_t parent, unsigned long sig, unsigned long val)
{
	struct wire_out o = request(0);

	wire_put_word(&o, sig);
	wire_put_word(&o, val);
	return call_plain(parent, &o, L4RE_PROTO_PARENT, NULL);
}
