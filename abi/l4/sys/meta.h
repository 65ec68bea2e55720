/* SPDX-License-Identifier: MIT */
/* Meta protocol: which interfaces a server object has. Kernel objects answer -L4_EBADPROTO. */
#ifndef L4_SYS_META_H
#define L4_SYS_META_H

#include <l4/sys/types.h>
#include <l4/sys/utcb.h>
#include <l4/sys/ipc.h>

/* Opcodes are C ints: four bytes at the start of the message. */
enum L4_meta_ops {
	L4_META_OP_NUM_INTERFACES = 0,
	L4_META_OP_INTERFACE = 1,
	L4_META_OP_SUPPORTS = 2
};

/* Number of interfaces, or a negative error. */
L4_INLINE long l4_meta_num_interfaces_u(l4_cap_idx_t obj, l4_utcb_t *utcb) L4_NOTHROW
{
	l4_utcb_mr_u(utcb)->mr[0] = L4_META_OP_NUM_INTERFACES;
	return l4_error_u(l4_obj_call_u(obj, L4_PROTO_META, 1, 0, utcb), utcb);
}

/* l4_meta_num_interfaces_u() with the UTCB of the calling thread. */
L4_INLINE long l4_meta_num_interfaces(l4_cap_idx_t obj) L4_NOTHROW
{
	return l4_meta_num_interfaces_u(obj, l4_utcb());
}

/*
 * *proto = protocol and name (size bytes, always terminated) = type name of interface number idx,
 * 0 being the most derived one. 0, -L4_ERANGE or another negative error.
 */
L4_INLINE long l4_meta_interface_u(l4_cap_idx_t obj, l4_umword_t idx, long *proto, char *name,
				   unsigned size, l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msg_regs_t *v = l4_utcb_mr_u(utcb);
	l4_umword_t len;
	long err;

	v->mr[0] = L4_META_OP_INTERFACE;
	v->mr[1] = idx;
	err = l4_error_u(l4_obj_call_u(obj, L4_PROTO_META, 2, 0, utcb), utcb);
	if (err < 0 || size == 0)
		return err < 0 ? err : -L4_EINVAL;
	len = v->mr[1] < size ? v->mr[1] : size - 1U;
	if (len > (L4_UTCB_GENERIC_DATA_SIZE - 2) * sizeof(l4_umword_t))
		return -L4_EMSGTOOLONG;
	*proto = (long)v->mr[0];
	__builtin_memcpy(name, &v->mr[2], len);
	name[len] = 0;
	return 0;
}

/* l4_meta_interface_u() with the UTCB of the calling thread. */
L4_INLINE long l4_meta_interface(l4_cap_idx_t obj, l4_umword_t idx, long *proto, char *name,
				 unsigned size) L4_NOTHROW
{
	return l4_meta_interface_u(obj, idx, proto, name, size, l4_utcb());
}

/* 1 if the object speaks the protocol, 0 if not, or a negative error. */
L4_INLINE long l4_meta_supports_u(l4_cap_idx_t obj, long proto, l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msg_regs_t *v = l4_utcb_mr_u(utcb);

	v->mr[0] = L4_META_OP_SUPPORTS;
	v->mr[1] = (l4_umword_t)proto;
	return l4_error_u(l4_obj_call_u(obj, L4_PROTO_META, 2, 0, utcb), utcb);
}

/* l4_meta_supports_u() with the UTCB of the calling thread. */
L4_INLINE long l4_meta_supports(l4_cap_idx_t obj, long proto) L4_NOTHROW
{
	return l4_meta_supports_u(obj, proto, l4_utcb());
}

#endif
