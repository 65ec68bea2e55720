/* SPDX-License-Identifier: MIT */
/* Reading of messages. */
#include <string.h>
#include <l4/sys/factory.h>
#include "wire/wire.h"

enum { ITEM_TYPE_SHIFT = 4, ITEM_ORDER_SHIFT = 6, LABEL_RIGHTS = 3 };

struct wire_in wire_in_init(l4_msgtag_t tag)
{
	unsigned words = l4_msgtag_words(tag), items = l4_msgtag_items(tag);
	struct wire_in in = { .end = words * (unsigned)sizeof(l4_umword_t),
			      .item_at = words,
			      .items_left = items };

	if (words + 2 * items > L4_UTCB_GENERIC_DATA_SIZE)
		in = (struct wire_in){ .failed = true };
	return in;
}

static size_t aligned(size_t at, size_t align)
{
	return (at + align - 1) & ~(align - 1);
}

bool wire_has(const struct wire_in *in, size_t bytes, size_t align)
{
	size_t start = aligned(in->bytes, align);

	return !in->failed && start <= in->end && bytes <= in->end - start;
}

/* The next bytes, where they lie; NULL and failure if they are not there. */
static char *take(struct wire_in *in, size_t bytes, size_t align)
{
	char *mr = (char *)l4_utcb_mr()->mr;
	size_t start = aligned(in->bytes, align);

	if (!wire_has(in, bytes, align)) {
		in->failed = true;
		return NULL;
	}
	in->bytes = (unsigned)(start + bytes);
	return mr + start;
}

const void *wire_get_bytes(struct wire_in *in, size_t bytes)
{
	return take(in, bytes, 1);
}

void wire_get_struct(struct wire_in *in, void *data, size_t bytes, size_t align)
{
	const void *from = take(in, bytes, align);

	if (from)
		memcpy(data, from, bytes);
	else
		memset(data, 0, bytes);
}

l4_uint8_t wire_get_u8(struct wire_in *in)
{
	l4_uint8_t v;

	wire_get_struct(in, &v, sizeof(v), sizeof(v));
	return v;
}

l4_uint16_t wire_get_u16(struct wire_in *in)
{
	l4_uint16_t v;

	wire_get_struct(in, &v, sizeof(v), sizeof(v));
	return v;
}

l4_uint32_t wire_get_u32(struct wire_in *in)
{
	l4_uint32_t v;

	wire_get_struct(in, &v, sizeof(v), sizeof(v));
	return v;
}

l4_uint64_t wire_get_u64(struct wire_in *in)
{
	l4_uint64_t v;

	wire_get_struct(in, &v, sizeof(v), sizeof(v));
	return v;
}

l4_umword_t wire_get_word(struct wire_in *in)
{
	l4_umword_t v;

	wire_get_struct(in, &v, sizeof(v), sizeof(v));
	return v;
}

static char *get_array(struct wire_in *in, size_t *bytes)
{
	size_t count = wire_get_word(in);
	char *data = take(in, count, 1);

	*bytes = data ? count : 0;
	return data;
}

const void *wire_get_array(struct wire_in *in, size_t *bytes)
{
	return get_array(in, bytes);
}

const char *wire_get_string(struct wire_in *in)
{
	size_t count;
	char *text = get_array(in, &count);

	if (!count) {
		in->failed = true;
		return "";
	}
	text[count - 1] = 0;
	return text;
}

void wire_get_align(struct wire_in *in, size_t align)
{
	take(in, 0, align);
}

static bool is_word(unsigned type)
{
	return type == L4_VARG_TYPE_UMWORD || type == L4_VARG_TYPE_MWORD ||
	       type == L4_VARG_TYPE_FPAGE;
}

/* Length and data of an argument; false if they are not there or do not suit its type. */
static bool varg_body(struct wire_in *in, struct wire_varg *arg, l4_umword_t tag)
{
	char *data;

	arg->type = tag & 0xff;
	arg->length = tag >> 16 & 0xffff;
	if (tag >> 32 || (is_word(arg->type) && arg->length != sizeof(arg->value)))
		return false;
	data = take(in, aligned(arg->length, sizeof(tag)), sizeof(tag));
	if (!data)
		return false;
	if (is_word(arg->type))
		memcpy(&arg->value, data, sizeof(arg->value));
	if (arg->type == L4_VARG_TYPE_STRING && arg->length)
		data[arg->length - 1] = 0;
	arg->data = data;
	return true;
}

bool wire_get_varg(struct wire_in *in, struct wire_varg *arg)
{
	l4_umword_t tag;

	*arg = (struct wire_varg){ .data = "" };
	if (!wire_has(in, sizeof(tag), sizeof(tag)))
		return false;
	tag = wire_get_word(in);
	if (!tag) {
		in->bytes = in->end;
		return false;
	}
	if (!varg_body(in, arg, tag)) {
		*arg = (struct wire_varg){ .data = "" };
		in->failed = true;
		return false;
	}
	return true;
}

/* Kinds by type of the flexpage: special, memory, I/O ports, objects. */
static const enum wire_item_kind mapped_kind[4] = { WIRE_NOTHING, WIRE_MEMORY, WIRE_IO, WIRE_CAP };

static enum wire_item_kind kind_of(l4_umword_t control)
{
	if (!(control & L4_ITEM_MAP))
		return WIRE_NOTHING;
	switch (control & L4_RCV_ITEM_RESULT_MASK) {
	case L4_RCV_ITEM_MAPPED:
		return mapped_kind[control >> ITEM_TYPE_SHIFT & 3];
	case L4_RCV_ITEM_GATE_LABEL:
		return WIRE_OWN_LABEL;
	case L4_RCV_ITEM_FLEXPAGE:
		return WIRE_LOCAL;
	default:
		return WIRE_NOTHING;
	}
}

struct wire_item wire_get_item(struct wire_in *in)
{
	const l4_umword_t *mr = l4_utcb_mr()->mr + in->item_at;
	struct wire_item item = { .kind = WIRE_NOTHING };

	if (in->failed || !in->items_left) {
		in->failed = true;
		return item;
	}
	in->items_left--;
	in->item_at += 2;
	item.kind = kind_of(mr[0]);
	item.buffer = in->buffer;
	item.order = mr[0] >> ITEM_ORDER_SHIFT & 63;
	item.fpage.raw = mr[1];
	item.label = mr[1] & ~(l4_umword_t)LABEL_RIGHTS;
	item.rights = mr[1] & LABEL_RIGHTS;
	if ((mr[0] & L4_ITEM_MAP) && (mr[0] >> ITEM_TYPE_SHIFT & 3) == L4_FPAGE_OBJ)
		in->buffer += !(mr[0] & L4_ITEM_CONT);
	return item;
}

struct wire_item wire_get_cap(struct wire_in *in)
{
	struct wire_item item = wire_get_item(in);

	if (item.kind != WIRE_CAP && item.kind != WIRE_OWN_LABEL && item.kind != WIRE_LOCAL) {
		in->failed = true;
		item.kind = WIRE_NOTHING;
	}
	return item;
}
