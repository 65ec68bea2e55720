/* SPDX-License-Identifier: MIT */
/*
 * What a thread can have of the processor for itself: a local descriptor table and debug registers.
 * Rights as for the other operations of threads. Both are loaded while the thread runs, in guest
 * modes of a vCPU too.
 *
 * Local descriptor table. Of 16-bit and 32-bit code and data segments with privilege 3; it replaces
 * the one that all threads of the task have together (fiasco_ldt_set(), 512 entries at most). A
 * thread that comes to execute in a segment that is not there, or beyond its limit, gets exception
 * 13, 11 or 12 at the instruction that it would have executed. cs and ss of vCPU states and of
 * answers to exceptions may name entries of the table.
 *
 * Debug registers. Break points of the processor for addresses outside the kernel's part. A hit is
 * exception 1, where pfa is the status (DR6), whose bits 0 to 3 tell which; 14: a single step. The
 * kernel's own accesses, to the UTCB say, do not hit.
 */
#ifndef L4_ZWINGER_THREAD_H
#define L4_ZWINGER_THREAD_H

#include <l4/sys/segment.h>

#define L4_ZW_THREAD_LDT_OP   0x5bUL
#define L4_ZW_THREAD_DEBUG_OP 0x5cUL

enum { L4_ZW_LDT_ENTRIES_MAX = 8192, L4_ZW_BREAKPOINTS = 4 };

/*
 * A new table with room for so many entries, all absent, takes the place of the thread's own; 0:
 * none. Charged to the thread's factory. 0, -L4_EINVAL (too many, thread without task), -L4_ENOMEM.
 */
L4_INLINE long l4_zw_thread_ldt_new_u(l4_cap_idx_t thread, unsigned entries,
				      l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msg_regs_t *v = l4_utcb_mr_u(utcb);

	v->mr[0] = L4_ZW_THREAD_LDT_OP;
	v->mr[1] = entries;
	return l4_error_u(l4_obj_call_u(thread, L4_PROTO_THREAD, 2, 0, utcb), utcb);
}

/*
 * Set count (at least 1) descriptors from the entry first on in the thread's own table. 0,
 * -L4_EINVAL (no such entry, or a descriptor that is not allowed).
 */
L4_INLINE long l4_zw_thread_ldt_set_u(l4_cap_idx_t thread, unsigned first, void const *descriptors,
				      unsigned count, l4_utcb_t *utcb) L4_NOTHROW
{
	return l4_set_descriptors_u(thread, L4_PROTO_THREAD, L4_ZW_THREAD_LDT_OP, descriptors,
				    count, first, utcb);
}

/*
 * Set the break points' addresses (4) and the debug control register (DR7), of which bits 0 to 9
 * and 16 to 31 count. 0, -L4_ENOMEM, -L4_EINVAL: an enabled one is for an I/O port, for code of
 * more than a byte, or for an address of the kernel or none.
 */
L4_INLINE long l4_zw_thread_debug_set_u(l4_cap_idx_t thread, l4_umword_t const *addresses,
					l4_umword_t control, l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msg_regs_t *v = l4_utcb_mr_u(utcb);

	v->mr[0] = L4_ZW_THREAD_DEBUG_OP;
	for (int i = 0; i < L4_ZW_BREAKPOINTS; i++)
		v->mr[1 + i] = addresses[i];
	v->mr[1 + L4_ZW_BREAKPOINTS] = control;
	return l4_error_u(l4_obj_call_u(thread, L4_PROTO_THREAD, 2 + L4_ZW_BREAKPOINTS, 0, utcb),
			  utcb);
}

#endif
