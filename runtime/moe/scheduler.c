/* SPDX-License-Identifier: MIT */
/* Scheduler proxies: priorities within a range, CPUs within a set. */
#include <string.h>
#include <l4/sys/err.h>
#include <l4/sys/icu.h>
#include <l4/sys/irq.h>
#include <l4/sys/scheduler.h>
#include "create.h"
#include "cpu_mask.h"
#include "moe.h"

enum { OP_INFO, OP_RUN_THREAD, OP_IDLE_TIME };
enum { ICU_BIND, ICU_UNBIND, ICU_INFO };

struct scheduler {
	struct object object;
	unsigned max, base; /* priorities */
	l4_umword_t mask[SCHEDULER_MASK_WORDS];
	l4_cap_idx_t
	    irq; /* bound for changes of CPUs, which the kernel does not have; or invalid */
};

static bool destroy(struct object *object)
{
	struct scheduler *s = (struct scheduler *)object;

	if (l4_is_valid_cap(s->irq))
		server_drop_cap(&moe.server, s->irq);
	factory_free(object->factory, s);
	return true;
}

/* The CPUs of the kernel from `first` on that the proxy has; -L4_ERANGE beyond the last one. */
static long own_cpus(const struct scheduler *s, unsigned first, l4_umword_t *map,
		     l4_umword_t *cpu_max, l4_umword_t *classes)
{
	l4_sched_cpu_set_t set = l4_sched_cpu_set(first, 0, 0);
	long err;

	err = l4_error(l4_scheduler_info(L4_BASE_SCHEDULER_CAP, cpu_max, &set));
	*classes = l4_utcb_mr()->mr[2];
	*map = set.map & cpu_mask_window(s->mask, SCHEDULER_MASK_WORDS, first);
	return err;
}

/* The proxy's CPUs in a window of 2^granularity CPUs a bit. */
static long handle_info(struct scheduler *s, struct server_request *request)
{
	l4_umword_t set = wire_get_word(&request->in), map = 0, part, cpu_max = 0, classes = 0;
	unsigned granularity = set >> 24 & 0xff, first = set & 0xffffff;
	long err;

	if (request->in.failed)
		return -L4_EMSGTOOSHORT;
	if (granularity > 24)
		return -L4_ERANGE;
	first &= ~((1U << granularity) - 1);
	err = own_cpus(s, first, &part, &cpu_max, &classes);
	if (err < 0)
		return err;
	for (l4_umword_t cpu = first; cpu < cpu_max && (cpu - first) >> granularity < 64; cpu++) {
		if ((cpu - first) % 64 == 0 &&
		    own_cpus(s, (unsigned)cpu, &part, &cpu_max, &classes))
			break;
		if (part >> (cpu - first) % 64 & 1)
			map |= 1UL << ((cpu - first) >> granularity);
	}
	wire_put_word(&request->out, map);
	wire_put_word(&request->out, cpu_max);
	wire_put_word(&request->out, classes);
	return 0;
}

static long run_thread(const struct scheduler *s, l4_cap_idx_t thread, l4_umword_t set,
		       l4_umword_t map, l4_umword_t prio, l4_umword_t quantum)
{
	l4_sched_param_t param = l4_sched_param(0, quantum);
	unsigned first;

	param.prio = prio < s->max - s->base ? prio + s->base : s->max;
	map = cpu_mask_intersect(s->mask, SCHEDULER_MASK_WORDS, set, map, &first);
	param.affinity = l4_sched_cpu_set(first, 0, map);
	return l4_error(l4_scheduler_run_thread(L4_BASE_SCHEDULER_CAP, thread, &param));
}

static long handle_run(struct scheduler *s, struct server_request *request)
{
	l4_umword_t set = wire_get_word(&request->in), map = wire_get_word(&request->in);
	l4_umword_t prio = wire_get_word(&request->in), quantum = wire_get_word(&request->in);
	struct wire_item item;

	if (request->in.failed)
		return -L4_EMSGTOOSHORT;
	item = wire_get_cap(&request->in);
	if (request->in.failed)
		return -L4_EINVAL;
	if (item.kind == WIRE_LOCAL) /* a thread that the loader has made */
		return run_thread(s, l4_fpage_obj(item.fpage), set, map, prio, quantum);
	if (item.kind != WIRE_CAP)
		return -L4_EINVAL;
	return run_thread(s, request->server->receive[item.buffer], set, map, prio, quantum);
}

static long handle(struct server_object *object, struct server_request *request)
{
	struct scheduler *s = (struct scheduler *)object;
	l4_umword_t op = wire_get_word(&request->in);

	if (request->in.failed)
		return -L4_EMSGTOOSHORT;
	if (op == OP_INFO)
		return handle_info(s, request);
	return op == OP_RUN_THREAD ? handle_run(s, request) : -L4_ENOSYS;
}

static long bind_irq(struct scheduler *s, struct server_request *request)
{
	l4_umword_t number = wire_get_word(&request->in);
	struct wire_item item = wire_get_cap(&request->in);
	l4_cap_idx_t irq;

	if (request->in.failed || number != 0 || item.kind != WIRE_CAP)
		return -L4_EINVAL;
	irq = server_keep_cap(request->server, &item);
	if (!l4_is_valid_cap(irq))
		return -L4_ENOMEM;
	if (l4_is_valid_cap(s->irq))
		server_drop_cap(request->server, s->irq);
	s->irq = irq;
	return 0;
}

static long handle_icu(struct server_object *object, struct server_request *request)
{
	struct scheduler *s = (struct scheduler *)object;
	l4_umword_t op = wire_get_word(&request->in);

	if (request->in.failed)
		return -L4_EMSGTOOSHORT;
	switch (op) {
	case ICU_BIND:
		return bind_irq(s, request);
	case ICU_UNBIND:
		if (!l4_is_valid_cap(s->irq))
			return -L4_ENOENT;
		server_drop_cap(request->server, s->irq);
		s->irq = L4_INVALID_CAP;
		return 0;
	case ICU_INFO:
		wire_put_word(&request->out, 0);
		wire_put_word(&request->out, 1);
		wire_put_word(&request->out, 0);
		return 0;
	default:
		return -L4_ENOSYS;
	}
}

static const struct server_interface interfaces[] = {
	{ L4_PROTO_SCHEDULER, "N2L49SchedulerE", handle, NULL, 0 },
	{ L4_PROTO_IRQ, "N2L43IcuE", handle_icu, NULL, 0 },
};

static const struct server_class class = { interfaces, 2, object_released, NULL };

struct object *scheduler_create(struct factory *f, unsigned max, unsigned base,
				const l4_umword_t *mask)
{
	struct scheduler *s = factory_alloc(f, sizeof(*s));

	if (!s)
		return NULL;
	object_init(&s->object, &class, f, destroy);
	s->max = max;
	s->base = base;
	s->irq = L4_INVALID_CAP;
	memcpy(s->mask, mask, sizeof(s->mask));
	return &s->object;
}
