/* SPDX-License-Identifier: MIT */
/*
 * libFuzzer target for the readers of the wire format. The input is a program of reads, then a
 * message. All words outside the message are poisoned; what is handed out must lie in the message,
 * texts must end, and after a failure all answers must be empty.
 */
#include <sanitizer/asan_interface.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "wire/wire.h"

enum { SCRIPT_BYTES = 16 };

static l4_utcb_t utcb;

l4_utcb_t *l4_utcb_wrap(void)
{
	return &utcb;
}

static void check(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "broken: %s\n", what);
	abort();
}

/* Read every byte, so that the sanitizer looks at it. */
static void touch(const struct wire_in *in, const void *data, size_t n)
{
	const char *p = data, *mr = (const char *)utcb.mr.mr;
	volatile char sum = 0;

	check(n == 0 || (p >= mr && p + n <= mr + in->end), "data lie in the message");
	for (size_t i = 0; i < n; i++)
		sum = (char)(sum + p[i]);
}

static void read_numbers(struct wire_in *in, unsigned what)
{
	l4_uint64_t v;

	switch (what) {
	case 0:
		v = wire_get_u8(in);
		break;
	case 1:
		v = wire_get_u16(in);
		break;
	case 2:
		v = wire_get_u32(in);
		break;
	default:
		v = wire_get_u64(in);
	}
	check(!in->failed || v == 0, "a number that is not there is 0");
}

static void read_string(struct wire_in *in)
{
	const char *text = wire_get_string(in);

	check(!in->failed || !*text, "a text that is not there is empty");
	touch(in, text, in->failed ? 0 : strlen(text) + 1);
}

static void read_array(struct wire_in *in)
{
	size_t n;
	const void *p = wire_get_array(in, &n);

	check(in->failed ? !p && !n : !!p, "an array is there or reading has failed");
	touch(in, p, n);
}

static void read_varg(struct wire_in *in)
{
	struct wire_varg v;
	bool there = wire_get_varg(in, &v);

	check(there || !v.length, "no argument, no length");
	check(!there || !in->failed, "no argument after a failure");
	touch(in, v.data, v.length);
	if (there && v.type == L4_VARG_TYPE_STRING && v.length)
		check(!((const char *)v.data)[v.length - 1], "strings end with NUL");
}

static void read_item(struct wire_in *in, bool cap)
{
	unsigned left = in->items_left;
	bool failed = in->failed;
	struct wire_item i = cap ? wire_get_cap(in) : wire_get_item(in);

	check(!failed || i.kind == WIRE_NOTHING, "no item after a failure");
	check(in->items_left == left - (!failed && left), "each item is read once");
	check(!cap || in->failed || i.kind == WIRE_CAP || i.kind == WIRE_OWN_LABEL ||
		  i.kind == WIRE_LOCAL,
	      "a capability or nothing");
}

static void step(struct wire_in *in, unsigned op)
{
	bool failed = in->failed;
	unsigned bytes = in->bytes;

	switch (op % 9) {
	case 4:
		read_string(in);
		break;
	case 5:
		read_array(in);
		break;
	case 6:
		read_varg(in);
		break;
	case 7:
		read_item(in, op & 0x80);
		break;
	case 8:
		touch(in, wire_get_bytes(in, op >> 4), in->failed ? 0 : op >> 4);
		break;
	default:
		read_numbers(in, op % 9);
	}
	check(in->bytes <= in->end, "no reading beyond the end");
	check(in->bytes >= bytes, "no reading twice");
	check(!failed || in->failed, "a failure stays");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	l4_msgtag_t tag;
	struct wire_in in;
	size_t used;

	if (size < SCRIPT_BYTES + 2)
		return 0;
	tag = l4_msgtag(0, data[SCRIPT_BYTES] & 63, data[SCRIPT_BYTES + 1] & 63, 0);
	used = 8 * (l4_msgtag_words(tag) + 2 * l4_msgtag_items(tag));
	used = used > WIRE_MAX_BYTES ? 0 : used;
	memset(&utcb, 0, sizeof(utcb));
	size -= SCRIPT_BYTES + 2;
	memcpy(utcb.mr.mr, data + SCRIPT_BYTES + 2, size < used ? size : used);
	__asan_poison_memory_region((char *)utcb.mr.mr + used, sizeof(utcb) - used);
	in = wire_in_init(tag);
	for (unsigned i = 0; i < SCRIPT_BYTES; i++)
		step(&in, data[i]);
	__asan_unpoison_memory_region(&utcb, sizeof(utcb));
	return 0;
}
