/* SPDX-License-Identifier: MIT */
/* Writing of messages. */
#include <string.h>
#include <l4/sys/factory.h>
#include "wire/wire.h"

static unsigned words_of(unsigned bytes)
{
	return (unsigned)((bytes + sizeof(l4_umword_t) - 1) / sizeof(l4_umword_t));
}

/* Room for bytes at the next multiple of align, the gap cleared; NULL and failure if none. */
static void *take(struct wire_out *o, size_t bytes, size_t align)
{
	unsigned start = (unsigned)((o->bytes + align - 1) & ~(align - 1));
	char *mr = (char *)l4_utcb_mr()->mr;

	if (o->failed || o->items || bytes > WIRE_MAX_BYTES || start > WIRE_MAX_BYTES - bytes) {
		o->failed = true;
		return NULL;
	}
	memset(mr + o->bytes, 0, start - o->bytes);
	o->bytes = start + (unsigned)bytes;
	return mr + start;
}

void wire_put_struct(struct wire_out *o, const void *data, size_t bytes, size_t align)
{
	void *to = take(o, bytes, align);

	if (to && bytes)
		memcpy(to, data, bytes);
}

void wire_put_u8(struct wire_out *o, l4_uint8_t v)
{
	wire_put_struct(o, &v, sizeof(v), sizeof(v));
}

void wire_put_u16(struct wire_out *o, l4_uint16_t v)
{
	wire_put_struct(o, &v, sizeof(v), sizeof(v));
}

void wire_put_u32(struct wire_out *o, l4_uint32_t v)
{
	wire_put_struct(o, &v, sizeof(v), sizeof(v));
}

void wire_put_u64(struct wire_out *o, l4_uint64_t v)
{
	wire_put_struct(o, &v, sizeof(v), sizeof(v));
}

void wire_put_word(struct wire_out *o, l4_umword_t v)
{
	wire_put_struct(o, &v, sizeof(v), sizeof(v));
}

void wire_put_bytes(struct wire_out *o, const void *data, size_t bytes)
{
	wire_put_struct(o, data, bytes, 1);
}

void wire_put_array(struct wire_out *o, const void *data, size_t bytes)
{
	wire_put_word(o, bytes);
	wire_put_bytes(o, data, bytes);
}

void wire_put_string(struct wire_out *o, const char *text)
{
	wire_put_array(o, text, strlen(text) + 1);
}

void wire_align(struct wire_out *o, size_t align)
{
	take(o, 0, align);
}

static void put_varg(struct wire_out *o, unsigned type, const void *data, size_t bytes)
{
	wire_put_word(o, type | (l4_umword_t)bytes << 16);
	wire_put_bytes(o, data, bytes);
	wire_align(o, sizeof(l4_umword_t));
}

void wire_put_varg_uint(struct wire_out *o, l4_umword_t v)
{
	put_varg(o, L4_VARG_TYPE_UMWORD, &v, sizeof(v));
}

void wire_put_varg_int(struct wire_out *o, l4_mword_t v)
{
	put_varg(o, L4_VARG_TYPE_MWORD, &v, sizeof(v));
}

void wire_put_varg_fpage(struct wire_out *o, l4_fpage_t v)
{
	put_varg(o, L4_VARG_TYPE_FPAGE, &v.raw, sizeof(v.raw));
}

void wire_put_varg_string(struct wire_out *o, const char *text)
{
	put_varg(o, L4_VARG_TYPE_STRING, text, strlen(text) + 1);
}

void wire_put_varg_bytes(struct wire_out *o, const void *data, size_t bytes)
{
	put_varg(o, L4_VARG_TYPE_STRING, data, bytes);
}

void wire_put_item(struct wire_out *o, l4_umword_t control, l4_fpage_t fpage)
{
	l4_umword_t *mr = l4_utcb_mr()->mr;
	unsigned at = words_of(o->bytes) + 2 * o->items;

	if (o->failed || at + 2 > L4_UTCB_GENERIC_DATA_SIZE) {
		o->failed = true;
		return;
	}
	mr[at] = control;
	mr[at + 1] = fpage.raw;
	o->items++;
}

void wire_put_cap(struct wire_out *o, l4_cap_idx_t cap, unsigned rights)
{
	if (!l4_is_valid_cap(cap)) {
		wire_put_item(o, 0, l4_fpage_invalid());
		return;
	}
	wire_put_item(o, L4_ITEM_MAP | (rights & 0xf0), l4_obj_fpage(cap, 0, rights & 0xf));
}

l4_msgtag_t wire_tag(const struct wire_out *o, long label)
{
	if (o->failed)
		return l4_msgtag(label, 0, 0, 0);
	return l4_msgtag(label, words_of(o->bytes), o->items, 0);
}
