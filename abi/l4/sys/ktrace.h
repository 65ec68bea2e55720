/* SPDX-License-Identifier: MIT */
/* Trace buffer of the kernel, by the debugger object. All message registers stay as they are. */
#ifndef L4_SYS_KTRACE_H
#define L4_SYS_KTRACE_H

#include <l4/sys/kdebug.h>

enum L4_ktrace_ops {
	L4_KTRACE_LOG_OP = L4_KDEBUG_GROUP_TRACE + 1,
	L4_KTRACE_CLEAR_OP = L4_KDEBUG_GROUP_TRACE + 2,
	L4_KTRACE_DUMP_OP = L4_KDEBUG_GROUP_TRACE + 3,
	L4_KTRACE_LOG_3VAL_OP = L4_KDEBUG_GROUP_TRACE + 4,
	L4_KTRACE_LOG_BINARY_OP = L4_KDEBUG_GROUP_TRACE + 5
};

enum { L4_KTRACE_BINARY_BYTES = 24 }; /* of a record */

/* A record with a text. 0 or a negative error. */
L4_INLINE long fiasco_tbuf_log(char const *text) L4_NOTHROW
{
	return l4_error(__kdebug_text(L4_KTRACE_LOG_OP, text, (unsigned)__builtin_strlen(text)));
}

/* A record with three words and a short text. 0 or a negative error. */
L4_INLINE long fiasco_tbuf_log_3val(char const *text, l4_umword_t v1, l4_umword_t v2,
				    l4_umword_t v3) L4_NOTHROW
{
	enum { TEXT_AT = 5 };
	unsigned max = (L4_UTCB_GENERIC_DATA_SIZE - TEXT_AT) * sizeof(l4_umword_t);
	unsigned length = (unsigned)__builtin_strlen(text);
	l4_utcb_t *utcb = l4_utcb();
	l4_msg_regs_t *v = l4_utcb_mr_u(utcb);
	l4_msg_regs_t saved = *v;
	long result;

	if (length > max)
		length = max;
	v->mr[0] = L4_KTRACE_LOG_3VAL_OP;
	v->mr[1] = v1;
	v->mr[2] = v2;
	v->mr[3] = v3;
	v->mr[4] = length;
	__builtin_memcpy(&v->mr[TEXT_AT], text, length);
	result = l4_error_u(l4_obj_call_u(L4_BASE_DEBUGGER_CAP, L4_PROTO_DEBUGGER,
					  TEXT_AT + l4_bytes_to_mwords(length), 0, utcb),
			    utcb);
	*v = saved;
	return result;
}

/* A record of L4_KTRACE_BINARY_BYTES bytes. 0 or a negative error. */
L4_INLINE long fiasco_tbuf_log_binary(unsigned char const *data) L4_NOTHROW
{
	return l4_error(
	    __kdebug_text(L4_KTRACE_LOG_BINARY_OP, (char const *)data, L4_KTRACE_BINARY_BYTES));
}

/* Drop all records. */
L4_INLINE void fiasco_tbuf_clear(void) L4_NOTHROW
{
	__kdebug_op_1(L4_KTRACE_CLEAR_OP, 0);
}

/* Print the records on the kernel's console. */
L4_INLINE void fiasco_tbuf_dump(void) L4_NOTHROW
{
	__kdebug_op_1(L4_KTRACE_DUMP_OP, 0);
}

#endif
