/* SPDX-License-Identifier: MIT */
/*
 * The wire format of the L4Re protocols: values, arrays and capabilities in message registers.
 *
 * Writers and readers work on the message registers of the calling thread's UTCB. They fail closed:
 * the first value that does not fit, or is not there, sets `failed`, later calls change nothing and
 * read zeros. So a caller reads or writes everything, then checks once. A server answers
 * -L4_EMSGTOOSHORT if reading failed.
 *
 * A message is the values, each aligned to its own size, then (from the next word on) the items.
 * All values are put before the first item. Reader and writer share the registers: a server reads
 * all arguments, and copies texts that it keeps, before it puts the first value of its reply.
 */
#ifndef WIRE_WIRE_H
#define WIRE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <l4/sys/consts.h>
#include <l4/sys/l4int.h>
#include <l4/sys/types.h>
#include <l4/sys/utcb.h>

enum { WIRE_MAX_BYTES = L4_UTCB_GENERIC_DATA_SIZE * sizeof(l4_umword_t) };

/* A message being written. All zeros is an empty message. */
struct wire_out {
	unsigned bytes; /* of values so far */
	unsigned items; /* so far */
	bool failed;
};

/* A message being read. */
struct wire_in {
	unsigned bytes;	     /* of values read so far */
	unsigned end;	     /* bytes of values in the message */
	unsigned item_at;    /* message register of the next item */
	unsigned items_left; /* items not read yet */
	unsigned buffer;     /* receive buffer of the next capability, counted from 0 */
	bool failed;
};

/* What the kernel did with an item. */
enum wire_item_kind {
	WIRE_NOTHING,	/* a void item, or the sender's slot was empty */
	WIRE_CAP,	/* capability mapped into the receive slot */
	WIRE_OWN_LABEL, /* capability of a gate of the receiver's; nothing mapped */
	WIRE_LOCAL,	/* sender is in the same task: its flexpage; nothing mapped */
	WIRE_MEMORY,	/* memory mapped */
	WIRE_IO		/* I/O ports mapped */
};

/* An item as received. */
struct wire_item {
	enum wire_item_kind kind;
	unsigned buffer;   /* WIRE_CAP: the receive buffer it went to, counted from 0 */
	unsigned order;	   /* WIRE_MEMORY, WIRE_IO: log2 of the bytes or ports mapped */
	unsigned rights;   /* WIRE_OWN_LABEL: L4_CAP_FPAGE_W | L4_CAP_FPAGE_S of the capability */
	l4_umword_t label; /* WIRE_OWN_LABEL: label of the gate, low two bits 0 */
	l4_fpage_t fpage;  /* WIRE_LOCAL: as sent */
};

/* A variable argument (L4_varg_type); data lies in the message registers. */
struct wire_varg {
	unsigned type;	   /* L4_VARG_TYPE_* */
	unsigned length;   /* bytes; of a string with its NUL */
	const void *data;  /* never NULL; the last byte of a string is made NUL */
	l4_umword_t value; /* words and flexpages; 0 for others */
};

/* --- Writing --- */

/* Values of 1, 2, 4, 8 bytes and of a machine word, each aligned to its size. */
void wire_put_u8(struct wire_out *o, l4_uint8_t v);
void wire_put_u16(struct wire_out *o, l4_uint16_t v);
void wire_put_u32(struct wire_out *o, l4_uint32_t v);
void wire_put_u64(struct wire_out *o, l4_uint64_t v);
void wire_put_word(struct wire_out *o, l4_umword_t v);

/* Bytes as they are, without count or alignment. */
void wire_put_bytes(struct wire_out *o, const void *data, size_t bytes);

/* A C structure of so many bytes with that alignment (a power of two up to 8). */
void wire_put_struct(struct wire_out *o, const void *data, size_t bytes, size_t align);

/* An array of bytes: a word with the count, then the bytes. Names of the namespace protocol. */
void wire_put_array(struct wire_out *o, const void *data, size_t bytes);

/* A string argument: an array whose count includes the NUL. */
void wire_put_string(struct wire_out *o, const char *text);

