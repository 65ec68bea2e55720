/* SPDX-License-Identifier: MIT */
/* Threads: creation, methods, destruction. */
#include "obj/thread.h"
#include "core/defer.h"
#include "core/fault.h"
#include "core/ipc.h"
#include "core/ipc_internal.h"
#include "core/reap.h"
#include "core/remote.h"
#include "core/sched.h"
#include "core/string.h"
#include "core/vcpu.h"
#include "mm/kmem.h"
#include "obj/gate.h"
#include "obj/irq.h"
#include "obj/reply.h"
#include "obj/segment.h"
#include "obj/thread_method.h"
#include "x86_64/context.h"
#include "x86_64/fpu.h"
#include "x86_64/insn.h"
#include <l4/sys/err.h>

/* Reply capabilities may still point to a thread that is gone: its memory stays a thread's. */
static struct slab_cache thread_cache = { .name = "thread_cache",
					  .keep = true,
					  .align = KOBJECT_ALIGN,
					  .size = (sizeof(struct thread) + KOBJECT_ALIGN - 1) &
						  ~(KOBJECT_ALIGN - 1u) };

#define DEFAULT_PRIO 1

/* t->task is stored last: who sees it sees the rest. */
static void bind_to(struct thread *t, struct task *task, u64 utcb_user, u64 *utcb)
{
	task_pin(task);
	__atomic_fetch_add(&task->threads, 1, __ATOMIC_RELAXED);
	t->space = &task->space;
	t->utcb = t->invocation.mr = utcb;
	t->utcb_user = utcb_user;
	utcb[UTCB_SELF] = utcb_user;
	t->seg.gs_base = utcb_user + UTCB_SELF * 8;
	__atomic_store_n(&t->task, task, __ATOMIC_RELEASE);
}

int thread_bind(struct thread *t, struct task *task, u64 utcb_user)
{
	u64 *utcb = task_ku_ptr(task, utcb_user, UTCB_BYTES);
	bool ok;

	spin_lock(&t->bind_lock);
	ok = utcb && !t->task && !t->obj.dead;
	if (ok)
		bind_to(t, task, utcb_user, utcb);
	spin_unlock(&t->bind_lock);
	return ok ? 0 : -L4_EINVAL;
}

void thread_start(struct thread *t, u64 ip, u64 sp)
{
	t->regs.rip = canonical(ip);
	t->regs.rsp = sp;
	t->state = THREAD_READY;
}

void thread_gate_deleted(struct thread *t)
{
	struct irq *i = READ_ONCE(t->deletion_irq);

	if (unlikely(i))
		irq_trigger(i);
}

/* A thread_call under way. */
struct call {
	struct thread *thread;
	void (*fn)(struct cpu *own, struct thread *t, void *arg);
	void *arg;
	bool done;
};

/* False: another CPU runs t. */
static bool call_here(struct cpu *own, struct thread *t,
		      void (*fn)(struct cpu *own, struct thread *t, void *arg), void *arg)
{
	struct cpu *home = thread_lock(own, t);
	bool here = home->current != t || home == own;

	if (likely(here))
		fn(own, t, arg);
	cpu_unlock_pair(own, home);
	return here;
}

static void call_remote(struct cpu *own, void *arg)
{
	struct call *x = arg;

	x->done = call_here(own, x->thread, x->fn, x->arg);
}

static rarely void call_elsewhere(struct cpu *own, struct call x)
{
	while (!x.done) {
		struct cpu *home = READ_ONCE(x.thread->cpu);

		/* Nothing runs on limbo_cpu, and nobody would serve a call there. */
		remote_call(own, home == &limbo_cpu ? own : home, call_remote, &x);
	}
}

void thread_call(struct cpu *own, struct thread *t,
		 void (*fn)(struct cpu *own, struct thread *t, void *arg), void *arg)
{
	if (unlikely(!call_here(own, t, fn, arg)))
		call_elsewhere(own, (struct call){ .thread = t, .fn = fn, .arg = arg });
}

