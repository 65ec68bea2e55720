/* SPDX-License-Identifier: MIT */
/* I/O ports. The task needs the rights for them. */
#ifndef L4_UTIL_PORT_IO_H
#define L4_UTIL_PORT_IO_H

#include <l4/sys/compiler.h>
#include <l4/sys/l4int.h>
#include <l4/sys/types.h>

/* One value, and count values to or from memory at addr. */
#define L4UTIL_PORT_IO(bits, suffix, reg)                                                        \
	L4_INLINE l4_uint##bits##_t l4util_in##bits(l4_uint16_t port)                            \
	{                                                                                        \
		l4_uint##bits##_t v;                                                             \
		__asm__ __volatile__("in" suffix " %w1, %" reg "0" : "=a"(v) : "Nd"(port));      \
		return v;                                                                        \
	}                                                                                        \
	L4_INLINE void l4util_out##bits(l4_uint##bits##_t value, l4_uint16_t port)               \
	{                                                                                        \
		__asm__ __volatile__("out" suffix " %" reg "0, %w1" : : "a"(value), "Nd"(port)); \
	}                                                                                        \
	L4_INLINE void l4util_ins##bits(l4_uint16_t port, l4_umword_t addr, l4_umword_t count)   \
	{                                                                                        \
		__asm__ __volatile__("rep ins" suffix                                            \
				     : "+D"(addr), "+c"(count)                                   \
				     : "d"(port)                                                 \
				     : "memory");                                                \
	}                                                                                        \
	L4_INLINE void l4util_outs##bits(l4_uint16_t port, l4_umword_t addr, l4_umword_t count)  \
	{                                                                                        \
		__asm__ __volatile__("rep outs" suffix                                           \
				     : "+S"(addr), "+c"(count)                                   \
				     : "d"(port)                                                 \
				     : "memory");                                                \
	}

L4UTIL_PORT_IO(8, "b", "b")
L4UTIL_PORT_IO(16, "w", "w")
L4UTIL_PORT_IO(32, "l", "k")

#undef L4UTIL_PORT_IO

/* Wait about a microsecond, by a write to port 0x80. */
L4_INLINE void l4util_iodelay(void)
{
	__asm__ __volatile__("outb %%al, $0x80" : :);
}

EXTERN_C_BEGIN

/* Map 2^log2size ports from port_start on, from sigma0. 0, or an error. */
L4_CV long l4util_ioport_map(l4_cap_idx_t sigma0id, unsigned port_start, unsigned log2size);

EXTERN_C_END

#endif
