/* SPDX-License-Identifier: MIT */
/* Factories. */
#include "obj/factory.h"
#include "core/defer.h"
#include "core/flexpage.h"
#include "core/ipc.h"
#include "core/preempt.h"
#include "core/sched.h"
#include "core/string.h"
#include "mm/kmem.h"
#include "obj/gate.h"
#include "obj/irq.h"
#include "obj/semaphore.h"
#include "obj/view.h"
#include "x86_64/insn.h"
#include <l4/sys/consts.h>
#include <l4/sys/err.h>
#include <l4/sys/types.h>
#include <l4/zwinger/view.h>

#define FREEING_MAX_US 1000000
#define REPLY_ITEM     0x38 /* map item, object, order 0 */

static SLAB_CACHE(factory_cache, sizeof(struct factory), KOBJECT_ALIGN);

/* What a maker returns: an object, or the reply tag to give. */
struct made {
	struct kobject *obj;
	u64 error;
};

static struct made failed(u64 error)
{
	return (struct made){ .error = error };
}

static struct made made(struct kobject *o)
{
	return (struct made){ .obj = o, .error = reply_error(-L4_ENOMEM) };
}

static struct made make_gate(struct quota *q, struct invocation *inv)
{
	struct cap_ref t = { .obj = NULL };
	struct gate *g;
	u64 label = 0;

	if (inv_items(inv)) {
		if (inv_words(inv) < 3)
			return failed(reply_error(-L4_EMSGTOOSHORT));
		t = invocation_cap(inv);
		if (!t.obj)
			return failed(t.error);
		label = inv->mr[2];
		if (t.obj->type != KOBJ_THREAD || (label & 3))
			return failed(reply_error(-L4_EINVAL));
		if (!(t.rights & CAP_S))
			return failed(reply_error(-L4_EPERM));
	}
	g = gate_create(q, t.obj ? thread_of(t.obj) : NULL, label);
	return made(g ? &g->obj : NULL);
}

/* Extension: a second argument, a flag word, whose bit 0 asks for the right to map addresses of the
 * upper half. */
static bool wants_upper_half(const struct invocation *inv)
{
	return inv_words(inv) >= 5 && (inv->mr[3] & 0xff) == 1 && (inv->mr[4] & 1);
}

static struct made make_task(struct quota *q, struct invocation *inv)
{
	struct task *t;
	struct fpage f;
	int err;

	if (inv_words(inv) <= 2)
		return failed(reply_error(-L4_EINVAL));
	f = fpage_decode(inv->mr[2]);
	if (inv->mr[2] && f.type != FPAGE_MEM)
		return failed(reply_error(-L4_EINVAL));
	t = task_create(q, wants_upper_half(inv));
	if (!t)
		return failed(reply_error(-L4_ENOMEM));
	if (inv->mr[2]) {
		err = task_add_ku(t, inv->mr[2] & ~PAGE_MASK, f.order);
		if (err) {
			kobject_delete(&t->obj);
			return failed(reply_error(err));
		}
	}
	return made(&t->obj);
}

static struct made make_thread(struct quota *q)
{
	struct thread *t = thread_create(q);

	return made(t ? &t->obj : NULL);
}

static struct made make_factory(struct quota *q, struct invocation *inv)
{
	struct factory *f;

	if (inv_words(inv) < 3)
		return failed(reply_error(-L4_EMSGTOOSHORT));
	if (inv_words(inv) > 3 || inv_items(inv))
		return failed(reply_error(-L4_EMSGTOOLONG));
	f = factory_create(q, inv->mr[2]);
	return made(f ? &f->obj : NULL);
}

static struct made make_view(struct quota *q, struct invocation *inv)
{
	struct cap_ref home;
	struct view *v;

	if (inv_words(inv) < 3)
		return failed(reply_error(-L4_EMSGTOOSHORT));
	home = invocation_cap(inv);
	if (!home.obj)
		return failed(home.error);
	if (home.obj->type != KOBJ_TASK)
		return failed(reply_error(-L4_EINVAL));
	if (!(home.rights & CAP_W))
		return failed(reply_error(-L4_EPERM));
	v = view_create(q, task_of(home.obj), inv->mr[2]);
	return made(v ? &v->obj : NULL);
}

