/* SPDX-License-Identifier: MIT */
/*
 * Extension block of the vCPU state, for guests whose kernel runs deprivileged. It is asked for
 * with L4_ZW_THREAD_VCPU_CONTROL_EXT; then the state is one kernel-user page and the block lies
 * at L4_ZW_VCPU_EXT_OFFSET of it. Not together with hardware virtualisation (0x10000), which has
 * its VMCB there.
 *
 * Modes of the guest, from saved_state at resume:
 *   USER_MODE  GUEST_KERNEL
 *       0           0        the handler itself (host)
 *       1           0        guest user mode: only the process view is visible
 *       -           1        guest-kernel mode: process view, kernel view and home task composed
 * Every entry to the handler clears both flags in state and keeps them in saved_state.
 */
#ifndef L4_ZWINGER_VCPU_EXT_H
#define L4_ZWINGER_VCPU_EXT_H

#include <l4/sys/thread.h>
#include <l4/sys/vcpu.h>

/* Flag in word 0 of the vCPU control operation, and the resulting word. */
#define L4_ZW_THREAD_VCPU_CONTROL_EXT	 0x20000UL
#define L4_ZW_THREAD_VCPU_CONTROL_EXT_OP (L4_THREAD_VCPU_CONTROL_OP | L4_ZW_THREAD_VCPU_CONTROL_EXT)

#define L4_ZW_VCPU_EXT_VERSION 0x5a57000000000001ULL

enum { L4_ZW_VCPU_EXT_OFFSET = 0x400 };

/* Further bit of state and saved_state. */
enum { L4_ZW_VCPU_F_GUEST_KERNEL = 0x100 };

/* Trap numbers of entries that only this extension has, beside L4_trap_numbers. */
enum L4_zw_vcpu_traps {
	L4_ZW_VCPU_TRAP_TIMER = 0xfc,  /* the deadline has passed */
	L4_ZW_VCPU_TRAP_SYSCALL = 0xfd /* guest syscall instruction outside the shim window */
};

/* Field flags. */
enum L4_zw_vcpu_ext_flags {
	L4_ZW_VCPU_EXT_F_FIXED_STACK = 1 << 0 /* every entry uses entry_sp, host mode included */
};

/* Field pending. */
enum L4_zw_vcpu_pending { L4_ZW_VCPU_PENDING_TIMER = 1 << 0 };

/*
 * Selectors of views follow the convention of user_task: written with low bits zero they are
 * looked up at the next resume, and the kernel sets bit 0 as "cached"; bit 3 releases the view.
 */
typedef struct l4_zw_vcpu_ext_t {
	l4_uint64_t version;	   /* L4_ZW_VCPU_EXT_VERSION, written by the kernel */
	l4_uint64_t flags;	   /* L4_ZW_VCPU_EXT_F_* */
	l4_cap_idx_t kernel_view;  /* selector, or L4_INVALID_CAP for none */
	l4_cap_idx_t process_view; /* the same */
	l4_uint64_t shim_start; /* [shim_start, shim_end): rip of the syscall instructions that */
	l4_uint64_t shim_end;	/* are L4 system calls in guest-kernel mode */
	l4_uint64_t deadline;	/* absolute TSC value of the timer event; 0 = none */
	l4_uint32_t pending;	/* L4_ZW_VCPU_PENDING_*, set by the kernel, cleared by both */
	l4_uint32_t reserved;
	/* Segments loaded for the guest and saved from it; those of the handler are arch_state's.
	 */
	l4_uint16_t guest_ds, guest_es, guest_fs, guest_gs;
	l4_uint64_t guest_fs_base;
	l4_uint64_t guest_gs_base;
	l4_uint64_t exits;    /* entries to the handler, counted by the kernel */
	l4_uint64_t syscalls; /* entries with trap 0xfd among them */
} l4_zw_vcpu_ext_t;

