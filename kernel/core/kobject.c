/* SPDX-License-Identifier: MIT */
/* Kernel objects: life, death, and the common part of their methods. */
#include "core/kobject.h"
#include "core/cpu.h"
#include "core/defer.h"
#include "core/flexpage.h"
#include "core/ipc.h"
#include "core/ipc_internal.h"
#include "core/preempt.h"
#include "core/reap.h"
#include "core/sched.h"
#include "core/string.h"
#include <l4/sys/err.h>

struct list kobject_list = { &kobject_list, &kobject_list };
struct spinlock kobject_list_lock;
static u64 next_id;

void kobject_init(struct kobject *o, u8 type, const struct kobject_ops *ops, struct quota *q)
{
	o->ops = ops;
	o->type = type;
	o->dead = false;
	o->lock.held = 0;
	list_init(&o->caps);
	list_init(&o->zombie);
	o->counted = 0;
	o->quota = q;
	o->name[0] = 0;
	spin_lock(&kobject_list_lock);
	o->id = ++next_id;
	list_push_back(&kobject_list, &o->all);
	spin_unlock(&kobject_list_lock);
}

rarely u64 kobject_walk_begin(struct kobject_cursor *c)
{
	u64 newest;

	c->id = 0;
	spin_lock(&kobject_list_lock);
	list_push_front(&kobject_list, &c->all);
	newest = next_id;
	spin_unlock(&kobject_list_lock);
	return newest;
}

rarely void kobject_walk_end(struct kobject_cursor *c)
{
	spin_lock(&kobject_list_lock);
	list_remove(&c->all);
	spin_unlock(&kobject_list_lock);
}

rarely struct kobject *kobject_walk_next(struct kobject_cursor *c, u64 newest, unsigned *budget)
{
	while (*budget && c->all.next != &kobject_list) {
		struct list *next = c->all.next;
		struct kobject *o = list_entry(next, struct kobject, all);

		if (o->id > newest)
			return NULL;
		list_remove(&c->all);
		list_push_front(next, &c->all);
		--*budget;
		if (o->id)
			return o;
	}
	return NULL;
}

void kobject_delete_locked(struct kobject *o)
{
	struct cpu *own = this_cpu();

	if (o->dead)
		return;
	o->dead = true;
	list_push_back(&own->zombies, &o->zombie);
	own->need_resched |= RESCHED_REAP;
}

void kobject_delete(struct kobject *o)
{
	spin_lock(&o->lock);
	kobject_delete_locked(o);
	spin_unlock(&o->lock);
}

/* Invalidate up to 32 capabilities; true when none is left. */
static bool clear_caps(struct kobject *o)
{
	unsigned n = 32;

	spin_lock(&o->lock);
	while (n-- && !list_empty(&o->caps)) {
		struct cap *cap = list_first(&o->caps, struct cap, link);

		list_remove(&cap->link);
		WRITE_ONCE(cap->word, 0);
	}
	n = list_empty(&o->caps);
	spin_unlock(&o->lock);
	return n;
}

static void kobject_free(struct defer *d)
{
	struct kobject *o = container_of(d, struct kobject, defer);

	o->ops->free(o);
}

/* Steps of the first zombie until it is gone or a preemption point says stop. */
static noinline bool reap_one(struct kobject *o)
{
	while (!clear_caps(o) || !o->ops->destroy(o))
		if (preempt_pending())
			return false;
	list_remove(&o->zombie);
	spin_lock(&kobject_list_lock);
	list_remove(&o->all);
	spin_unlock(&kobject_list_lock);
	if (o->ops->free)
		defer_call(&o->defer, kobject_free);
	return true;
}

noinline void zombies_move(struct list *to, struct list *from)
{
	if (list_empty(from))
		return;
	from->next->prev = to->prev;
	to->prev->next = from->next;
	from->prev->next = to;
	to->prev = from->prev;
	list_init(from);
}

/* Nobody waits any more for what own->zombies has. */
static void reap_later(struct cpu *own)
{
	zombies_move(&own->orphans, &own->zombies);
	own->lasting_resched |= RESCHED_REAP;
	if (!list_empty(&own->orphans))
		return;
	own->lasting_resched &= (u8)~RESCHED_REAP;
	own->orphan_prio = 0;
}

/* Objects that are deleted on the way, or that a deleted thread had, are orphans as well. */
void reap_some(struct cpu *own)
{
	reap_one(list_first(&own->orphans, struct kobject, zombie));
	reap_later(own);
}

static void reap_continue(struct thread *t)
{
	struct cpu *c = this_cpu();

	t->cont = t->cont_reap;
	zombies_move(&c->zombies, &t->zombies);
	reap_in_current(c, t);
	resume_current(c);
}

/* t is preempted, and zombies are left: it takes them along, or leaves them if it is no more. */
static noinline __attribute__((noreturn)) void reap_preempted(struct cpu *own, struct thread *t)
{
	spin_lock(&own->lock);
	if (t->state == THREAD_READY && t != own->idle) {
		if (t->cont != reap_continue)
			t->cont_reap = t->cont;
		t->cont = reap_continue;
		zombies_move(&t->zombies, &own->zombies);
	} else {
		if (own->cur_prio > own->orphan_prio)
			own->orphan_prio = own->cur_prio;
		reap_later(own);
	}
	sched_preempt(own, false);
}

/* There are orphans: take them over, if t is not more urgent than those who left them. */
static noinline void adopt_orphans(struct cpu *own, const struct thread *t)
{
	if (own->cur_prio > own->orphan_prio || t == own->idle)
		return;
	zombies_move(&own->zombies, &own->orphans);
	own->lasting_resched &= (u8)~RESCHED_REAP;
	own->orphan_prio = 0;
}

void reap_in_current(struct cpu *own, struct thread *t)
{
	own->need_resched &= (u8)~RESCHED_REAP;
	if (unlikely(own->lasting_resched & RESCHED_REAP))
		adopt_orphans(own, t);
	while (!list_empty(&own->zombies)) {
		bool gone = reap_one(list_first(&own->zombies, struct kobject, zombie));

		if (!list_empty(&own->zombies) && (!gone || preempt_pending()))
			reap_preempted(own, t);
	}
	if (t->state == THREAD_DEAD) {
		spin_lock(&own->lock);
		schedule(own);
	}
	defer_run(own);
}

u64 *reply_mr(struct invocation *inv)
{
	static u64 nowhere[MAX_CPUS][UTCB_MRS];

	return inv_receives(inv) ? inv->mr : nowhere[this_cpu()->number];
}

u64 reply_ipc_error(struct thread *t, unsigned code)
{
	t->utcb[UTCB_ERROR] = code;
	return TAG_ERROR;
}

static noinline struct cap_ref no_argument(u64 error)
{
	return (struct cap_ref){ .error = error };
}

struct cap_ref invocation_cap(struct invocation *inv)
{
	unsigned at = inv_words(inv);
	struct cap_ref ref;
	u64 fpage;

	if (!inv_items(inv) || at + 1 >= UTCB_MRS || !inv->mr[at])
		return no_argument(reply_error(-L4_EINVAL));
	fpage = inv->mr[at + 1];
	if (fpage_type(fpage) != FPAGE_OBJ)
		return no_argument(reply_ipc_error(inv->caller, IPC_OVERFLOW));
	ref = captab_lookup(&inv->caller->task->caps, fpage >> 12);
	return likely(ref.obj) ? ref : no_argument(reply_error(-L4_EINVAL));
}
