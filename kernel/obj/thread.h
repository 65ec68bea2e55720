/* SPDX-License-Identifier: MIT */
/* Thread control block. Abi spec 7.2; IPC in core/ipc.c, scheduling in core/sched.c. */
#ifndef KERNEL_THREAD_H
#define KERNEL_THREAD_H

#include "core/cpu.h"
#include "core/heap.h"
#include "core/kobject.h"
#include "core/restart.h"
#include "obj/task.h"
#include "x86_64/regs.h"

struct gate;
struct irq;
struct semaphore;
struct vcpu;

enum thread_state {
	THREAD_NEW,   /* never started: answers like a destroyed one */
	THREAD_READY, /* current, or in a ready queue, or without a CPU */
	THREAD_RECV,  /* blocked in a receive phase */
	THREAD_SEND,  /* blocked in the sender queue of send_to */
	THREAD_GATE,  /* blocked on an unbound gate */
	THREAD_SEM,   /* blocked in semaphore down */
	THREAD_XFER,  /* the other end of a transfer of items that its partner carries out */
	THREAD_DEAD,
};

enum thread_flags {
	TF_ALIEN = 1,	     /* system calls raise exceptions */
	TF_ALIEN_ALLOW = 2,  /* ... but the next one is executed */
	TF_ALIEN_AFTER = 4,  /* raise the exception after it */
	TF_VCPU = 8,	     /* vCPU mode is on */
	TF_VCPU_GUEST = 16,  /* executing in guest user or guest kernel mode */
	TF_CANCEL = 32,	     /* ex_regs cancel hit a transfer or a fault: abort at its end */
	TF_EXCEPTION = 64,   /* in exception or page-fault IPC */
	TF_TRIGGER = 128,    /* raise an artificial exception before returning to user mode */
	TF_TRAMPOLINE = 256, /* page-fault trampoline armed */
	TF_FPU_OFF = 512,    /* in a guest that has no use of extended state */
	TF_SYSCALL_SLOW = TF_ALIEN | TF_VCPU,
};

/* Something that can stand in a receiver's sender queue: a thread or an IRQ. */
enum sender_kind { SENDER_THREAD, SENDER_IRQ };

struct sender {
	struct heap_node node;
	u64 label;
	u64 id; /* for closed waits */
	u8 kind;
	u8 prio;
	struct thread *receiver; /* in whose queue it is; NULL: none */
	struct list link;	 /* in receiver->sender_list */
	u64 position;		 /* there; ascending */
};

/* One-shot right to answer a caller. The caller pointer may be stale: thread memory is never used
 * for anything else, and the token is unique, so a stale one is recognised. */
struct reply_cap {
	struct thread *caller;
	u64 token;
	u8 rights;
	struct spinlock lock; /* of an explicit slot, which any thread of the task may use */
};

struct timeout {
	struct heap_node node;
	u8 kind; /* enum timeout_kind */
};
enum timeout_kind { TIMEOUT_IPC, TIMEOUT_VCPU };

typedef void (*continuation)(struct thread *t); /* does not return */

struct thread {
	struct kobject obj;
	/* IPC and scheduling state; guarded by cpu->lock. */
	struct cpu *cpu;     /* home; limbo_cpu until the scheduler gave it one */
	struct cpu *move_to; /* with cpu->moving */
	struct task *task;   /* NULL until bound */
	u64 *utcb;	     /* kernel address */
	u8 state;
	bool plain_wait; /* THREAD_RECV without timeout, continuation and explicit reply slot */
	u8 prio;
	u8 eff_prio;	   /* >= prio while it runs on donated priority */
	bool queued;	   /* in a ready queue */
	bool odd;	   /* has selectors or GDT entries of its own (x86_64/switch.h) */
	u16 op;		   /* operation bits of the IPC in progress */
	bool xfer_recv;	   /* the transfer with xfer_peer: we receive */
	u8 channel_rights; /* of the capability that the send phase uses */
	u32 flags;	   /* enum thread_flags */
	u32 timeouts;	   /* timeout pair of the IPC in progress */
	u64 snd_tag;
	u64 wait_for;		      /* closed receive: id of the partner; 0: open */
	u64 call_token;		      /* of the reply capability out for us, 0: none */
	struct reply_cap *reply_slot; /* where an open wait stores its caller */
	struct heap senders;	      /* in the order in which they are received */
	struct list sender_list;      /* in order of arrival, but see method_modify_senders */
	u64 sender_seq, modify_limit;
	continuation cont;	 /* run instead of returning to user mode */
	continuation cont_saved; /* during a preempted transfer */
	continuation cont_reap;	 /* while it takes zombies apart */
	struct list zombies;	 /* that it deleted, while it is preempted */
	u64 rcv_tag, rcv_label;	 /* result of an IPC with a continuation */
	struct list ready_link;
	struct reply_cap reply; /* the implicit one */
	struct sender sender;
	struct timeout timeout;
	struct invocation invocation;
	struct space *space; /* what to load when it runs (task's, or a view's) */
	void *fpu;	     /* extended state, cpu_feat.xstate_size bytes */
	struct segments seg;
	u64 regs_pad __attribute__((aligned(16)));
	struct regs regs; /* its end is the entry stack pointer */

