/* SPDX-License-Identifier: MIT */
/* Requests to servers whose operations are numbered: what all calls of this library share. */
#ifndef L4RE_REQUEST_H
#define L4RE_REQUEST_H

#include <l4/sys/err.h>
#include "wire/wire.h"

/* A request that begins with the number of its operation. */
static inline struct wire_out request(l4_uint32_t operation)
{
	struct wire_out o = { 0 };

	wire_put_u32(&o, operation);
	return o;
}

/* Call without capabilities or memory in the answer. */
static inline long call_plain(l4_cap_idx_t server, const struct wire_out *o, long protocol,
			      struct wire_in *in)
{
	wire_expect_nothing();
	return wire_call(server, o, protocol, in);
}

/* The result of a call whose values have been read: they must have been there. */
static inline long read_result(long result, const struct wire_in *in)
{
	return result >= 0 && in->failed ? -L4_EMSGTOOSHORT : result;
}

/* Append a capability with the rights in its low bits, or the default rights if there are none. */
static inline void put_cap(struct wire_out *o, l4_cap_idx_t cap, unsigned default_rights)
{
	unsigned rights = cap & 0xff;

	wire_put_cap(o, cap & L4_CAP_MASK, rights & 0xf ? rights : rights | default_rights);
}

#endif
