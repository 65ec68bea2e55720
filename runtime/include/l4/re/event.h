/* SPDX-License-Identifier: MIT */
/* Descriptions of event streams (input devices) as the event protocol transports them. */
#ifndef L4_RE_EVENT_H
#define L4_RE_EVENT_H

#include <l4/sys/compiler.h>
#include <l4/sys/l4int.h>

/* Greatest numbers; bit arrays have one bit for each number from 0 on. */
enum l4re_event_stream_max_values_t {
	L4RE_EVENT_EV_MAX = 0x1f,
	L4RE_EVENT_KEY_MAX = 0x1ff,
	L4RE_EVENT_REL_MAX = 0xf,
	L4RE_EVENT_ABS_MAX = 0x3f,
	L4RE_EVENT_PROP_MAX = 0x1f,
	L4RE_EVENT_SW_MAX = 0xf
};

enum l4re_event_stream_props_t { L4RE_EVENT_STREAM_CALIBRATE = 1 };

/* Words of a bit array up to the number max. */
#define L4RE_EVENT_WORDS(max) ((max) / (8 * sizeof(unsigned long)) + 1)

typedef struct L4_EXPORT_TYPE l4re_event_stream_id_t {
	l4_uint16_t bustype, vendor, product, version;
} l4re_event_stream_id_t;

/* Range of an absolute axis. */
typedef struct L4_EXPORT_TYPE l4re_event_absinfo_t {
	l4_int32_t value, min, max, fuzz, flat, resolution;
} l4re_event_absinfo_t;

typedef struct L4_EXPORT_TYPE l4re_event_stream_info_t {
	l4_umword_t stream_id;
	char name[32];
	char phys[32];
	l4re_event_stream_id_t id;
	unsigned long propbits[L4RE_EVENT_WORDS(L4RE_EVENT_PROP_MAX)];
	unsigned long evbits[L4RE_EVENT_WORDS(L4RE_EVENT_EV_MAX)];
	unsigned long keybits[L4RE_EVENT_WORDS(L4RE_EVENT_KEY_MAX)];
	unsigned long relbits[L4RE_EVENT_WORDS(L4RE_EVENT_REL_MAX)];
	unsigned long absbits[L4RE_EVENT_WORDS(L4RE_EVENT_ABS_MAX)];
	unsigned long swbits[L4RE_EVENT_WORDS(L4RE_EVENT_SW_MAX)];
} l4re_event_stream_info_t;

typedef struct L4_EXPORT_TYPE l4re_event_stream_state_t {
	unsigned long keybits[L4RE_EVENT_WORDS(L4RE_EVENT_KEY_MAX)];
	unsigned long swbits[L4RE_EVENT_WORDS(L4RE_EVENT_SW_MAX)];
} l4re_event_stream_state_t;

L4_STATIC_ASSERT(sizeof(l4re_event_stream_info_t) == 8 + 32 + 32 + 8 + 8 * (1 + 1 + 8 + 1 + 1 + 1));
L4_STATIC_ASSERT(sizeof(l4re_event_stream_state_t) == 8 * (8 + 1));
L4_STATIC_ASSERT(sizeof(l4re_event_absinfo_t) == 24);

#endif