static struct made make(struct factory *f, struct invocation *inv)
{
	switch ((long)inv->mr[0]) {
	case 0:
	case L4_PROTO_KOBJECT:
		return make_gate(f->quota, inv);
	case L4_PROTO_TASK:
		return make_task(f->quota, inv);
	case L4_PROTO_THREAD:
		return make_thread(f->quota);
	case L4_PROTO_FACTORY:
		return make_factory(f->quota, inv);
	case L4_PROTO_IRQ_SENDER: {
		struct irq *i = irq_create(f->quota);

		return made(i ? &i->base.obj : NULL);
	}
	case L4_PROTO_SEMAPHORE: {
		struct semaphore *s = semaphore_create(f->quota);

		return made(s ? &s->base.obj : NULL);
	}
	case L4_PROTO_VIEW:
		return make_view(f->quota, inv);
	default:
		return failed(reply_error(-L4_ENODEV));
	}
}

/* First slot of the caller's object window; false without one. */
static bool target_slot(struct invocation *inv, u64 *slot)
{
	struct rcv_buffer b;
	u64 *u = inv->mr;

	if (!rcv_buffer_decode(u + UTCB_BR, UTCB_BRS, u[UTCB_BDR] >> 10 & 31, &b) ||
	    fpage_type(b.window) != FPAGE_OBJ)
		return false;
	*slot = fpage_decode_as(FPAGE_OBJ, b.window).base;
	return true;
}

/* What was destroyed may still wait for a grace period: try again until it is free, for a while. */
static u64 no_memory(struct invocation *inv)
{
	struct restart *p = restart_begin(inv->caller);

	if (!p->map.done)
		p->map.done = rdtsc() + us_to_tsc(FREEING_MAX_US);
	if (!defer_pending(this_cpu()) || rdtsc() > p->map.done)
		return reply_error(-L4_ENOMEM);
	pause();
	preempt_pending();
	return REPLY_RESTART;
}

static u64 factory_invoke(struct kobject *o, struct invocation *inv)
{
	struct factory *f = factory_of(o);
	u64 slot, *mr = inv->mr;
	struct made m;
	int err;

	if (inv_proto(inv) != L4_PROTO_FACTORY)
		return reply_error(-L4_EBADPROTO);
	if (!inv_words(inv))
		return reply_error(-L4_EMSGTOOSHORT);
	if (!(inv->rights & CAP_S))
		return reply_error(-L4_EPERM);
	if (!inv_receives(inv))
		return 0;
	if (!target_slot(inv, &slot))
		return reply_ipc_error(inv->caller, IPC_OVERFLOW | IPC_RECV_PHASE);
	m = make(f, inv);
	if (!m.obj)
		return m.error == reply_error(-L4_ENOMEM) ? no_memory(inv) : m.error;
	err = captab_insert_new(&inv->caller->task->caps, slot, m.obj);
	if (err) {
		kobject_delete(m.obj);
		return reply_error(err);
	}
	if (m.obj->type == KOBJ_TASK) /* where its KU memory is */
		*mr++ = inv->mr[2] & ~15ULL;
	*mr = REPLY_ITEM;
	return reply_words(0, (unsigned)(mr - inv->mr)) | 1 << 6;
}

/* Products keep the quota; it goes when they do. */
static void factory_free(struct kobject *o)
{
	struct factory *f = factory_of(o);

	quota_orphan(f->quota);
	slab_free(&factory_cache, o->quota, f);
}

static bool factory_destroy(struct kobject *o)
{
	(void)o;
	return true;
}

static const struct kobject_ops factory_ops = { "factory", factory_invoke, factory_destroy,
						factory_free };

static struct factory *factory_over(struct quota *parent, struct quota *q)
{
	struct factory *f = slab_alloc(&factory_cache, parent);

	if (!f)
		return NULL;
	memset(f, 0, sizeof(*f));
	f->quota = q;
	kobject_init(&f->obj, KOBJ_FACTORY, &factory_ops, parent);
	return f;
}

struct factory *factory_create(struct quota *parent, u64 limit)
{
	struct quota *q = quota_create(parent, limit);
	struct factory *f = q ? factory_over(parent, q) : NULL;

	if (q && !f)
		quota_orphan(q);
	return f;
}

struct factory *factory_create_root(void)
{
	return factory_over(&root_quota, &root_quota);
}