/* Take t off its CPU for good, unless it stands in a queue. *was_running: it was in the kernel,
 * perhaps within a transfer, at a preemption point. */
static void stop_call(struct cpu *own, struct thread *t, void *was_running)
{
	struct cpu *home = t->cpu;

	if (t->state == THREAD_SEND || t->state == THREAD_GATE || t->state == THREAD_SEM)
		return;
	sched_dequeue(home, t);
	timeout_clear(home, &t->timeout);
	vcpu_stop(home, t);
	t->state = THREAD_DEAD;
	t->call_token = 0;
	t->cont = NULL;
	if (home->slice_owner == t)
		home->slice_owner = home->current;
	*(bool *)was_running = home->current == t;
	if (home->current == t)
		own->need_resched |= RESCHED_LOOK;
}

/* Stop t for good: it leaves every queue and its CPU. False: it blocked again meanwhile. */
static bool stop(struct cpu *own, struct thread *t)
{
	bool was_running = false;

	thread_call(own, t, stop_call, &was_running);
	if (t->state != THREAD_DEAD) {
		ipc_abort(own, t, IPC_CANCELED);
		thread_call(own, t, stop_call, &was_running);
	}
	if (t->state != THREAD_DEAD)
		return false;
	if (unlikely(!list_empty(&t->zombies)))
		zombies_move(&own->zombies, &t->zombies);
	if (unlikely(t->xfer_peer) && !was_running)
		transfer_abandon(own, t); /* if it runs, its CPU may be at work: see transfer_run */
	return true;
}

/* Both locks held; s stands in the queue of a dead thread. */
static void fail_sender(struct cpu *own, struct sender *s)
{
	struct thread *t = container_of(s, struct thread, sender);

	sender_dequeue(s);
	if (s->kind == SENDER_IRQ)
		return;
	ipc_fail(t, IPC_CANCELED);
	timeout_clear(t->cpu, &t->timeout);
	sched_wake(own, t->cpu, t);
}

/* Home of the thread s, or with an IRQ home. */
static struct cpu *sender_cpu(struct sender *s, struct cpu *home)
{
	return s->kind == SENDER_IRQ ? home
				     : READ_ONCE(container_of(s, struct thread, sender)->cpu);
}

/* Fail the senders that wait for t, which is dead; one a call. False: none is left. */
static rarely bool release_sender(struct cpu *own, struct thread *t)
{
	for (;;) {
		struct heap_node *n = READ_ONCE(t->senders.root);
		struct sender *s = container_of(n, struct sender, node);
		struct cpu *home = READ_ONCE(t->cpu), *sc;
		bool same;

		if (!n)
			return false;
		sc = sender_cpu(s, home);
		cpu_lock_pair(home, sc);
		same = t->cpu == home && t->senders.root == n && sender_cpu(s, home) == sc;
		if (same)
			fail_sender(own, s);
		cpu_unlock_pair(home, sc);
		if (same)
			return true;
	}
}

/* The last thread of a task forgets the task's reply capabilities, a part each time. True: done. */
static bool leave_task(struct thread *t)
{
	struct task *task = t->task;

	if (!task || t->left_task)
		return true;
	if (!t->leaving_task) {
		t->leaving_task = true;
		t->left_task = __atomic_sub_fetch(&task->threads, 1, __ATOMIC_ACQ_REL);
	} else {
		t->left_task =
		    READ_ONCE(task->threads) || reply_table_clear_some(task, &t->cap_progress);
	}
	return t->left_task;
}

/* Unbind a gate and an IRQ from t, which is dead. False: there is none. */
static bool unbind_one(struct thread *t)
{
	struct list *gate = NULL, *irq = NULL;

	spin_lock(&t->bind_lock);
	if (!list_empty(&t->gates))
		gate = t->gates.next;
	if (!list_empty(&t->irqs))
		irq = t->irqs.next;
	spin_unlock(&t->bind_lock);
	if (unlikely(gate))
		gate_unbind(list_entry(gate, struct gate, link), t);
	if (unlikely(irq))
		irq_unbind_thread(list_entry(irq, struct irq, link), t);
	return gate || irq;
}

