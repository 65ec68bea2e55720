/* SPDX-License-Identifier: MIT */
/*
 * Segments on amd64: FS/GS bases, the thread's own GDT entries, selectors of user mode. The
 * selectors differ between kernels; portable programs ask with fiasco_amd64_segment_info() or
 * read them from the vCPU state (Zwinger's are in l4/zwinger/wellknown.h).
 */
#ifndef L4_SYS_SEGMENT_H
#define L4_SYS_SEGMENT_H

#include <l4/sys/ipc.h>
#include <l4/sys/task.h>
#include <l4/sys/thread.h>

enum L4_sys_segment { L4_AMD64_SEGMENT_FS = 0, L4_AMD64_SEGMENT_GS = 1 };

enum L4_task_ldt_x86_consts {
	L4_TASK_LDT_X86_ENTRY_SIZE = 8,
	L4_TASK_LDT_X86_MAX_ENTRIES = L4_UTCB_GENERIC_DATA_SIZE - 2
};

/* Write descriptors from message register 2 on: common form of LDT and GDT setting. */
L4_INLINE long l4_set_descriptors_u(l4_cap_idx_t obj, long proto, unsigned op, void const *desc,
				    unsigned count, unsigned first, l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msg_regs_t *v = l4_utcb_mr_u(utcb);

	if (count > L4_TASK_LDT_X86_MAX_ENTRIES)
		return -L4_EINVAL;
	v->mr[0] = op;
	v->mr[1] = first;
	__builtin_memcpy(&v->mr[2], desc, count * L4_TASK_LDT_X86_ENTRY_SIZE);
	return l4_error_u(l4_obj_call_u(obj, proto, 2 + count, 0, utcb), utcb);
}

/* Set num_desc LDT descriptors of a task from an entry on. 0, -L4_ENOSYS, -L4_EINVAL. */
L4_INLINE long fiasco_ldt_set(l4_cap_idx_t task, void *ldt, unsigned num_desc,
			      unsigned entry_number_start, l4_utcb_t *utcb) L4_NOTHROW
{
	return l4_set_descriptors_u(task, L4_PROTO_TASK, L4_TASK_LDT_SET_X86_OP, ldt, num_desc,
				    entry_number_start, utcb);
}

/*
 * Set descriptors (size in bytes, 8 each) among the thread's five GDT entries 0..4. Returns the
 * selector of the first one, or -L4_EINVAL for a descriptor that is not a plain ring-3 one.
 */
L4_INLINE long fiasco_gdt_set(l4_cap_idx_t thread, void *desc, unsigned size,
			      unsigned entry_number_start, l4_utcb_t *utcb) L4_NOTHROW
{
	return l4_set_descriptors_u(thread, L4_PROTO_THREAD, L4_THREAD_X86_GDT_OP, desc, size / 8,
				    entry_number_start, utcb);
}

/* Number of the GDT entry that entry 0 of fiasco_gdt_set() is; ~0U on error. */
L4_INLINE unsigned fiasco_gdt_get_entry_offset(l4_cap_idx_t thread, l4_utcb_t *utcb) L4_NOTHROW
{
	l4_utcb_mr_u(utcb)->mr[0] = L4_THREAD_X86_GDT_OP;
	if (l4_error_u(l4_obj_call_u(thread, L4_PROTO_THREAD, 1, 0, utcb), utcb))
		return ~0U;
	return (unsigned)l4_utcb_mr_u(utcb)->mr[0];
}

/*
 * Set selector 0 and a base (user address) for FS or GS of a thread. GS belongs to the UTCB
 * look-up: changing it breaks l4_utcb(). 0, -L4_EINVAL.
 */
L4_INLINE long fiasco_amd64_set_segment_base(l4_cap_idx_t thread, enum L4_sys_segment segr,
					     l4_umword_t base, l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msg_regs_t *v = l4_utcb_mr_u(utcb);

	v->mr[0] = L4_THREAD_AMD64_SET_SEGMENT_BASE_OP | ((l4_umword_t)segr << 16);
	v->mr[1] = base;
	return l4_error_u(l4_obj_call_u(thread, L4_PROTO_THREAD, 2, 0, utcb), utcb);
}

/* Set the FS base of a thread. 0, -L4_EINVAL. */
L4_INLINE long fiasco_amd64_set_fs(l4_cap_idx_t thread, l4_umword_t base,
				   l4_utcb_t *utcb) L4_NOTHROW
{
	return fiasco_amd64_set_segment_base(thread, L4_AMD64_SEGMENT_FS, base, utcb);
}

/* Selectors of user mode: data, 64-bit code, 32-bit code. 0 or a negative error. */
L4_INLINE long fiasco_amd64_segment_info(l4_cap_idx_t thread, unsigned *user_ds, unsigned *user_cs,
					 unsigned *user32_cs, l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msg_regs_t *v = l4_utcb_mr_u(utcb);
	long err;

	v->mr[0] = L4_THREAD_AMD64_GET_SEGMENT_INFO_OP;
	err = l4_error_u(l4_obj_call_u(thread, L4_PROTO_THREAD, 1, 0, utcb), utcb);
	if (err < 0)
		return err;
	*user_ds = (unsigned)v->mr[0];
	*user_cs = (unsigned)v->mr[1];
	*user32_cs = (unsigned)v->mr[2];
	return 0;
}

#endif
