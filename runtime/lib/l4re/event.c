/* SPDX-License-Identifier: MIT */
/* Client of the event protocol. */
#include <l4/re/c/event.h>
#include <l4/re/protocols.h>
#include "l4re/request.h"

enum { EVENT_BUFFER, EVENT_NUM_STREAMS, EVENT_STREAM_INFO, EVENT_STREAM_INFO_FOR_ID, EVENT_AXIS };

long l4re_event_get_buffer(const l4_cap_idx_t server, const l4re_ds_t ds)
{
	struct wire_out o = request(EVENT_BUFFER);
	long result;

	wire_expect_cap(ds & L4_CAP_MASK);
	result = wire_call(server, &o, L4RE_PROTO_EVENT, NULL);
	return result < 0 ? result : 0;
}

long l4re_event_get_num_streams(const l4_cap_idx_t server)
{
	struct wire_out o = request(EVENT_NUM_STREAMS);

	return call_plain(server, &o, L4RE_PROTO_EVENT, NULL);
}

static long get_info(l4_cap_idx_t server, const struct wire_out *o, l4re_event_stream_info_t *info)
{
	struct wire_in in;
	long result = call_plain(server, o, L4RE_PROTO_EVENT, &in);

	if (result >= 0)
		wire_get_struct(&in, info, sizeof(*info), sizeof(info->stream_id));
	return read_result(result, &in);
}

long l4re_event_get_stream_info(const l4_cap_idx_t server, int idx, l4re_event_stream_info_t *info)
{
	struct wire_out o = request(EVENT_STREAM_INFO);

	wire_put_u32(&o, (l4_uint32_t)idx);
	return get_info(server, &o, info);
}

long l4re_event_get_stream_info_for_id(const l4_cap_idx_t server, l4_umword_t stream_id,
				       l4re_event_stream_info_t *info)
{
	struct wire_out o = request(EVENT_STREAM_INFO_FOR_ID);

	wire_put_word(&o, stream_id);
	return get_info(server, &o, info);
}

long l4re_event_get_axis_info(const l4_cap_idx_t server, l4_umword_t id, unsigned naxes,
			      unsigned const *axis, l4re_event_absinfo_t *info)
{
	struct wire_out o = request(EVENT_AXIS);
	struct wire_in in;
	long result;

	wire_put_word(&o, id);
	wire_put_word(&o, naxes);
	wire_put_struct(&o, axis, naxes * sizeof(*axis), sizeof(*axis));
	result = call_plain(server, &o, L4RE_PROTO_EVENT, &in);
	if (result < 0)
		return result;
	if (wire_get_word(&in) < naxes)
		return -L4_EMSGTOOSHORT;
	wire_get_struct(&in, info, naxes * sizeof(*info), sizeof(info->value));
	return read_result(result, &in);
}
