/* SPDX-License-Identifier: MIT */
/* Client of the debug protocol, which has no operation numbers. */
#include <l4/re/c/debug.h>
#include <l4/re/protocols.h>
#include "l4re/request.h"

long l4re_debug_obj_debug(l4_cap_idx_t srv, unsigned long function)
{
	struct wire_out o = { 0 };

	wire_put_word(&o, function);
	return call_plain(srv, &o, L4RE_PROTO_DEBUG, NULL);
}
