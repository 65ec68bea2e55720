/* SPDX-License-Identifier: MIT */
/* Client of the inhibitor protocol. */
#include <string.h>
#include <l4/re/c/inhibitor.h>
#include <l4/re/protocols.h>
#include "l4re/request.h"

enum { INHIBITOR_ACQUIRE, INHIBITOR_RELEASE, INHIBITOR_NEXT, REASON_MAX = 20 };

long l4re_inhibitor_acquire(l4_cap_idx_t cap, l4_umword_t id, char const *reason)
{
	struct wire_out o = request(INHIBITOR_ACQUIRE);
	char text[REASON_MAX + 1] = "";

	strncat(text, reason, REASON_MAX);
	wire_put_word(&o, id);
	wire_put_string(&o, text);
	return call_plain(cap, &o, L4RE_PROTO_INHIBITOR, NULL);
}

long l4re_inhibitor_release(l4_cap_idx_t cap, l4_umword_t id)
{
	struct wire_out o = request(INHIBITOR_RELEASE);

	wire_put_word(&o, id);
	return call_plain(cap, &o, L4RE_PROTO_INHIBITOR, NULL);
}

long l4re_inhibitor_next_lock_info(l4_cap_idx_t cap, char *name, unsigned len,
				   l4_mword_t current_id)
{
	struct wire_out o = request(INHIBITOR_NEXT);
	struct wire_in in;
	l4_mword_t id;
	long result;

	wire_put_word(&o, (l4_umword_t)current_id);
	result = call_plain(cap, &o, L4RE_PROTO_INHIBITOR, &in);
	if (result < 0)
		return result;
	id = (l4_mword_t)wire_get_word(&in);
	if (len) {
		name[0] = 0;
		strncat(name, wire_get_string(&in), len - 1);
	}
	return in.failed ? -L4_EMSGTOOSHORT : id;
}
