/* SPDX-License-Identifier: MIT */
/* Trace buffer. */
#include "kdb/trace.h"
#include "core/cpu.h"
#include "core/sched.h"
#include "core/string.h"
#include "kdb/internal.h"
#include "mm/kmem.h"
#include <l4/sys/err.h>

#define RING_ORDER   4 /* log2 pages */
#define RING_RECORDS ((PAGE_SIZE << RING_ORDER) / sizeof(struct trace_record))

static struct ring {
	struct trace_record *record;
	u64 next;  /* records ever written */
	u64 first; /* those before are forgotten */
} rings[MAX_CPUS];

u32 trace_mask;

static const char *const kind_name[TRACE_KINDS] = {
	[TRACE_IPC] = "ipc", [TRACE_FAULT] = "fault", [TRACE_SWITCH] = "switch",
	[TRACE_IRQ] = "irq", [TRACE_USER] = "user",   [TRACE_TEXT] = "text",
};

/* What programs write is always wanted. */
void trace_init(void)
{
	for (unsigned n = 0; n < acpi.cpus && n < MAX_CPUS; n++)
		rings[n].record = page_alloc(&root_quota, RING_ORDER);
	trace_mask = 1u << TRACE_USER | 1u << TRACE_TEXT;
}

void trace_record(enum trace_kind kind, u64 a, u64 b, u64 c, u64 d)
{
	unsigned cpu = this_cpu()->number;
	struct ring *r = &rings[cpu];

	if (!r->record)
		return;
	r->record[r->next % RING_RECORDS] = (struct trace_record){
		.tsc = rdtsc(), .kind = kind, .cpu = cpu, .word = { a, b, c, d }
	};
	r->next++;
}

int trace_kind_find(const char *name)
{
	for (int i = 0; i < TRACE_KINDS; i++)
		if (strcmp(kind_name[i], name) == 0)
			return i;
	return -1;
}

const char *trace_kind_name(unsigned kind)
{
	return kind < TRACE_KINDS ? kind_name[kind] : NULL;
}

int trace_switch(unsigned kind, bool on)
{
	if (!rings[0].record)
		return -L4_ENOMEM;
	if (on)
		__atomic_fetch_or(&trace_mask, 1u << kind, __ATOMIC_RELAXED);
	else
		__atomic_fetch_and(&trace_mask, ~(1u << kind), __ATOMIC_RELAXED);
	return 0;
}

void trace_clear(void)
{
	for (unsigned n = 0; n < MAX_CPUS; n++)
		rings[n].first = rings[n].next;
}

/* --- Output: records of all CPUs in order of time --- */

/* Oldest record of a ring that is still there. */
static u64 ring_start(const struct ring *r)
{
	return r->next > RING_RECORDS ? max_u64(r->first, r->next - RING_RECORDS) : r->first;
}

static const struct trace_record *ring_at(const struct ring *r, u64 i)
{
	return &r->record[i % RING_RECORDS];
}

/* Move one cursor back, over the newest record in front of all cursors. False: nothing is left. */
static bool step_back(u64 cursor[MAX_CPUS])
{
	unsigned best = MAX_CPUS;
	u64 newest = 0;

	for (unsigned n = 0; n < MAX_CPUS; n++) {
		if (!rings[n].record || cursor[n] <= ring_start(&rings[n]))
			continue;
		if (best == MAX_CPUS || ring_at(&rings[n], cursor[n] - 1)->tsc > newest) {
			best = n;
			newest = ring_at(&rings[n], cursor[n] - 1)->tsc;
		}
	}
	if (best < MAX_CPUS)
		cursor[best]--;
	return best < MAX_CPUS;
}

/* The oldest record at or after the cursors, moving one; NULL at the end. */
static const struct trace_record *step_forward(u64 cursor[MAX_CPUS], const u64 end[MAX_CPUS])
{
	const struct trace_record *r = NULL;
	unsigned best = 0;

	for (unsigned n = 0; n < MAX_CPUS; n++) {
		if (cursor[n] >= end[n])
			continue;
		if (!r || ring_at(&rings[n], cursor[n])->tsc < r->tsc) {
			r = ring_at(&rings[n], cursor[n]);
			best = n;
		}
	}
	if (r)
		cursor[best]++;
	return r;
}

static void print_record(const struct trace_record *r)
{
	const u64 *w = r->word;

	kdb_printf("%12lu us cpu %u %-6s ", tsc_to_us(r->tsc), r->cpu, kind_name[r->kind]);
	switch (r->kind) {
	case TRACE_IPC:
		kdb_printf("%lu -> %lu tag %lx label %lx\n", w[0], w[1], w[2], w[3]);
		break;
	case TRACE_FAULT:
		kdb_printf("thread %lu at %lx error %lx ip %lx\n", w[0], w[1], w[2], w[3]);
		break;
	case TRACE_SWITCH:
		kdb_printf("%lu -> %lu ip %lx priority %lu\n", w[0], w[1], w[2], w[3]);
		break;
	case TRACE_IRQ:
		kdb_printf("vector %lx\n", w[0]);
		break;
	case TRACE_USER:
		kdb_printf("%lx %lx %lx %.8s\n", w[0], w[1], w[2], (const char *)&w[3]);
		break;
	case TRACE_TEXT:
		kdb_printf("%.32s\n", (const char *)w);
		break;
	}
}

void trace_dump(unsigned count)
{
	static u64 cursor[MAX_CPUS], end[MAX_CPUS];
	static struct spinlock lock;
	const struct trace_record *r;

	if (!spin_trylock(&lock) && !kdb_is_active())
		return; /* another CPU is at it */
	for (unsigned n = 0; n < MAX_CPUS; n++)
		cursor[n] = end[n] = rings[n].next;
	while (count-- && step_back(cursor))
		;
	while (!kdb_interrupted() && (r = step_forward(cursor, end)))
		print_record(r);
	spin_unlock(&lock);
}
