/* SPDX-License-Identifier: MIT */
/*
 * Extension block of the vCPU state, for guests whose kernel runs deprivileged. It is asked for
 * with L4_ZW_THREAD_VCPU_CONTROL_EXT; then the state is one kernel-user page and the block lies
 * at L4_ZW_VCPU_EXT_OFFSET of it. Not together with hardware virtualisation (0x10000), which has
 * its VMCB there.
 *
 * Modes, from saved_state at resume:
 *   USER_MODE  GUEST_KERNEL
 *       0           0        the handler itself (host): the home task
 *       1           0        guest user mode: the process view alone (without one: user_task)
 *       -           1        guest-kernel mode: root slots 0..255 of the process view, 272..511 of
 *                            the kernel view, 260..271 of the home task, in one address space; if
 *                            one view is missing, the other one stands for it
 * Every entry to the handler clears both flags in state and keeps them in saved_state. Resume can
 * also be called in guest-kernel mode, through the shim window; if selectors were written and it
 * fails, the caller goes on in host mode.
 *
 * System calls. In guest user mode `syscall` always enters the handler (trap 0xfd). In guest-kernel
 * mode it is an L4 system call if the instruction lies in the shim window, and enters the handler
 * otherwise. In the state of such an entry ip is the address of the instruction, r11 the flags, rcx
 * the old r8, cs L4_ZW_USER_CS64 whatever it was. An L4 system call leaves rcx and r11 undefined,
 * cs = L4_ZW_USER_CS64 and ss = L4_ZW_USER_DS. A `syscall` in 32-bit code (AMD processors) enters
 * the handler from both modes, with cs L4_ZW_USER_CS32 and rcx the address behind it.
 *
 * Segments. The state's fs_base ... gs are those of the guest, at entry and at resume; those of the
 * handler are arch_state.host_*. Where the selectors of both are the same and fs and gs are 0 a
 * switch is quickest. Extended state is always usable in guest-kernel mode.
 *
 * Kept views. With L4_ZW_VCPU_EXT_F_KEEP_VIEWS the handler is part of the guest's kernel: entries
 * from both modes of the guest go to guest-kernel mode (state has that flag then), where memory of
 * processes, of the kernel view and of the home's slots is within reach. Handler and resume must
 * lie in the home's slots and the shim window. The two modes share all segment registers, which
 * neither entry nor resume touches, but for the GS base: an entry from guest user mode saves it in
 * the state and loads host_gs_base; resume loads it from the state to guest user mode, and from
 * host_gs_base to guest-kernel mode. Other fields of segments are not used. Resume takes the bits
 * of saved_state as they are, so a guest can go on closed to events. It needs a view (-L4_ENOENT).
 * Page faults and exceptions in guest-kernel mode enter the handler if state has their flag; else,
 * as those of any handler, they go to the thread's pager and exception handler. So a handler may
 * use memory that comes with its first access, and one that cannot run ends in a message, not in
 * entries for ever.
 *
 * Short system calls. If such a guest sets syscall_entry, `syscall` of 64-bit code in guest user
 * mode goes there at once, in guest-kernel mode: with all registers as they are but rsp, which is
 * entry_sp of the state, and rcx, r11, flags. Where it came from is in syscall_ip (behind the
 * instruction), syscall_sp, syscall_flags; state has GUEST_KERNEL instead of USER_MODE and is as it
 * was otherwise, so events may come at once. The way back is the `syscall` instruction at
 * syscall_exit: it goes to where these three fields say, in guest user mode, with all registers as
 * they are but rcx = syscall_ip and r11 = syscall_flags, and changes state in the same way.
 * syscall_entry and syscall_exit are read when the selector of a kernel view is looked up. On some
 * processors, and with some measures against attacks, system calls of the guest enter the handler
 * nevertheless; the way back works always. If an event waits it enters the handler as at a resume.
 *
 * Short returns. If it sets return_exit, the `syscall` instruction there goes to 64-bit code in
 * guest user mode in the same way, but with rcx = return_cx and r11 = return_r11. It is read with
 * the two others, and works always too.
 *
 * Offers. A short return first fills an entry that is in `offer` into the process view, as
 * l4_zw_view_fill() does, and clears its guest word; but only if it is one page (order 12), all
 * tables for it are there, and the home has the memory. Otherwise, and on all other ways into the
 * guest, the offer stays where it is. Whoever withdraws one by clearing the guest word and then
 * drops the page from the view can be sure that it is not there.
 *
 * Such a handler can also let new selectors of views, a new deadline and host_gs_base count without
 * going anywhere: l4_zw_thread_vcpu_sync_u().
 *
 * Deadline. Read at resume and sync: a new value replaces the timer, 0 cancels it. When it has
 * passed the kernel sets deadline to 0 (if it still has that value) and the bit in pending. While
 * state bit 0 (IRQ) is set that enters the handler with trap 0xfc, which clears the bit. An open
 * receive of the thread ends with a receive timeout as long as the bit is set and no message is
 * there.
 *
 * Lost time. While the thread executes, away is a TSC value: what the counter shows beyond it is
 * the time for which the thread has had a processor since it was made. So away grows by the time in
 * which the thread had none, because it waited for something or because others had it. If its turn
 * is over and it could go on, displaced is the TSC value of that moment until it has a processor
 * again; other threads can see that. Threads that an event wakes in the midst of a turn do not
 * count.
 */
