/* SPDX-License-Identifier: MIT */
/* IPC timeouts: 16 bits each for receive (low) and send (high), relative, absolute, 0 or never. */
#ifndef L4_SYS___TIMEOUT_H
#define L4_SYS___TIMEOUT_H

#include <l4/sys/l4int.h>
#include <l4/sys/compiler.h>

/*
 * One timeout. 0 = never. Bit 15 clear: mantissa (bits 0..9) * 2^exponent (bits 10..14)
 * microseconds. Bit 15 set: kernel-clock time in the buffer register with the index in bits 0..5.
 */
typedef struct l4_timeout_s {
	l4_uint16_t t;
} l4_timeout_s;

/* Both timeouts of an IPC, as passed in register r8. */
typedef union l4_timeout_t {
	l4_uint32_t raw;
	struct {
		l4_timeout_s rcv;
		l4_timeout_s snd;
	} p;
} l4_timeout_t;

L4_STATIC_ASSERT(sizeof(l4_timeout_s) == 2 && sizeof(l4_timeout_t) == 4);
L4_STATIC_ASSERT(offsetof(l4_timeout_t, p.rcv) == 0 && offsetof(l4_timeout_t, p.snd) == 2);

#ifdef __cplusplus
#define L4_TIMEOUT_LITERAL(type, value) (type{ value })
#else
#define L4_TIMEOUT_LITERAL(type, value) ((type){ value })
#endif

#define L4_IPC_TIMEOUT_0     L4_TIMEOUT_LITERAL(l4_timeout_s, 0x0400)
#define L4_IPC_TIMEOUT_NEVER L4_TIMEOUT_LITERAL(l4_timeout_s, 0)
#define L4_IPC_NEVER_INITIALIZER \
	{                        \
		0                \
	}
#define L4_IPC_NEVER	      L4_TIMEOUT_LITERAL(l4_timeout_t, 0)
#define L4_IPC_RECV_TIMEOUT_0 L4_TIMEOUT_LITERAL(l4_timeout_t, 0x00000400)
#define L4_IPC_SEND_TIMEOUT_0 L4_TIMEOUT_LITERAL(l4_timeout_t, 0x04000000)
#define L4_IPC_BOTH_TIMEOUT_0 L4_TIMEOUT_LITERAL(l4_timeout_t, 0x04000400)

#define L4_TIMEOUT_US_NEVER (~0ULL)
#define L4_TIMEOUT_US_MAX   ((1ULL << 41) - 1) /* longer is "never" */

/* man * 2^exp microseconds; man below 1024, exp below 32. */
L4_INLINE l4_timeout_s l4_timeout_rel(unsigned man, unsigned exp) L4_NOTHROW
{
	l4_timeout_s to;

	to.t = (l4_uint16_t)((man & 0x3ff) | ((exp & 0x1f) << 10));
	return to;
}

/* Pair of a send and a receive timeout. */
L4_INLINE l4_timeout_t l4_timeout(l4_timeout_s snd, l4_timeout_s rcv) L4_NOTHROW
{
	l4_timeout_t to;

	to.raw = ((l4_uint32_t)snd.t << 16) | rcv.t;
	return to;
}

/* Pair of relative timeouts from mantissas and exponents. */
L4_INLINE l4_timeout_t l4_ipc_timeout(unsigned snd_man, unsigned snd_exp, unsigned rcv_man,
				      unsigned rcv_exp) L4_NOTHROW
{
	return l4_timeout(l4_timeout_rel(snd_man, snd_exp), l4_timeout_rel(rcv_man, rcv_exp));
}

/* Replace the send timeout of a pair. */
L4_INLINE void l4_snd_timeout(l4_timeout_s snd, l4_timeout_t *to) L4_NOTHROW
{
	to->p.snd = snd;
}

/* Replace the receive timeout of a pair. */
L4_INLINE void l4_rcv_timeout(l4_timeout_s rcv, l4_timeout_t *to) L4_NOTHROW
{
	to->p.rcv = rcv;
}

/* Microseconds of a relative timeout; ~0 for never. */
L4_INLINE l4_kernel_clock_t l4_timeout_rel_get(l4_timeout_s to) L4_NOTHROW
{
	if (to.t == 0)
		return ~0ULL;
	return (l4_kernel_clock_t)(to.t & 0x3ff) << ((to.t >> 10) & 0x1f);
}

/* Not 0 if the timeout is a point in time. */
L4_INLINE unsigned l4_timeout_is_absolute(l4_timeout_s to) L4_NOTHROW
{
	return to.t & 0x8000U;
}

/* Point in time at which a relative timeout that starts at cur ends; 0 for an absolute one. */
L4_INLINE l4_kernel_clock_t l4_timeout_get(l4_kernel_clock_t cur, l4_timeout_s to) L4_NOTHROW
{
	return l4_timeout_is_absolute(to) ? 0 : cur + l4_timeout_rel_get(to);
}

/*
 * Relative timeout of at least us microseconds (rounded up to what the format has; the end of the
 * range, above 1023 * 2^31, is cut to that). 0 and L4_TIMEOUT_US_NEVER mean what they say; more
 * than L4_TIMEOUT_US_MAX is never.
 */
L4_INLINE l4_timeout_s l4_timeout_from_us(l4_uint64_t us) L4_NOTHROW
{
	l4_uint64_t man;
	unsigned exp = 0;

	if (us == 0)
		return L4_IPC_TIMEOUT_0;
	if (us > L4_TIMEOUT_US_MAX)
		return L4_IPC_TIMEOUT_NEVER;
	if (us > 1023)
		exp = 54U - (unsigned)__builtin_clzll(us);
	man = (us + (1ULL << exp) - 1) >> exp;
	if (man > 1023) {
		man = exp < 31 ? 512 : 1023;
		exp = exp < 31 ? exp + 1 : exp;
	}
	return l4_timeout_rel((unsigned)man, exp);
}

#endif
