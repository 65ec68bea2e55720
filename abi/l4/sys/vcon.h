/* SPDX-License-Identifier: MIT */
/* Virtual console: character output and input. Protocol L4_PROTO_LOG; also an ICU with one pin. */
#ifndef L4_SYS_VCON_H
#define L4_SYS_VCON_H

#include <l4/sys/ipc.h>

enum L4_vcon_ops {
	L4_VCON_WRITE_OP = 0, /* no answer */
	L4_VCON_READ_OP = 1,
	L4_VCON_SET_ATTR_OP = 2,
	L4_VCON_GET_ATTR_OP = 3
};

/* Bytes that one message carries. */
enum L4_vcon_size_consts {
	L4_VCON_WRITE_SIZE = (L4_UTCB_GENERIC_DATA_SIZE - 2) * 8,
	L4_VCON_READ_SIZE = (L4_UTCB_GENERIC_DATA_SIZE - 1) * 8
};

/* Word 0 of the answer to a read. */
enum L4_vcon_read_flags {
	L4_VCON_READ_SIZE_MASK = 0x3fffffff,
	L4_VCON_READ_STAT_BREAK = 1 << 30 /* a break came before the bytes */
};
#define L4_VCON_READ_STAT_DONE 0x80000000UL /* nothing is left to read */

enum L4_vcon_i_flags {
	L4_VCON_INLCR = 0100, /* NL to CR */
	L4_VCON_IGNCR = 0200, /* drop CR */
	L4_VCON_ICRNL = 0400  /* CR to NL */
};

enum L4_vcon_o_flags {
	L4_VCON_ONLCR = 04,  /* NL to CR NL */
	L4_VCON_OCRNL = 010, /* CR to NL */
	L4_VCON_ONLRET = 040 /* drop CR */
};

enum L4_vcon_l_flags {
	L4_VCON_ICANON = 02, /* input by lines */
	L4_VCON_ECHO = 010
};

typedef struct l4_vcon_attr_t {
	l4_umword_t i_flags; /* L4_vcon_i_flags */
	l4_umword_t o_flags; /* L4_vcon_o_flags */
	l4_umword_t l_flags; /* L4_vcon_l_flags */
} l4_vcon_attr_t;

L4_STATIC_ASSERT(L4_VCON_WRITE_SIZE == 488 && L4_VCON_READ_SIZE == 496);
L4_STATIC_ASSERT(sizeof(l4_vcon_attr_t) == 24);

/* Write size bytes, at most L4_VCON_WRITE_SIZE (not checked). Use l4_ipc_error() only. */
L4_INLINE l4_msgtag_t l4_vcon_send_u(l4_cap_idx_t vcon, char const *buf, unsigned size,
				     l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msg_regs_t *v = l4_utcb_mr_u(utcb);
	l4_msgtag_t tag =
	    l4_msgtag(L4_PROTO_LOG, 2 + l4_bytes_to_mwords(size), 0, L4_MSGTAG_SCHEDULE);

	v->mr[0] = L4_VCON_WRITE_OP;
	v->mr[1] = size;
	__builtin_memcpy(&v->mr[2], buf, size);
	return l4_ipc_send(vcon, utcb, tag, L4_IPC_NEVER);
}

/* l4_vcon_send_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_vcon_send(l4_cap_idx_t vcon, char const *buf, unsigned size) L4_NOTHROW
{
	return l4_vcon_send_u(vcon, buf, size, l4_utcb());
}

/* Write up to size bytes; returns how many (at most L4_VCON_WRITE_SIZE), or a negative error. */
L4_INLINE long l4_vcon_write_u(l4_cap_idx_t vcon, char const *buf, unsigned size,
			       l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msgtag_t res;

	if (size > L4_VCON_WRITE_SIZE)
		size = L4_VCON_WRITE_SIZE;
	res = l4_vcon_send_u(vcon, buf, size, utcb);
	return l4_msgtag_has_error(res) ? l4_error_u(res, utcb) : (long)size;
}

/* l4_vcon_write_u() with the UTCB of the calling thread. */
L4_INLINE long l4_vcon_write(l4_cap_idx_t vcon, char const *buf, unsigned size) L4_NOTHROW
{
	return l4_vcon_write_u(vcon, buf, size, l4_utcb());
}