static bool thread_destroy(struct kobject *o)
{
	struct thread *t = thread_of(o);
	struct cpu *own = this_cpu();
	struct irq *i;

	if (t->state != THREAD_DEAD && !stop(own, t))
		return false;
	if (unbind_one(t) || (t->senders.root && release_sender(own, t)))
		return false;
	if (!leave_task(t))
		return false;
	i = READ_ONCE(t->deletion_irq); /* nobody sets it after unbind_one */
	if (unlikely(i))
		irq_unwatch_thread(i, t);
	if (t->utcb)
		t->utcb[UTCB_FREE] = 0;
	return true;
}

/* Areas larger than a slab takes come as pages. */
static struct slab_cache fpu_cache = { .name = "fpu_cache", .align = 64 };

static unsigned fpu_order(void)
{
	unsigned order = 0;

	while (PAGE_SIZE << order < cpu_feat.xstate_size)
		order++;
	return order;
}

void *fpu_area_alloc(struct quota *q)
{
	if (cpu_feat.xstate_size > 2048)
		return page_alloc(q, fpu_order());
	fpu_cache.size = (u32)align_up(cpu_feat.xstate_size, 64);
	return slab_alloc(&fpu_cache, q);
}

void fpu_area_free(struct quota *q, void *area)
{
	if (cpu_feat.xstate_size > 2048)
		page_free(q, area, fpu_order());
	else
		slab_free(&fpu_cache, q, area);
}

static void thread_free(struct kobject *o)
{
	struct thread *t = thread_of(o);
	struct quota *q = o->quota;
	struct task *task = t->task;

	fpu_area_free(q, t->fpu);
	if (t->vcpu)
		vcpu_free(t);
	if (unlikely(t->special))
		segment_free(t);
	if (unlikely(t->walks))
		kobject_walk_end(&t->cursor);
	slab_free(&thread_cache, q, t);
	if (task)
		task_unpin(task);
}

static const struct kobject_ops thread_ops = { "thread", thread_invoke, thread_destroy,
					       thread_free };

static void init_fields(struct thread *t)
{
	t->state = THREAD_NEW;
	t->prio = t->eff_prio = DEFAULT_PRIO;
	t->sender.kind = SENDER_THREAD;
	t->sender.id = t->obj.id;
	t->reply_slot = &t->reply;
	t->invocation.caller = t;
	t->timeout.kind = TIMEOUT_IPC;
	t->regs.cs = SEL_USER_CODE64;
	t->regs.ss = SEL_USER_DATA;
	t->regs.rflags = RFLAGS_FIXED | RFLAGS_IF;
	t->seg.ds = t->seg.es = SEL_USER_DATA;
	list_init(&t->ready_link);
	list_init(&t->sender_list);
	list_init(&t->zombies);
	list_init(&t->gates);
	list_init(&t->irqs);
	list_init(&t->wait_link);
}

/* All but the object's header. Who follows a stale pointer reads `cpu` first, which is valid at
 * every moment. */
static void clear(struct thread *t)
{
	const size_t first = offsetof(struct thread, cpu) + sizeof(t->cpu);

	WRITE_ONCE(t->cpu, &limbo_cpu);
	zero_words((char *)t + first, offsetof(struct thread, cursor) - first);
}

struct thread *thread_create(struct quota *q)
{
	struct thread *t = slab_alloc(&thread_cache, q);

	if (!t)
		return NULL;
	clear(t);
	t->fpu = fpu_area_alloc(q);
	if (!t->fpu) {
		slab_free(&thread_cache, q, t);
		return NULL;
	}
	fpu_init_area(t->fpu);
	kobject_init(&t->obj, KOBJ_THREAD, &thread_ops, q);
	init_fields(t);
	return t;
}