L4_STATIC_ASSERT(offsetof(l4_zw_vcpu_ext_t, version) == 0x00);
L4_STATIC_ASSERT(offsetof(l4_zw_vcpu_ext_t, flags) == 0x08);
L4_STATIC_ASSERT(offsetof(l4_zw_vcpu_ext_t, kernel_view) == 0x10);
L4_STATIC_ASSERT(offsetof(l4_zw_vcpu_ext_t, process_view) == 0x18);
L4_STATIC_ASSERT(offsetof(l4_zw_vcpu_ext_t, shim_start) == 0x20);
L4_STATIC_ASSERT(offsetof(l4_zw_vcpu_ext_t, shim_end) == 0x28);
L4_STATIC_ASSERT(offsetof(l4_zw_vcpu_ext_t, deadline) == 0x30);
L4_STATIC_ASSERT(offsetof(l4_zw_vcpu_ext_t, pending) == 0x38);
L4_STATIC_ASSERT(offsetof(l4_zw_vcpu_ext_t, guest_ds) == 0x40);
L4_STATIC_ASSERT(offsetof(l4_zw_vcpu_ext_t, guest_es) == 0x42);
L4_STATIC_ASSERT(offsetof(l4_zw_vcpu_ext_t, guest_fs) == 0x44);
L4_STATIC_ASSERT(offsetof(l4_zw_vcpu_ext_t, guest_gs) == 0x46);
L4_STATIC_ASSERT(offsetof(l4_zw_vcpu_ext_t, guest_fs_base) == 0x48);
L4_STATIC_ASSERT(offsetof(l4_zw_vcpu_ext_t, guest_gs_base) == 0x50);
L4_STATIC_ASSERT(offsetof(l4_zw_vcpu_ext_t, exits) == 0x58);
L4_STATIC_ASSERT(offsetof(l4_zw_vcpu_ext_t, syscalls) == 0x60);
L4_STATIC_ASSERT(sizeof(l4_zw_vcpu_ext_t) == 0x68);
L4_STATIC_ASSERT(sizeof(l4_vcpu_state_t) <= L4_ZW_VCPU_EXT_OFFSET);

/* The extension block of a vCPU state page. */
L4_INLINE l4_zw_vcpu_ext_t *l4_zw_vcpu_ext(l4_vcpu_state_t *vcpu) L4_NOTHROW
{
	return (l4_zw_vcpu_ext_t *)((l4_addr_t)vcpu + L4_ZW_VCPU_EXT_OFFSET);
}

/* 1 if the kernel wrote the version of this header, i.e. the extension is on. */
L4_INLINE int l4_zw_vcpu_ext_check_version(l4_vcpu_state_t const *vcpu) L4_NOTHROW
{
	l4_addr_t block = (l4_addr_t)vcpu + L4_ZW_VCPU_EXT_OFFSET;

	return ((l4_zw_vcpu_ext_t const *)block)->version == L4_ZW_VCPU_EXT_VERSION;
}

/*
 * vCPU mode with the extension on; vcpu_state is the user address of one page (page aligned) of
 * kernel-user memory. -L4_EINVAL.
 */
L4_INLINE l4_msgtag_t l4_zw_thread_vcpu_control_ext_u(l4_cap_idx_t thread, l4_addr_t vcpu_state,
						      l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msg_regs_t *v = l4_utcb_mr_u(utcb);

	v->mr[0] = L4_ZW_THREAD_VCPU_CONTROL_EXT_OP;
	v->mr[1] = vcpu_state;
	return l4_obj_call_u(thread, L4_PROTO_THREAD, 2, 0, utcb);
}

/* l4_zw_thread_vcpu_control_ext_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_zw_thread_vcpu_control_ext(l4_cap_idx_t thread,
						    l4_addr_t vcpu_state) L4_NOTHROW
{
	return l4_zw_thread_vcpu_control_ext_u(thread, vcpu_state, l4_utcb());
}

#endif
