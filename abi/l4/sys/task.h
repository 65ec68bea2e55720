/* SPDX-License-Identifier: MIT */
/* Task: memory, capability and I/O spaces of a program. Protocol L4_PROTO_TASK. */
#ifndef L4_SYS_TASK_H
#define L4_SYS_TASK_H

#include <l4/sys/types.h>
#include <l4/sys/utcb.h>
#include <l4/sys/ipc.h>

enum L4_task_ops {
	L4_TASK_MAP_OP = 0,
	L4_TASK_UNMAP_OP = 1,
	L4_TASK_CAP_INFO_OP = 2, /* 2 words: validity; 3 words: equality */
	L4_TASK_ADD_KU_MEM_OP = 3,
	L4_TASK_LDT_SET_X86_OP = 0x11
};

/* Access flags that unmap leaves in the rights field of its flexpages. */
enum L4_task_unmap_access { L4_TASK_UNMAP_REFERENCED = 1, L4_TASK_UNMAP_DIRTY = 2 };

/*
 * Map snd_fpage of src_task into dst_task (W right); snd_base is the hot spot = destination with
 * attributes and grant bit, as l4_map_control() builds it. Success even if the source is empty.
 * Errors: -L4_EPERM, -L4_EINVAL, IPC error L4_IPC_SEMAPFAILED without kernel memory.
 */
L4_INLINE l4_msgtag_t l4_task_map_u(l4_cap_idx_t dst_task, l4_cap_idx_t src_task,
				    l4_fpage_t snd_fpage, l4_umword_t snd_base,
				    l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msg_regs_t *v = l4_utcb_mr_u(utcb);

	v->mr[0] = L4_TASK_MAP_OP;
	v->mr[1] = snd_base;
	v->mr[2] = snd_fpage.raw;
	l4_utcb_obj_arg_u(utcb, 3, src_task);
	return l4_obj_call_u(dst_task, L4_PROTO_TASK, 3, 1, utcb);
}

/* l4_task_map_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_task_map(l4_cap_idx_t dst_task, l4_cap_idx_t src_task,
				  l4_fpage_t snd_fpage, l4_umword_t snd_base) L4_NOTHROW
{
	return l4_task_map_u(dst_task, src_task, snd_fpage, snd_base, l4_utcb());
}

/*
 * Take the rights of fpage away from what the task mapped on, and with L4_FP_ALL_SPACES in
 * map_mask from the task itself; L4_FP_DELETE_OBJ deletes objects held with the D right.
 * Message register 2 holds the flexpage with L4_task_unmap_access flags afterwards.
 */
L4_INLINE l4_msgtag_t l4_task_unmap_u(l4_cap_idx_t task, l4_fpage_t fpage, l4_umword_t map_mask,
				      l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msg_regs_t *v = l4_utcb_mr_u(utcb);

	v->mr[0] = L4_TASK_UNMAP_OP;
	v->mr[1] = map_mask;
	v->mr[2] = fpage.raw;
	return l4_obj_call_u(task, L4_PROTO_TASK, 3, 0, utcb);
}

/* l4_task_unmap_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_task_unmap(l4_cap_idx_t task, l4_fpage_t fpage,
				    l4_umword_t map_mask) L4_NOTHROW
{
	return l4_task_unmap_u(task, fpage, map_mask, l4_utcb());
}

/* l4_task_unmap() of up to 61 flexpages in one call; -L4_EMSGTOOLONG for more. */
L4_INLINE l4_msgtag_t l4_task_unmap_batch_u(l4_cap_idx_t task, l4_fpage_t const *fpages,
					    unsigned num_fpages, l4_umword_t map_mask,
					    l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msg_regs_t *v = l4_utcb_mr_u(utcb);

	if (num_fpages > L4_UTCB_GENERIC_DATA_SIZE - 2)
		return l4_msgtag(-L4_EMSGTOOLONG, 0, 0, 0);
	v->mr[0] = L4_TASK_UNMAP_OP;
	v->mr[1] = map_mask;
	for (unsigned i = 0; i < num_fpages; i++)
		v->mr[2 + i] = fpages[i].raw;
	return l4_obj_call_u(task, L4_PROTO_TASK, 2 + num_fpages, 0, utcb);
}

