/* SPDX-License-Identifier: MIT */
/*
 * What the kernel debugger knows about objects: names, ids, trace logs. Every function fails
 * harmlessly (IPC error) in a kernel without debugger; cap is an object, or the debugger itself.
 */
#ifndef L4_SYS_DEBUGGER_H
#define L4_SYS_DEBUGGER_H

#include <l4/sys/kobject.h>

enum L4_debugger_ops {
	L4_DEBUGGER_NAME_SET_OP = 0,
	L4_DEBUGGER_GLOBAL_ID_OP = 1,
	L4_DEBUGGER_KOBJ_TO_ID_OP = 2,
	L4_DEBUGGER_QUERY_LOG_TYPEID_OP = 3,
	L4_DEBUGGER_SWITCH_LOG_OP = 4,
	L4_DEBUGGER_NAME_GET_OP = 5, /* by id */
	L4_DEBUGGER_QUERY_LOG_NAME_OP = 6,
	L4_DEBUGGER_ADD_IMAGE_INFO_OP = 7,
	L4_DEBUGGER_NAME_GET_SELF_OP = 8, /* of the object */
	L4_DEBUGGER_OBJ_INFO_OP = 16
};

enum { L4_DEBUGGER_SWITCH_LOG_OFF = 0, L4_DEBUGGER_SWITCH_LOG_ON = 1 };

/* Copy src, cut to size - 1 characters and terminated. Returns bytes written; size 0: none. */
L4_INLINE unsigned l4_debugger_strcpy(char *dst, char const *src, unsigned size) L4_NOTHROW
{
	unsigned i = 0;

	if (!size)
		return 0;
	for (; i < size - 1 && src[i]; i++)
		dst[i] = src[i];
	dst[i] = 0;
	return i + 1;
}

/* Operation op with the first words - 1 words set, followed by text cut to max bytes. */
L4_INLINE l4_msgtag_t l4_debugger_text_u(l4_cap_idx_t cap, unsigned op, unsigned words,
					 char const *text, unsigned max, l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msg_regs_t *v = l4_utcb_mr_u(utcb);
	unsigned len = l4_debugger_strcpy((char *)&v->mr[words], text, max);

	v->mr[0] = op;
	return l4_invoke_debugger(cap, l4_msgtag(0, words + l4_bytes_to_mwords(len), 0, 0), utcb);
}

/* Give the object behind cap a name; the kernel keeps 16 characters. */
L4_INLINE l4_msgtag_t l4_debugger_set_object_name_u(l4_cap_idx_t cap, char const *name,
						    l4_utcb_t *utcb) L4_NOTHROW
{
	return l4_debugger_text_u(cap, L4_DEBUGGER_NAME_SET_OP, 1, name, 32, utcb);
}

/* l4_debugger_set_object_name_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_debugger_set_object_name(l4_cap_idx_t cap, char const *name) L4_NOTHROW
{
	return l4_debugger_set_object_name_u(cap, name, l4_utcb());
}

/* name (size bytes, terminated) = name of the object with the debugger id. -L4_ENOENT. */
L4_INLINE l4_msgtag_t l4_debugger_get_object_name_u(l4_cap_idx_t cap, unsigned id, char *name,
						    unsigned size, l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msg_regs_t *v = l4_utcb_mr_u(utcb);
	l4_msgtag_t res;

	v->mr[0] = L4_DEBUGGER_NAME_GET_OP;
	v->mr[1] = id;
	res = l4_invoke_debugger(cap, l4_msgtag(0, 2, 0, 0), utcb);
	if (l4_error_u(res, utcb) >= 0)
		l4_debugger_strcpy(name, (char const *)&v->mr[0], size);
	else if (size)
		name[0] = 0;
	return res;
}

/* l4_debugger_get_object_name_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_debugger_get_object_name(l4_cap_idx_t cap, unsigned id, char *name,
						  unsigned size) L4_NOTHROW
{
	return l4_debugger_get_object_name_u(cap, id, name, size, l4_utcb());
}

/* Debugger id of the object behind cap; ~0UL on error. */
L4_INLINE unsigned long l4_debugger_global_id_u(l4_cap_idx_t cap, l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msg_regs_t *v = l4_utcb_mr_u(utcb);

	v->mr[0] = L4_DEBUGGER_GLOBAL_ID_OP;
	if (l4_error_u(l4_invoke_debugger(cap, l4_msgtag(0, 1, 0, 0), utcb), utcb))
		return ~0UL;
	return v->mr[0];
}

/* l4_debugger_global_id_u() with the UTCB of the calling thread. */
L4_INLINE unsigned long l4_debugger_global_id(l4_cap_idx_t cap) L4_NOTHROW
{
	return l4_debugger_global_id_u(cap, l4_utcb());
}

