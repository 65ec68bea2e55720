/* SPDX-License-Identifier: MIT */
/*
 * Kernel debugger: entering it and printing through it, on the capability L4_BASE_DEBUGGER_CAP.
 * Nothing happens in kernels without a debugger. The UTCB of the caller is preserved.
 */
#ifndef L4_SYS_KDEBUG_H
#define L4_SYS_KDEBUG_H

#include <l4/sys/compiler.h>
#include <l4/sys/consts.h>
#include <l4/sys/ipc.h>

/* Message register 0 = group + operation. */
enum l4_kdebug_group_t {
	L4_KDEBUG_GROUP_JDB = 0x000,
	L4_KDEBUG_GROUP_KOBJ = 0x100, /* about an object, see debugger.h */
	L4_KDEBUG_GROUP_TRACE = 0x200,
	L4_KDEBUG_GROUP_COV = 0x400,
	L4_KDEBUG_GROUP_DUMP = 0x500
};

enum l4_kdebug_ops_t {
	L4_KDEBUG_ENTER = L4_KDEBUG_GROUP_JDB + 0,
	L4_KDEBUG_OUTCHAR = L4_KDEBUG_GROUP_JDB + 1,
	L4_KDEBUG_OUTNSTRING = L4_KDEBUG_GROUP_JDB + 2,
	L4_KDEBUG_OUTHEX32 = L4_KDEBUG_GROUP_JDB + 3,
	L4_KDEBUG_OUTHEX20 = L4_KDEBUG_GROUP_JDB + 4,
	L4_KDEBUG_OUTHEX16 = L4_KDEBUG_GROUP_JDB + 5,
	L4_KDEBUG_OUTHEX12 = L4_KDEBUG_GROUP_JDB + 6,
	L4_KDEBUG_OUTHEX8 = L4_KDEBUG_GROUP_JDB + 7,
	L4_KDEBUG_OUTDEC = L4_KDEBUG_GROUP_JDB + 8
};

enum { L4_KDEBUG_TEXT_MAX = (L4_UTCB_GENERIC_DATA_SIZE - 2) * 8 }; /* bytes a message */

/* Operation with one word; the caller's message registers stay as they are. */
L4_INLINE l4_msgtag_t __kdebug_op_1(unsigned op, l4_umword_t val) L4_NOTHROW
{
	l4_utcb_t *utcb = l4_utcb();
	l4_msg_regs_t *v = l4_utcb_mr_u(utcb);
	l4_umword_t saved[2] = { v->mr[0], v->mr[1] };
	l4_msgtag_t res;

	v->mr[0] = op;
	v->mr[1] = val;
	res = l4_obj_call_u(L4_BASE_DEBUGGER_CAP, L4_PROTO_DEBUGGER, 2, 0, utcb);
	v->mr[0] = saved[0];
	v->mr[1] = saved[1];
	return res;
}

/* Operation with a text of len bytes, cut to L4_KDEBUG_TEXT_MAX. */
L4_INLINE l4_msgtag_t __kdebug_text(unsigned op, char const *text, unsigned len) L4_NOTHROW
{
	l4_utcb_t *utcb = l4_utcb();
	l4_msg_regs_t *v = l4_utcb_mr_u(utcb);
	l4_msg_regs_t saved = *v;
	l4_msgtag_t res;

	if (len > L4_KDEBUG_TEXT_MAX)
		len = L4_KDEBUG_TEXT_MAX;
	v->mr[0] = op;
	v->mr[1] = len;
	__builtin_memcpy(&v->mr[2], text, len);
	res = l4_obj_call_u(L4_BASE_DEBUGGER_CAP, L4_PROTO_DEBUGGER, 2 + l4_bytes_to_mwords(len), 0,
			    utcb);
	*v = saved;
	return res;
}

/* Enter the debugger with a text to show; "*#" in front makes it debugger commands. */
L4_INLINE void l4_kd_enter(char const *text) L4_NOTHROW
{
	__kdebug_text(L4_KDEBUG_ENTER, text ? text : "",
		      text ? (unsigned)__builtin_strlen(text) : 0);
}

/* Print len bytes, at most L4_KDEBUG_TEXT_MAX. */
L4_INLINE void l4_kd_outnstring(char const *text, unsigned len) L4_NOTHROW
{
	__kdebug_text(L4_KDEBUG_OUTNSTRING, text, len);
}

/* Print a string, at most L4_KDEBUG_TEXT_MAX bytes of it. */
L4_INLINE void l4_kd_outstring(char const *text) L4_NOTHROW
{
	l4_kd_outnstring(text, (unsigned)__builtin_strlen(text));
}

/* Print a character. */
L4_INLINE void l4_kd_outchar(char c) L4_NOTHROW
{
	__kdebug_op_1(L4_KDEBUG_OUTCHAR, (unsigned char)c);
}

/* Print a number in hexadecimal with 8 digits. */
L4_INLINE void l4_kd_outhex32(l4_uint32_t number) L4_NOTHROW
{
	__kdebug_op_1(L4_KDEBUG_OUTHEX32, number);
}

/* Print a number in hexadecimal with 16 digits, in two calls. */
L4_INLINE void l4_kd_outhex64(l4_uint64_t number) L4_NOTHROW
{
	l4_kd_outhex32((l4_uint32_t)(number >> 32));
	l4_kd_outhex32((l4_uint32_t)number);
}

/* Print a machine word in hexadecimal. */
L4_INLINE void l4_kd_outumword(l4_umword_t number) L4_NOTHROW
{
	l4_kd_outhex64(number);
}

/* Print the low 20 bits in hexadecimal with 5 digits. */
L4_INLINE void l4_kd_outhex20(l4_uint32_t number) L4_NOTHROW
{
	__kdebug_op_1(L4_KDEBUG_OUTHEX20, number);
}

/* Print a number in hexadecimal with 4 digits. */
L4_INLINE void l4_kd_outhex16(l4_uint16_t number) L4_NOTHROW
{
	__kdebug_op_1(L4_KDEBUG_OUTHEX16, number);
}

/* Print the low 12 bits in hexadecimal with 3 digits. */
L4_INLINE void l4_kd_outhex12(l4_uint16_t number) L4_NOTHROW
{
	__kdebug_op_1(L4_KDEBUG_OUTHEX12, number);
}

/* Print a number in hexadecimal with 2 digits. */
L4_INLINE void l4_kd_outhex8(l4_uint8_t number) L4_NOTHROW
{
	__kdebug_op_1(L4_KDEBUG_OUTHEX8, number);
}

/* Print a number in decimal. */
L4_INLINE void l4_kd_outdec(l4_mword_t number) L4_NOTHROW
{
	__kdebug_op_1(L4_KDEBUG_OUTDEC, (l4_umword_t)number);
}

#endif