/*
 * Read up to size bytes (at most L4_VCON_READ_SIZE) into buf, or drop them if buf is NULL. Returns
 * the number of bytes, or size + 1 if size bytes were read and more are there, with
 * L4_VCON_READ_STAT_BREAK added for a break; or a negative error. Needs the W right.
 */
L4_INLINE int l4_vcon_read_with_flags_u(l4_cap_idx_t vcon, char *buf, unsigned size,
					l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msg_regs_t *v = l4_utcb_mr_u(utcb);
	l4_umword_t status;
	unsigned count;
	long err;

	v->mr[0] = ((l4_umword_t)size << 16) | L4_VCON_READ_OP;
	err = l4_error_u(l4_obj_call_u(vcon, L4_PROTO_LOG, 1, 0, utcb), utcb);
	if (err < 0)
		return (int)err;
	status = v->mr[0];
	count = (unsigned)status & L4_VCON_READ_SIZE_MASK;
	if (count > size)
		count = size;
	if (buf && count <= L4_VCON_READ_SIZE)
		__builtin_memcpy(buf, &v->mr[1], count);
	if (!(status & L4_VCON_READ_STAT_DONE))
		count = size + 1;
	return (int)(count | ((unsigned)status & L4_VCON_READ_STAT_BREAK));
}

/* l4_vcon_read_with_flags_u() with the UTCB of the calling thread. */
L4_INLINE int l4_vcon_read_with_flags(l4_cap_idx_t vcon, char *buf, unsigned size) L4_NOTHROW
{
	return l4_vcon_read_with_flags_u(vcon, buf, size, l4_utcb());
}

/* l4_vcon_read_with_flags_u() without the break flag. */
L4_INLINE int l4_vcon_read_u(l4_cap_idx_t vcon, char *buf, unsigned size,
			     l4_utcb_t *utcb) L4_NOTHROW
{
	int res = l4_vcon_read_with_flags_u(vcon, buf, size, utcb);

	return res < 0 ? res : res & L4_VCON_READ_SIZE_MASK;
}

/* l4_vcon_read_u() with the UTCB of the calling thread. */
L4_INLINE int l4_vcon_read(l4_cap_idx_t vcon, char *buf, unsigned size) L4_NOTHROW
{
	return l4_vcon_read_u(vcon, buf, size, l4_utcb());
}

/* Set the attributes. */
L4_INLINE l4_msgtag_t l4_vcon_set_attr_u(l4_cap_idx_t vcon, l4_vcon_attr_t const *attr,
					 l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msg_regs_t *v = l4_utcb_mr_u(utcb);

	v->mr[0] = L4_VCON_SET_ATTR_OP;
	v->mr[1] = attr->i_flags;
	v->mr[2] = attr->o_flags;
	v->mr[3] = attr->l_flags;
	return l4_obj_call_u(vcon, L4_PROTO_LOG, 4, 0, utcb);
}

/* l4_vcon_set_attr_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_vcon_set_attr(l4_cap_idx_t vcon, l4_vcon_attr_t const *attr) L4_NOTHROW
{
	return l4_vcon_set_attr_u(vcon, attr, l4_utcb());
}

/* *attr = the attributes, on success. */
L4_INLINE l4_msgtag_t l4_vcon_get_attr_u(l4_cap_idx_t vcon, l4_vcon_attr_t *attr,
					 l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msg_regs_t *v = l4_utcb_mr_u(utcb);
	l4_msgtag_t res;

	v->mr[0] = L4_VCON_GET_ATTR_OP;
	res = l4_obj_call_u(vcon, L4_PROTO_LOG, 1, 0, utcb);
	if (l4_error_u(res, utcb) < 0)
		return res;
	attr->i_flags = v->mr[1];
	attr->o_flags = v->mr[2];
	attr->l_flags = v->mr[3];
	return res;
}

/* l4_vcon_get_attr_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_vcon_get_attr(l4_cap_idx_t vcon, l4_vcon_attr_t *attr) L4_NOTHROW
{
	return l4_vcon_get_attr_u(vcon, attr, l4_utcb());
}

/* Attributes for bytes unchanged in both directions, no echo. */
L4_INLINE void l4_vcon_set_attr_raw(l4_vcon_attr_t *attr) L4_NOTHROW
{
	attr->i_flags = attr->o_flags = attr->l_flags = 0;
}

#endif