#ifndef L4_ZWINGER_VCPU_EXT_H
#define L4_ZWINGER_VCPU_EXT_H

#include <l4/sys/thread.h>
#include <l4/sys/vcpu.h>
#include <l4/zwinger/view.h>

/* Flag in word 0 of the vCPU control operation, and the resulting word. */
#define L4_ZW_THREAD_VCPU_CONTROL_EXT	 0x20000UL
#define L4_ZW_THREAD_VCPU_CONTROL_EXT_OP (L4_THREAD_VCPU_CONTROL_OP | L4_ZW_THREAD_VCPU_CONTROL_EXT)

/* Operation of the calling thread: see l4_zw_thread_vcpu_sync_u(). */
#define L4_ZW_THREAD_VCPU_SYNC_OP 0x5aUL

#define L4_ZW_VCPU_EXT_VERSION 0x5a57000000000007ULL

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
	L4_ZW_VCPU_EXT_F_FIXED_STACK = 1 << 0, /* every entry uses entry_sp, host mode included */
	L4_ZW_VCPU_EXT_F_KEEP_VIEWS = 1 << 1   /* the handler runs in guest-kernel mode */
};

/* Field pending. */
enum L4_zw_vcpu_pending { L4_ZW_VCPU_PENDING_TIMER = 1 << 0 };

/*
 * Selectors of views (S right, views of the thread's own task: else resume gives -L4_EPERM) follow
 * the convention of user_task: written with low bits zero they are looked up at the next resume,
 * and the kernel sets bit 0 as "cached"; bit 3 releases the view. The first resume into
 * guest-kernel mode with a pair of views charges two pages to the quota of the process view
 * (-L4_ENOMEM); for its first kernel view they were charged when the view was made.
 */
typedef struct l4_zw_vcpu_ext_t {
	l4_uint64_t version;	   /* L4_ZW_VCPU_EXT_VERSION, written by the kernel */
	l4_uint64_t flags;	   /* L4_ZW_VCPU_EXT_F_* */
	l4_cap_idx_t kernel_view;  /* selector; of an empty slot: none */
	l4_cap_idx_t process_view; /* the same */
	l4_uint64_t shim_start; /* [shim_start, shim_end): rip of the syscall instructions that */
	l4_uint64_t shim_end;	/* are L4 system calls in guest-kernel mode */
	l4_uint64_t deadline;	/* TSC value of the timer event; 0 = none */
	l4_uint32_t pending;	/* L4_ZW_VCPU_PENDING_*, set by the kernel, cleared by both */
	l4_uint32_t cpu;	/* number of the CPU on which the thread executes or did last */
	l4_uint64_t exits;	/* entries to the handler, counted by the kernel */
	l4_uint64_t syscalls;	/* entries with trap 0xfd or at syscall_entry among them */
	l4_uint64_t syscall_entry; /* where short system calls enter; 0: there are none */
	l4_uint64_t syscall_exit;  /* address of the instruction that ends them */
	l4_uint64_t syscall_ip, syscall_sp, syscall_flags; /* of the process that made one */
	l4_uint64_t away;	 /* ticks without a processor; written by the kernel, as cpu */
	l4_uint64_t return_exit; /* address of the instruction for short returns; 0: none */
	l4_uint64_t return_cx, return_r11; /* registers of one */
	l4_zw_view_entry_t offer;	   /* for the process view; guest 0: none */
	l4_uint64_t displaced; /* since when others have its processor; 0: it has one, or waits */
} l4_zw_vcpu_ext_t;

