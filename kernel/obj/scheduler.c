/* SPDX-License-Identifier: MIT */
/* Scheduler object. */
#include "obj/scheduler.h"
#include "core/sched.h"
#include "obj/icu.h"
#include <l4/sys/consts.h>
#include <l4/sys/err.h>
#include <l4/sys/scheduler.h>
#include <l4/sys/types.h>

#define GRANULARITY_MAX	 24
#define MIN_QUANTUM_US	 100 /* so that a thread gets somewhere within its slice */
#define CLASS_FIXED_PRIO (-1)

/* The words of class -1 from the CPU set on, in bytes. */
#define FIXED_PRIO_BYTES 48

static struct pin hotplug_pin;

/* Map bit i stands for 2^granularity CPUs from offset + i * 2^granularity on. */
struct cpu_set {
	unsigned offset, granularity;
	u64 map;
};

static struct cpu_set cpu_set_decode(u64 gran_offset, u64 map)
{
	unsigned g = gran_offset >> 24 & 0xff;
	struct cpu_set s = { .granularity = g < GRANULARITY_MAX ? g : GRANULARITY_MAX, .map = map };

	s.offset = (gran_offset & 0xffffff) >> s.granularity << s.granularity;
	return s;
}

/* Bit of the map that stands for CPU n; 0 if none does. */
static u64 cpu_set_bit(const struct cpu_set *s, unsigned n)
{
	unsigned i = (n - s->offset) >> s->granularity;

	return n >= s->offset && i < 64 ? 1ULL << i : 0;
}

static bool cpu_set_has(const struct cpu_set *s, const struct cpu *c)
{
	return c != &limbo_cpu && (cpu_set_bit(s, c->number) & s->map);
}

/* First CPU of the set that is online; NULL if there is none. */
static struct cpu *cpu_set_first(const struct cpu_set *s)
{
	for (unsigned n = 0; n < cpus_online; n++)
		if (cpu_set_has(s, cpu_of(n)))
			return cpu_of(n);
	return NULL;
}

static u64 method_info(struct invocation *inv)
{
	struct cpu_set s;
	u64 map = 0, *mr;

	if (inv_words(inv) < 2)
		return reply_error(-L4_EMSGTOOSHORT);
	s = cpu_set_decode(inv->mr[1], 0);
	if (s.offset >= MAX_CPUS)
		return reply_error(-L4_ERANGE);
	for (unsigned n = 0; n < cpus_online; n++)
		map |= cpu_set_bit(&s, n);
	mr = reply_mr(inv);
	mr[0] = map;
	mr[1] = MAX_CPUS;
	mr[2] = L4_SCHEDULER_CLASS_FIXED_PRIO;
	return reply_words(0, 3);
}

struct sched_params {
	u64 prio, quantum_us;
};

/* Words 3 and up: a priority and a quantum, or a class (negative) and a length in bytes that covers
 * the words of the class. 0 or a negative error. */
static long params_decode(const struct invocation *inv, struct sched_params *p)
{
	long class = (long)inv->mr[3];

	if (class >= 0) {
		*p = (struct sched_params){ .prio = inv->mr[3], .quantum_us = inv->mr[4] };
	} else {
		if (inv->mr[4] > (inv_words(inv) - 1) * 8)
			return -L4_EINVAL;
		if (class != CLASS_FIXED_PRIO)
			return -L4_ERANGE;
		if (inv->mr[4] < FIXED_PRIO_BYTES)
			return -L4_EINVAL;
		*p = (struct sched_params){ .prio = inv->mr[6] & 0xffff, .quantum_us = inv->mr[5] };
	}
	if (!p->prio)
		return -L4_EINVAL;
	p->prio = min_u64(p->prio, PRIORITIES - 1);
	p->quantum_us = p->quantum_us ? max_u64(p->quantum_us, MIN_QUANTUM_US) : DEFAULT_QUANTUM_US;
	return 0;
}

/* It stays on its CPU if that is in the set, else it comes here, else the set's first CPU. */
static struct cpu *choose_cpu(const struct cpu_set *s, struct cpu *own, const struct thread *t)
{
	struct cpu *home = READ_ONCE(t->cpu), *first;

	if (cpu_set_has(s, home))
		return home;
	if (cpu_set_has(s, own))
		return own;
	first = cpu_set_first(s);
	return first ? first : &limbo_cpu;
}

static u64 method_run_thread(struct invocation *inv)
{
	struct cpu *own = this_cpu();
	struct sched_params p;
	struct cap_ref ref;
	struct cpu_set set;
	struct cpu *target;
	long r;

	if (inv_words(inv) < 5)
		return reply_error(-L4_EINVAL);
	ref = invocation_cap(inv);
	if (!ref.obj)
		return ref.error;
	if (ref.obj->type != KOBJ_THREAD || ref.obj->dead)
		return reply_error(-L4_EINVAL);
	r = params_decode(inv, &p);
	if (r)
		return reply_error(r);
	set = cpu_set_decode(inv->mr[1], inv->mr[2]);
	target = choose_cpu(&set, own, thread_of(ref.obj));
	sched_place(own, thread_of(ref.obj), target, (u8)p.prio, us_to_tsc(p.quantum_us));
	return 0;
}

/* Ticks that the idle thread of c has run, the stretch under way included. */
static u64 idle_ticks(struct cpu *c)
{
	u64 ticks;

	spin_lock(&c->lock);
	ticks = c->idle->cpu_time;
	if (c->current == c->idle)
		ticks += rdtsc() - c->switched_at;
	spin_unlock(&c->lock);
	return ticks;
}

static u64 method_idle_time(struct invocation *inv)
{
	struct cpu_set s;
	struct cpu *c;

	if (inv_words(inv) < 3)
		return reply_error(-L4_EMSGTOOSHORT);
	s = cpu_set_decode(inv->mr[1], inv->mr[2]);
	c = cpu_set_first(&s);
	if (!c)
		return reply_error(-L4_EINVAL);
	reply_mr(inv)[0] = tsc_to_us(idle_ticks(c));
	return reply_words(0, 1);
}

static u64 scheduler_invoke(struct kobject *o, struct invocation *inv)
{
	(void)o;
	if (inv_proto(inv) == L4_PROTO_IRQ)
		return icu_methods(inv, &hotplug_pin, 1);
	if (inv_proto(inv) != L4_PROTO_SCHEDULER)
		return reply_error(-L4_EBADPROTO);
	if (!inv_words(inv))
		return reply_error(-L4_EMSGTOOSHORT);
	switch (inv->mr[0] & 0xffff) {
	case L4_SCHEDULER_INFO_OP:
		return method_info(inv);
	case L4_SCHEDULER_RUN_THREAD_OP:
		return method_run_thread(inv);
	case L4_SCHEDULER_IDLE_TIME_OP:
		return method_idle_time(inv);
	default:
		return reply_error(-L4_ENOSYS);
	}
}

static bool scheduler_destroy(struct kobject *o)
{
	(void)o;
	return true;
}

static const struct kobject_ops scheduler_ops = { "scheduler", scheduler_invoke, scheduler_destroy,
						  NULL };
static struct kobject scheduler_obj __attribute__((aligned(KOBJECT_ALIGN)));
struct kobject *scheduler_object = &scheduler_obj;

void scheduler_init(void)
{
	kobject_init(&scheduler_obj, KOBJ_SCHEDULER, &scheduler_ops, &root_quota);
}
