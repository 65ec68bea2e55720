/* SPDX-License-Identifier: MIT */
/*
 * vCPU mode of a thread: events and faults enter a handler in the thread itself; the thread can
 * execute in another address space, a task or (extension) views. Abi spec 9, l4/zwinger/vcpu_ext.h.
 */
#ifndef KERNEL_VCPU_H
#define KERNEL_VCPU_H

#include "obj/thread.h"

/* State page as user land sees it (0x198 bytes). */
struct vcpu_state {
	u64 version;
	u64 user_data[7];
	struct regs regs;
	struct segments seg;
	u64 ipc_reserved0, ipc_label, ipc_reserved1[5], ipc_tag;
	u16 state, saved_state, sticky, reserved;
	u64 user_task;
	u64 entry_sp, entry_ip;
	u64 kernel_private;
	u64 host_fs_base, host_gs_base;
	u16 host_ds, host_es, host_fs, host_gs;
	u16 sel_data, sel_code64, sel_code32, pad;
};

#define VCPU_EXT_OFFSET 0x400
#define VCPU_KEEP_VIEWS 2 /* of vcpu_ext.flags */
struct vcpu_ext {
	u64 version, flags;
	u64 kernel_view, process_view;
	u64 shim_start, shim_end;
	u64 deadline;
	u32 pending, cpu;
	u64 exits, syscalls;
	u64 syscall_entry, syscall_exit;
	u64 syscall_ip, syscall_sp, syscall_flags;
	u64 away;
	u64 return_exit, return_cx, return_r11;
	u64 offer[2];
	u64 displaced;
};

enum {
	VCPU_IRQ = 0x01,
	VCPU_PAGE_FAULTS = 0x02,
	VCPU_EXCEPTIONS = 0x04,
	VCPU_USER = 0x20,
	VCPU_FPU = 0x80,
	VCPU_GUEST_KERNEL = 0x100,
	VCPU_STICKY_IPC = 0x01,
};

/* How a guest is left for its handler. */
enum vcpu_leave {
	VCPU_LEAVE_SLOWLY, /* there is more to do than changing tables and bases */
	VCPU_LEAVE_ALL,	   /* for host mode */
	VCPU_KEEP,	   /* for guest-kernel mode: see keeps_views() */
};

struct vcpu {
	struct vcpu_state *state;     /* kernel address */
	struct vcpu_ext *ext;	      /* NULL without the extension */
	struct space *quick_space[2]; /* as space, but NULL if the CPUs have extra work to do */
	u8 leave;		      /* enum vcpu_leave: how a guest is left */
	bool quick;		      /* the CPUs have no extra work to do */
	bool kernel_mode;	      /* the guest mode is, or was last, guest-kernel mode */
	bool keeps;		      /* keeps views, and has them */
	u64 syscall_entry;	      /* where short system calls enter; 0: there are none */
	u64 syscall_exit;	      /* behind the instruction that ends one, or no address */
	u64 return_exit;	      /* behind that for short returns, or no address */
	u64 armed;		      /* deadline that the timer is set for, 0: none */
	u64 state_user;
	struct thread *thread;
	struct task *user_task;			 /* pinned */
	struct view *kernel_view, *process_view; /* pinned */
	struct composition *composed;		 /* of the two; used */
	struct space *space[2]; /* of guest user and guest-kernel mode; NULL: none, or not
				 * yet put together */
	struct timeout deadline;
};

/* Others get the processor of the thread, which could go on. */
void vcpu_displaced(struct thread *t);

/* Methods 7 and 4 of the thread protocol. */
u64 vcpu_control(struct thread *t, struct invocation *inv);
u64 vcpu_resume(struct thread *t, struct invocation *inv);

/* Operation sync of the current thread (l4/zwinger/vcpu_ext.h). */
u64 vcpu_sync(struct thread *t);

/* A fault or exception of the current thread, in vCPU mode but not in a guest: enter its handler if
 * it takes it (does not return then). */
void vcpu_try_exit(struct thread *t, u64 vector, u64 error);

/* Trap (not 2, 8, 18) of the current thread, which is in a guest, with frame t->regs: to the
 * handler, or back if only the address space was out of date. */
void vcpu_guest_trap(struct thread *t) __attribute__((noreturn));

/* A guest executed `syscall`, not as a system call to the kernel; the frame is whole. */
void vcpu_exit_syscall(struct thread *t) __attribute__((noreturn));

/* Before the current thread returns to user mode: deliver what is pending (may not return). */
void vcpu_before_user(struct cpu *c, struct thread *t);

/*
 * Is t in a guest whose kernel its handler is part of? Then selectors are the guest's own, and
 * bases go with no selector. User land may change the answer at any time, to its own loss only.
 */
static always_inline bool vcpu_keeps_views(const struct thread *t)
{
	return (t->flags & TF_VCPU_GUEST) && t->vcpu->ext &&
	       (READ_ONCE(t->vcpu->ext->flags) & VCPU_KEEP_VIEWS);
}

/* True if a message to r makes it enter its handler instead of waiting for a receive. r's lock. */
bool vcpu_accepts(const struct thread *r);
/* True if an open wait of t must not block, because the deadline has passed. */
bool vcpu_wait_is_over(const struct thread *t);
/* The sender queue of a vCPU thread became non-empty / empty. r's lock. */
void vcpu_sender_queued(struct thread *r);
void vcpu_senders_gone(struct thread *r);

/* Deadline timeout expired (lock held) / thread moves to another CPU / thread dies. */
void vcpu_deadline_reached(struct cpu *c, struct timeout *to);
void vcpu_move(struct cpu *own, struct cpu *from, struct cpu *to, struct thread *t);
void vcpu_stop(struct cpu *home, struct thread *t);
void vcpu_free(struct thread *t);

#endif
