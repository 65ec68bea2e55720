/* SPDX-License-Identifier: MIT */
/* Namespaces: directories of capabilities. Path components are separated by '/'. */
#ifndef L4_RE_C_NAMESPACE_H
#define L4_RE_C_NAMESPACE_H

#include <l4/re/env.h>

EXTERN_C_BEGIN

typedef l4_cap_idx_t l4re_namespace_t;

/* Rights that later queries get. */
enum l4re_ns_register_flags {
	L4RE_NS_REGISTER_RO = 4,
	L4RE_NS_REGISTER_DIR = 0x10,
	L4RE_NS_REGISTER_RW = 5,
	L4RE_NS_REGISTER_RWS = 7,
	L4RE_NS_REGISTER_S = 2
};

/*
 * Look name up, through other namespaces on its way, into the slot cap. While an entry has no
 * object yet, ask again for up to timeout milliseconds. 0; -L4_ENOENT; -L4_EAGAIN after the
 * timeout.
 */
L4_CV long l4re_ns_query_to_srv(l4re_namespace_t srv, char const *name, l4_cap_idx_t const cap,
				int timeout) L4_NOTHROW;

/* l4re_ns_query_to_srv() with a timeout of 40 s. */
L4_INLINE long l4re_ns_query_srv(l4re_namespace_t srv, char const *name,
				 l4_cap_idx_t const cap) L4_NOTHROW
{
	return l4re_ns_query_to_srv(srv, name, cap, 40000);
}

/*
 * Register obj as name (without '/'); an invalid obj makes an entry that waits for its object.
 * 0; -L4_EPERM without the W right, -L4_EEXIST, -L4_EINVAL, -L4_ENOMEM.
 */
L4_CV long l4re_ns_register_obj_srv(l4re_namespace_t srv, char const *name, l4_cap_idx_t const obj,
				    unsigned flags) L4_NOTHROW;

EXTERN_C_END

#endif
