/* SPDX-License-Identifier: MIT */
/* Descriptions of kernel objects for the debugger object's "object infos". */
#include "core/string.h"
#include "obj/debugger.h"
#include "obj/factory.h"
#include "obj/gate.h"
#include "obj/icu.h"
#include "obj/semaphore.h"
#include "obj/thread.h"

const char *thread_state_name(const struct thread *t)
{
	static const char *const name[] = {
		[THREAD_NEW] = "new",	[THREAD_READY] = "ready", [THREAD_RECV] = "recv",
		[THREAD_SEND] = "send", [THREAD_GATE] = "gate",	  [THREAD_SEM] = "sem",
		[THREAD_XFER] = "xfer", [THREAD_DEAD] = "dead",
	};

	if (t->cpu != &limbo_cpu && t->cpu->current == t)
		return "run";
	return t->state < ARRAY_SIZE(name) ? name[t->state] : "?";
}

static void thread_info(struct object_info *info, struct thread *t)
{
	struct cpu *c = t->cpu;
	struct task *task = READ_ONCE(t->task);

	info->thread.is_current = c != &limbo_cpu && c->current == t;
	info->thread.in_ready_list = t->queued;
	info->thread.home_cpu = info->thread.current_cpu = c->number;
	info->thread.ref_cnt = t->obj.counted;
	info->thread.space_id = task ? task->obj.id : 0;
}

/* Another CPU may rebind the gate at any time, but the thread's memory stays what it is. */
static void gate_info(struct object_info *info, struct gate *g)
{
	u64 label;
	struct thread *t = gate_target(g, &label);

	info->gate.label = label;
	info->gate.thread_id = t ? t->obj.id : 0;
}

static void irq_base_info(struct object_info *info, struct irq_base *b)
{
	struct pin *p = READ_ONCE(b->pin);
	static const char *const chip[] = { "soft", "io-apic", "msi" };
	const char *name = p ? chip[p->kind] : "none";

	memcpy(info->irq.chip_type, name, strlen(name));
	info->irq.flags = (u16)(b->masked | b->level << 1);
	info->irq.pin = p ? p->number : 0;
}

static void irq_info(struct object_info *info, struct irq *i)
{
	struct thread *t = READ_ONCE(i->thread);

	irq_base_info(info, &i->base);
	info->irq.label = i->sender.label;
	info->irq.target_id = t ? t->obj.id : 0;
	info->irq.queued = i->sender.receiver || i->pending;
}

static void semaphore_info(struct object_info *info, struct semaphore *s)
{
	irq_base_info(info, &s->base);
	info->irq.label = s->base.obj.id;
	info->irq.queued = (s64)s->count;
}

static u64 info_type(u8 type)
{
	static const u8 map[] = {
		[KOBJ_TASK] = INFO_SPACE,
		[KOBJ_THREAD] = INFO_THREAD,
		[KOBJ_GATE] = INFO_GATE,
		[KOBJ_IRQ] = INFO_IRQ,
		[KOBJ_SEMAPHORE] = INFO_SEMAPHORE,
		[KOBJ_FACTORY] = INFO_FACTORY,
		[KOBJ_SCHEDULER] = INFO_SCHEDULER,
		[KOBJ_VLOG] = INFO_VLOG,
		[KOBJ_ICU] = INFO_ICU,
		[KOBJ_DEBUGGER] = INFO_DEBUGGER,
		[KOBJ_VIEW] = INFO_SPACE,
	};

	return type < ARRAY_SIZE(map) ? map[type] : 0;
}

void object_info_fill(struct object_info *info, struct kobject *o)
{
	memset(info, 0, sizeof(*info));
	info->type_id = info_type(o->type) | o->id << 5;
	info->kobject = (u64)o;
	info->ref_cnt = (u64)o->counted;
	switch (o->type) {
	case KOBJ_TASK:
	case KOBJ_VIEW:
		info->space.ref_cnt = o->counted;
		break;
	case KOBJ_THREAD:
		thread_info(info, thread_of(o));
		break;
	case KOBJ_GATE:
		gate_info(info, gate_of(o));
		break;
	case KOBJ_IRQ:
		irq_info(info, irq_of(o));
		break;
	case KOBJ_SEMAPHORE:
		semaphore_info(info, semaphore_of(o));
		break;
	case KOBJ_FACTORY:
		info->factory.current = quota_used(factory_of(o)->quota);
		info->factory.limit = factory_of(o)->quota->limit;
		break;
	}
}
