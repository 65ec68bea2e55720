/* SPDX-License-Identifier: MIT */
/* Sources of events: a shared ring of events, and descriptions of its streams. */
#ifndef L4_RE_C_EVENT_H
#define L4_RE_C_EVENT_H

#include <l4/re/c/dataspace.h>
#include <l4/re/event.h>
#include <l4/sys/types.h>

EXTERN_C_BEGIN

/* An element of the ring. */
typedef struct {
	long long time; /* kernel clock, microseconds; 0 marks a free element */
	unsigned short type;
	unsigned short code;
	int value;
	l4_umword_t stream_id;
} l4re_event_t;

L4_STATIC_ASSERT(sizeof(l4re_event_t) == 24);

/* Get the dataspace with the ring into the slot ds. 0, or an error. */
L4_CV long l4re_event_get_buffer(const l4_cap_idx_t server, const l4re_ds_t ds) L4_NOTHROW;

/* Number of streams, or an error. */
L4_CV long l4re_event_get_num_streams(const l4_cap_idx_t server) L4_NOTHROW;

/* Describe stream number idx, from 0. 0, or an error. */
L4_CV long l4re_event_get_stream_info(const l4_cap_idx_t server, int idx,
				      l4re_event_stream_info_t *info) L4_NOTHROW;

/* Describe the stream with that id. 0, or an error. */
L4_CV long l4re_event_get_stream_info_for_id(const l4_cap_idx_t server, l4_umword_t stream_id,
					     l4re_event_stream_info_t *info) L4_NOTHROW;

/* Describe naxes axes of a stream: info[i] is that of axis[i]. 0, or an error. */
L4_CV long l4re_event_get_axis_info(const l4_cap_idx_t server, l4_umword_t id, unsigned naxes,
				    unsigned const *axis, l4re_event_absinfo_t *info) L4_NOTHROW;

EXTERN_C_END

#endif