/* Go on at the next multiple of align (power of two up to 8). The bytes skipped become 0. */
void wire_align(struct wire_out *o, size_t align);

/* Variable arguments, as the create operation of factories takes them. */
void wire_put_varg_uint(struct wire_out *o, l4_umword_t v);
void wire_put_varg_int(struct wire_out *o, l4_mword_t v);
void wire_put_varg_fpage(struct wire_out *o, l4_fpage_t v);
void wire_put_varg_string(struct wire_out *o, const char *text);
void wire_put_varg_bytes(struct wire_out *o, const void *data, size_t bytes);

/* Any item: control as of l4_map_control(), and a flexpage. No value can follow. */
void wire_put_item(struct wire_out *o, l4_umword_t control, l4_fpage_t fpage);

/*
 * A capability: rights L4_CAP_FPAGE_* in bits 0..3, L4_FPAGE_C_* in bits 4..7. An invalid one is
 * put as a void item, which maps nothing.
 */
void wire_put_cap(struct wire_out *o, l4_cap_idx_t cap, unsigned rights);

/* Tag of the message with that label. A failed message has no words and no items. */
l4_msgtag_t wire_tag(const struct wire_out *o, long label);

/* --- Reading --- */

/* Read the message that tag describes, from its first byte. */
struct wire_in wire_in_init(l4_msgtag_t tag);

l4_uint8_t wire_get_u8(struct wire_in *in);
l4_uint16_t wire_get_u16(struct wire_in *in);
l4_uint32_t wire_get_u32(struct wire_in *in);
l4_uint64_t wire_get_u64(struct wire_in *in);
l4_umword_t wire_get_word(struct wire_in *in);

/* True if a value of so many bytes with that alignment is there: for optional arguments. */
bool wire_has(const struct wire_in *in, size_t bytes, size_t align);

/* So many bytes, where they lie in the message; NULL if they are not there. */
const void *wire_get_bytes(struct wire_in *in, size_t bytes);

/* Copy a C structure out; zeros if it is not there. */
void wire_get_struct(struct wire_in *in, void *data, size_t bytes, size_t align);

/* An array of bytes, where it lies, and its count; NULL and 0 if it is not there. */
const void *wire_get_array(struct wire_in *in, size_t *bytes);

/* A string, where it lies, its last byte made NUL; "" if not there. A count of 0 is a failure. */
const char *wire_get_string(struct wire_in *in);

/* Go on at the next multiple of align. */
void wire_get_align(struct wire_in *in, size_t align);

/*
 * The next variable argument. False at the end of the list, which the first empty argument is too,
 * and if the argument is longer than the message (then reading has failed).
 */
bool wire_get_varg(struct wire_in *in, struct wire_varg *arg);

/* The next item; WIRE_NOTHING and failure if the message has no more. */
struct wire_item wire_get_item(struct wire_in *in);

/* The next item, which must be a capability: WIRE_CAP, WIRE_OWN_LABEL or WIRE_LOCAL. */
struct wire_item wire_get_cap(struct wire_in *in);

/* --- Calling --- */

/* Accept no items in the answer. */
void wire_expect_nothing(void);

/* Accept one capability, into the slot. */
void wire_expect_cap(l4_cap_idx_t slot);

/* Accept memory or I/O ports, into the window. */
void wire_expect_fpage(l4_fpage_t window);

/*
 * Send the message to the object and read its answer. The caller has said with wire_expect_*() what
 * it accepts. Returns the label of the answer, -L4_EIPC_LO - code for an IPC error, or
 * -L4_EMSGTOOLONG if the message did not fit. in can be NULL.
 * An invalid capability is like one that does not exist: to the kernel it is the calling thread,
 * who would wait for itself.
 */
long wire_call(l4_cap_idx_t object, const struct wire_out *o, long protocol, struct wire_in *in);

/*
 * The same with limits. The error for the first is -(L4_EIPC_LO + L4_IPC_SETIMEOUT): so long nobody
 * has received the message. A gate that no server has bound lets its callers wait for one.
 */
long wire_call_within(l4_cap_idx_t object, const struct wire_out *o, long protocol,
		      struct wire_in *in, l4_timeout_t limits);

#endif