L4_STATIC_ASSERT(offsetof(l4_zw_vcpu_ext_t, version) == 0x00);
L4_STATIC_ASSERT(offsetof(l4_zw_vcpu_ext_t, flags) == 0x08);
L4_STATIC_ASSERT(offsetof(l4_zw_vcpu_ext_t, kernel_view) == 0x10);
L4_STATIC_ASSERT(offsetof(l4_zw_vcpu_ext_t, process_view) == 0x18);
L4_STATIC_ASSERT(offsetof(l4_zw_vcpu_ext_t, shim_start) == 0x20);
L4_STATIC_ASSERT(offsetof(l4_zw_vcpu_ext_t, shim_end) == 0x28);
L4_STATIC_ASSERT(offsetof(l4_zw_vcpu_ext_t, deadline) == 0x30);
L4_STATIC_ASSERT(offsetof(l4_zw_vcpu_ext_t, pending) == 0x38);
L4_STATIC_ASSERT(offsetof(l4_zw_vcpu_ext_t, exits) == 0x40);
L4_STATIC_ASSERT(offsetof(l4_zw_vcpu_ext_t, syscalls) == 0x48);
L4_STATIC_ASSERT(offsetof(l4_zw_vcpu_ext_t, syscall_entry) == 0x50);
L4_STATIC_ASSERT(offsetof(l4_zw_vcpu_ext_t, syscall_exit) == 0x58);
L4_STATIC_ASSERT(offsetof(l4_zw_vcpu_ext_t, syscall_ip) == 0x60);
L4_STATIC_ASSERT(offsetof(l4_zw_vcpu_ext_t, syscall_sp) == 0x68);
L4_STATIC_ASSERT(offsetof(l4_zw_vcpu_ext_t, syscall_flags) == 0x70);
L4_STATIC_ASSERT(offsetof(l4_zw_vcpu_ext_t, away) == 0x78);
L4_STATIC_ASSERT(offsetof(l4_zw_vcpu_ext_t, return_exit) == 0x80);
L4_STATIC_ASSERT(offsetof(l4_zw_vcpu_ext_t, offer) == 0x98);
L4_STATIC_ASSERT(offsetof(l4_zw_vcpu_ext_t, displaced) == 0xa8);
L4_STATIC_ASSERT(sizeof(l4_zw_vcpu_ext_t) == 0xb0);
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

/*
 * In guest-kernel mode with L4_ZW_VCPU_EXT_F_KEEP_VIEWS: selectors of views that were written, the
 * deadline and host_gs_base count from now on. Only for the calling thread (else -L4_EINVAL).
 * -L4_EPERM, -L4_ENOENT, -L4_ENOMEM as resume; the caller goes on in host mode then.
 */
L4_INLINE l4_msgtag_t l4_zw_thread_vcpu_sync_u(l4_utcb_t *utcb) L4_NOTHROW
{
	l4_utcb_mr_u(utcb)->mr[0] = L4_ZW_THREAD_VCPU_SYNC_OP;
	return l4_obj_call_u(L4_INVALID_CAP, L4_PROTO_THREAD, 1, 0, utcb);
}

/* l4_zw_thread_vcpu_sync_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_zw_thread_vcpu_sync(void) L4_NOTHROW
{
	return l4_zw_thread_vcpu_sync_u(l4_utcb());
}

#endif