/* Debugger id of the object at the kernel address kobjp; ~0UL on error. */
L4_INLINE unsigned long l4_debugger_kobj_to_id_u(l4_cap_idx_t cap, l4_addr_t kobjp,
						 l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msg_regs_t *v = l4_utcb_mr_u(utcb);

	v->mr[0] = L4_DEBUGGER_KOBJ_TO_ID_OP;
	v->mr[1] = kobjp;
	if (l4_error_u(l4_invoke_debugger(cap, l4_msgtag(0, 2, 0, 0), utcb), utcb))
		return ~0UL;
	return v->mr[0];
}

/* l4_debugger_kobj_to_id_u() with the UTCB of the calling thread. */
L4_INLINE unsigned long l4_debugger_kobj_to_id(l4_cap_idx_t cap, l4_addr_t kobjp) L4_NOTHROW
{
	return l4_debugger_kobj_to_id_u(cap, kobjp, l4_utcb());
}

/* Id of the trace log type name, searched from idx on; or a negative error. */
L4_INLINE long l4_debugger_query_log_typeid_u(l4_cap_idx_t cap, char const *name, unsigned idx,
					      l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msg_regs_t *v = l4_utcb_mr_u(utcb);
	long err;

	v->mr[1] = idx;
	err = l4_error_u(
	    l4_debugger_text_u(cap, L4_DEBUGGER_QUERY_LOG_TYPEID_OP, 2, name, 32, utcb), utcb);
	return err < 0 ? err : (long)v->mr[0];
}

/* l4_debugger_query_log_typeid_u() with the UTCB of the calling thread. */
L4_INLINE long l4_debugger_query_log_typeid(l4_cap_idx_t cap, char const *name,
					    unsigned idx) L4_NOTHROW
{
	return l4_debugger_query_log_typeid_u(cap, name, idx, l4_utcb());
}

/* Long and short name (buffers of the given bytes, terminated) of log type idx. 0 or negative. */
L4_INLINE long l4_debugger_query_log_name_u(l4_cap_idx_t cap, unsigned idx, char *name,
					    unsigned namelen, char *shortname,
					    unsigned shortnamelen, l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msg_regs_t *v = l4_utcb_mr_u(utcb);
	char const *text = (char const *)&v->mr[0];
	long err;

	v->mr[0] = L4_DEBUGGER_QUERY_LOG_NAME_OP;
	v->mr[1] = idx;
	err = l4_error_u(l4_invoke_debugger(cap, l4_msgtag(0, 2, 0, 0), utcb), utcb);
	if (err < 0)
		return err;
	l4_debugger_strcpy(name, text, namelen);
	l4_debugger_strcpy(shortname, text + __builtin_strlen(text) + 1, shortnamelen);
	return 0;
}

/* l4_debugger_query_log_name_u() with the UTCB of the calling thread. */
L4_INLINE long l4_debugger_query_log_name(l4_cap_idx_t cap, unsigned idx, char *name,
					  unsigned namelen, char *shortname,
					  unsigned shortnamelen) L4_NOTHROW
{
	return l4_debugger_query_log_name_u(cap, idx, name, namelen, shortname, shortnamelen,
					    l4_utcb());
}

/* Turn the log name on or off (L4_DEBUGGER_SWITCH_LOG_*). -L4_ENOENT. */
L4_INLINE l4_msgtag_t l4_debugger_switch_log_u(l4_cap_idx_t cap, char const *name, int on_off,
					       l4_utcb_t *utcb) L4_NOTHROW
{
	l4_utcb_mr_u(utcb)->mr[1] = (l4_umword_t)on_off;
	return l4_debugger_text_u(cap, L4_DEBUGGER_SWITCH_LOG_OP, 2, name, 32, utcb);
}

/* l4_debugger_switch_log_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_debugger_switch_log(l4_cap_idx_t cap, char const *name,
					     int on_off) L4_NOTHROW
{
	return l4_debugger_switch_log_u(cap, name, on_off, l4_utcb());
}

/* Tell the debugger where (user address base) the program or library name is in a task. */
L4_INLINE l4_msgtag_t l4_debugger_add_image_info_u(l4_cap_idx_t cap, l4_addr_t base,
						   char const *name, l4_utcb_t *utcb) L4_NOTHROW
{
	l4_utcb_mr_u(utcb)->mr[1] = base;
	return l4_debugger_text_u(cap, L4_DEBUGGER_ADD_IMAGE_INFO_OP, 2, name, 64, utcb);
}

/* l4_debugger_add_image_info_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_debugger_add_image_info(l4_cap_idx_t cap, l4_addr_t base,
						 char const *name) L4_NOTHROW
{
	return l4_debugger_add_image_info_u(cap, base, name, l4_utcb());
}

#endif