/* l4_task_unmap_batch_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_task_unmap_batch(l4_cap_idx_t task, l4_fpage_t const *fpages,
					  unsigned num_fpages, l4_umword_t map_mask) L4_NOTHROW
{
	return l4_task_unmap_batch_u(task, fpages, num_fpages, map_mask, l4_utcb());
}

/* Delete the object behind obj if the capability has the D right, else only the capability. */
L4_INLINE l4_msgtag_t l4_task_delete_obj_u(l4_cap_idx_t task, l4_cap_idx_t obj,
					   l4_utcb_t *utcb) L4_NOTHROW
{
	return l4_task_unmap_u(task, l4_obj_fpage(obj, 0, L4_CAP_FPAGE_RWSD), L4_FP_DELETE_OBJ,
			       utcb);
}

/* l4_task_delete_obj_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_task_delete_obj(l4_cap_idx_t task, l4_cap_idx_t obj) L4_NOTHROW
{
	return l4_task_delete_obj_u(task, obj, l4_utcb());
}

/* Remove one capability from the task; the last counted one takes the object with it. */
L4_INLINE l4_msgtag_t l4_task_release_cap_u(l4_cap_idx_t task, l4_cap_idx_t cap,
					    l4_utcb_t *utcb) L4_NOTHROW
{
	return l4_task_unmap_u(task, l4_obj_fpage(cap, 0, L4_CAP_FPAGE_RWSD), L4_FP_ALL_SPACES,
			       utcb);
}

/* l4_task_release_cap_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_task_release_cap(l4_cap_idx_t task, l4_cap_idx_t cap) L4_NOTHROW
{
	return l4_task_release_cap_u(task, cap, l4_utcb());
}

/* Label 1 if the slot cap of the task holds an object, otherwise 0. */
L4_INLINE l4_msgtag_t l4_task_cap_valid_u(l4_cap_idx_t task, l4_cap_idx_t cap,
					  l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msg_regs_t *v = l4_utcb_mr_u(utcb);

	v->mr[0] = L4_TASK_CAP_INFO_OP;
	v->mr[1] = cap & ~1UL;
	return l4_obj_call_u(task, L4_PROTO_TASK, 2, 0, utcb);
}

/* l4_task_cap_valid_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_task_cap_valid(l4_cap_idx_t task, l4_cap_idx_t cap) L4_NOTHROW
{
	return l4_task_cap_valid_u(task, cap, l4_utcb());
}

/* Label 1 if both slots of the task hold the same object with the same W and S rights. */
L4_INLINE l4_msgtag_t l4_task_cap_equal_u(l4_cap_idx_t task, l4_cap_idx_t cap_a, l4_cap_idx_t cap_b,
					  l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msg_regs_t *v = l4_utcb_mr_u(utcb);

	v->mr[0] = L4_TASK_CAP_INFO_OP;
	v->mr[1] = cap_a;
	v->mr[2] = cap_b;
	return l4_obj_call_u(task, L4_PROTO_TASK, 3, 0, utcb);
}

/* l4_task_cap_equal_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_task_cap_equal(l4_cap_idx_t task, l4_cap_idx_t cap_a,
					l4_cap_idx_t cap_b) L4_NOTHROW
{
	return l4_task_cap_equal_u(task, cap_a, cap_b, l4_utcb());
}

/*
 * Add zeroed kernel-user memory (for UTCBs and vCPU states) of order 12..17 at the flexpage's
 * address; stays until the task dies. Errors: -L4_EINVAL, -L4_EEXIST, -L4_ENOMEM, -L4_ENOSYS.
 */
L4_INLINE l4_msgtag_t l4_task_add_ku_mem_u(l4_cap_idx_t task, l4_fpage_t ku_mem,
					   l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msg_regs_t *v = l4_utcb_mr_u(utcb);

	v->mr[0] = L4_TASK_ADD_KU_MEM_OP;
	v->mr[1] = ku_mem.raw;
	return l4_obj_call_u(task, L4_PROTO_TASK, 2, 0, utcb);
}

/* l4_task_add_ku_mem_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_task_add_ku_mem(l4_cap_idx_t task, l4_fpage_t ku_mem) L4_NOTHROW
{
	return l4_task_add_ku_mem_u(task, ku_mem, l4_utcb());
}

#endif
