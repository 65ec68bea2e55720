/* SPDX-License-Identifier: MIT */
/* Client of the server that knows the time of day. It has no protocol number of its own. */
#include <l4/rtc/rtc.h>
#include <l4/util/rdtsc.h>
#include "l4re/request.h"

enum { RTC_GET_OFFSET, RTC_SET_OFFSET };

int l4rtc_get_offset_to_realtime(l4_cap_idx_t server, l4_uint64_t *nanoseconds)
{
	struct wire_out o = request(RTC_GET_OFFSET);
	struct wire_in in;
	long result = call_plain(server, &o, L4_PROTO_NONE, &in);

	if (result < 0)
		return (int)result;
	*nanoseconds = wire_get_u64(&in);
	return (int)read_result(result, &in);
}

int l4rtc_set_offset_to_realtime(l4_cap_idx_t server, l4_uint64_t nanoseconds)
{
	struct wire_out o = request(RTC_SET_OFFSET);

	wire_put_u64(&o, nanoseconds);
	return (int)call_plain(server, &o, L4_PROTO_NONE, NULL);
}

l4_uint64_t l4rtc_get_timer(void)
{
	return l4_tsc_to_ns(l4_rdtsc());
}
