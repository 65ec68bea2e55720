// SPDX-License-Identifier: GPL-2.0
/*
 * The UTCB of a process: as in a native program, what one writes into the message registers stays
 * there until its own next call, whatever other processes do. It is made at the first use and freed
 * some time after the end of its process, when another one is made.
 */
#include <linux/hashtable.h>
#include <linux/module.h>
#include <linux/sched/task.h>
#include <linux/slab.h>

#include <l4/sys/utcb.h>

#include "module.h"

struct process_utcb {
	l4_utcb_t utcb;
	struct hlist_node node;
	struct task_struct *owner; /* we hold a reference */
};

static DEFINE_HASHTABLE(utcbs, 6);
static DEFINE_SPINLOCK(lock);

static struct process_utcb *find(struct task_struct *owner)
{
	struct process_utcb *p;

	hash_for_each_possible(utcbs, p, node,
			       (unsigned long)owner) if (p->owner == owner) return p;
	return NULL;
}

static void forget(struct process_utcb *p)
{
	hash_del(&p->node);
	put_task_struct(p->owner);
	kfree(p);
}

static void forget_dead(void)
{
	struct process_utcb *p;
	struct hlist_node *next;
	int bucket;

	hash_for_each_safe(utcbs, bucket, next, p, node) if (READ_ONCE(p->owner->exit_state))
	    forget(p);
}

static struct process_utcb *make(void)
{
	struct process_utcb *p = kzalloc(sizeof(*p), GFP_KERNEL | __GFP_NOFAIL);

	p->owner = get_task_struct(current);
	p->utcb.self = (l4_umword_t)&p->utcb;
	spin_lock(&lock);
	forget_dead();
	hash_add(utcbs, &p->node, (unsigned long)current);
	spin_unlock(&lock);
	return p;
}

l4_utcb_t *l4_utcb_wrap(void)
{
	struct process_utcb *p;

	spin_lock(&lock);
	p = find(current);
	spin_unlock(&lock);
	return p ? &p->utcb : &make()->utcb;
}
EXPORT_SYMBOL_GPL(l4_utcb_wrap);

void utcbs_free(void)
{
	struct process_utcb *p;
	struct hlist_node *next;
	int bucket;

	hash_for_each_safe(utcbs, bucket, next, p, node) forget(p);
}