	u64 quantum;	/* TSC ticks */
	u64 slice_left; /* of the quantum; 0 or negative: used up */
	u64 cpu_time;	/* TSC ticks */
	struct thread *xfer_peer;
	u64 xfer_peer_id;
	u32 pager, handler; /* capability indices */
	u32 fault_kind;	    /* core/fault.c */
	u64 utcb_user;
	struct list gates, irqs; /* bound to this thread; under bind_lock */
	struct spinlock bind_lock;
	struct irq *deletion_irq; /* under bind_lock; not for a dead thread */
	struct semaphore *sem;	  /* THREAD_SEM */
	struct gate *gate;	  /* THREAD_GATE */
	struct list wait_link;	  /* in gate's list of waiters */
	struct heap_node sem_node;
	struct vcpu *vcpu; /* vCPU mode: kernel's part (core/vcpu.h) */
	u64 *tramp;	   /* page-fault trampoline state, kernel address */
	u64 tramp_user;
	u64 gdt[GDT_USER_COUNT];
	struct special *special; /* made on demand */
	bool has_gdt;
	bool leaving_task, left_task; /* steps of the destruction */
	bool walks;		      /* its cursor is in the list of all objects */
	u64 cap_progress;

	/* From here on not cleared in a new thread: written before they are read. */
	struct kobject_cursor cursor;  /* of a walk through all objects (obj/debugger.c) */
	struct restart restart;	       /* of a system call or transfer that was preempted */
	u64 fault_mr[26], fault_br[3]; /* UTCB words saved around a fault message */
};

/*
 * A system call that runs again after REPLY_RESTART is told by the error word of its frame, which
 * the system-call entry clears: so what was left by one that went another way after its restart (an
 * object died, say) is never taken up by the next.
 */
enum { FRAME_RESTARTED = 1 };

/* Progress of the current thread's system call; NULL if it has just begun. */
static inline struct restart *restart_state(struct thread *t)
{
	return unlikely(t->regs.error == FRAME_RESTARTED) ? &t->restart : NULL;
}

/* The same; one that has just begun gets a cleared record, to be used with REPLY_RESTART. */
static inline struct restart *restart_begin(struct thread *t)
{
	if (likely(t->regs.error != FRAME_RESTARTED)) {
		t->restart = (struct restart){ 0 };
		t->regs.error = FRAME_RESTARTED;
	}
	return &t->restart;
}

/* End of the register frame must be 16-byte aligned because the CPU aligns the entry stack. */
_Static_assert((offsetof(struct thread, regs) + sizeof(struct regs)) % 16 == 0, "register frame");

/* A thread that is bound to no task and placed on no CPU. NULL: no memory. */
struct thread *thread_create(struct quota *q);

#define DEFAULT_QUANTUM_US 10000

static inline struct thread *thread_of(struct kobject *o)
{
	return container_of(o, struct thread, obj);
}

/* Bind t to a task with its UTCB at a user address in KU memory of the task; 0 or -L4_EINVAL. */
int thread_bind(struct thread *t, struct task *task, u64 utcb_user);

/* Set initial registers and make it ready (first ex_regs). Home CPU's lock held. */
void thread_start(struct thread *t, u64 ip, u64 sp);

/* Enter a gate or an IRQ into a list of what is bound to t; false (nothing done) if t is dying: its
 * destruction has perhaps gone through the list already. Takes t->bind_lock. */
static inline bool thread_attach(struct thread *t, struct list *head, struct list *link)
{
	bool ok;

	spin_lock(&t->bind_lock);
	ok = !t->obj.dead;
	if (ok)
		list_push_back(head, link);
	spin_unlock(&t->bind_lock);
	return ok;
}

static inline void thread_detach(struct thread *t, struct list *link)
{
	spin_lock(&t->bind_lock);
	list_remove(link);
	spin_unlock(&t->bind_lock);
}

/* A gate bound to t was deleted: trigger its deletion IRQ. */
void thread_gate_deleted(struct thread *t);

/*
 * Run fn(own, t, arg) where it can change t at will: on the CPU that runs t, or on any when t does
 * not run (in user mode, or in the kernel but for preemption points). t's home is locked meanwhile.
 * fn must not block, switch threads or take other CPUs' locks. own: the CPU that calls. No lock may
 * be held.
 */
void thread_call(struct cpu *own, struct thread *t,
		 void (*fn)(struct cpu *own, struct thread *t, void *arg), void *arg);

/* Lock own and the home CPU of t, whatever it is now; returns the latter. Unlock with
 * cpu_unlock_pair(). Anything that may block on t's CPU must not be held. */
static always_inline struct cpu *thread_lock(struct cpu *own, struct thread *t)
{
	for (;;) {
		struct cpu *c = READ_ONCE(t->cpu);

		cpu_lock_pair(own, c);
		if (likely(t->cpu == c))
			return c;
		cpu_unlock_pair(own, c);
	}
}

/* MR, BR and other parts of a UTCB, as word indices. */
enum { UTCB_SELF = 63, UTCB_BDR = 64, UTCB_BR = 65, UTCB_ERROR = 123, UTCB_FREE = 124 };
#define UTCB_BYTES 1024
#define UTCB_BRS   58
#define UTCB_MRS   63

#endif
