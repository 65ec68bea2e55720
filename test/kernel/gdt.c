/* SPDX-License-Identifier: MIT */
/*
 * A thread's own GDT entries and segment bases: whose they are, over every way from one thread to
 * another, and that a change of one leaves the others alone. They are looked at by lsl, which needs
 * no selector in a register: selectors send a switch the long way, which would hide much.
 */
#include "thread.h"

#include <l4/sys/segment.h>
#include <l4/sys/thread.h>
#include <l4/zwinger/thread.h>
#include <l4/zwinger/wellknown.h>

#define SELECTOR(n) (0x5bU + 8 * (n))
#define LOCAL(n)    ((n) << 3 | 7)
#define DATA	    0x00cff3000000ffffUL
#define SMALL(size) (0x0040f30000000000UL | ((size)-1)) /* data, up to 64 KiB */
enum { ENTRIES = 5, LAST = ENTRIES - 1, NONE = -1, TABLE_ENTRY = 3, MIRROR_LABEL = 0x3330 };

/* Limit of the segment that the processor finds; NONE. */
static long limit_of(unsigned selector)
{
	long limit;

	__asm__ volatile("mov $-1, %0; lsl %1, %0" : "=&r"(limit) : "r"((long)selector) : "cc");
	return limit;
}

static unsigned fs_selector(void)
{
	unsigned selector;

	__asm__ volatile("mov %%fs, %0" : "=r"(selector));
	return selector;
}

static unsigned gs_selector(void)
{
	unsigned selector;

	__asm__ volatile("mov %%gs, %0" : "=r"(selector));
	return selector;
}

static unsigned ds_selector(void)
{
	unsigned selector;

	__asm__ volatile("mov %%ds, %0" : "=r"(selector));
	return selector;
}

/* --- A mirror: a thread that says what it sees whenever it is called --- */

struct mirror {
	struct thread *thread;
	l4_cap_idx_t gate;
	volatile long limits[ENTRIES], local;
};

static void mirror_look(struct mirror *m)
{
	for (unsigned i = 0; i < ENTRIES; i++)
		m->limits[i] = limit_of(SELECTOR(i));
	m->local = limit_of(LOCAL(TABLE_ENTRY));
}

static void mirror_run(void *mirror)
{
	l4_umword_t label;
	l4_msgtag_t tag = l4_ipc_wait(l4_utcb(), &label, L4_IPC_NEVER);

	while (!l4_msgtag_has_error(tag)) {
		mirror_look(mirror);
		tag = l4_ipc_reply_and_wait(l4_utcb(), l4_msgtag(0, 0, 0, 0), &label, L4_IPC_NEVER);
	}
}

static void mirror_ask(struct mirror *m)
{
	if (l4_msgtag_has_error(l4_ipc_call(m->gate, l4_utcb(), l4_msgtag(0, 0, 0, 0), PATIENT)))
		tap_bail("the mirror does not answer");
}

/* Made, and seen twice: it waits, and neither CPU nor thread has anything of its own. */
static void mirror_start(struct mirror *m)
{
	m->thread = thread_run(mirror_run, m, 0, PRIO_MAIN + 1);
	m->gate = gate_create(m->thread, MIRROR_LABEL);
	mirror_ask(m);
	mirror_ask(m);
}

static void mirror_end(struct mirror *m)
{
	thread_destroy(m->thread);
	cap_delete(m->gate);
}

static struct mirror mirror;

/* Each test is a new thread, which has nothing of its own yet: its switches take the short way. */
static void in_new_thread(void (*test)(void *), const char *name)
{
	struct thread *t = thread_run(test, NULL, 0, PRIO_MAIN + 1);

	if (!thread_join(t, PATIENT_MS))
		tap_bail("%s: the thread does not end", name);
	thread_destroy(t);
}

/* --- GDT entries --- */

static long gdt_set(l4_cap_idx_t thread, unsigned first, const uint64_t *entries, unsigned n)
{
	return fiasco_gdt_set(thread, (void *)(uintptr_t)entries, n * 8, first, l4_utcb());
}

/* Two threads, with nothing but calls between them. */
static void test_own(void *unused)
{
	static const uint64_t data = DATA;

	(void)unused;
	mirror_start(&mirror);
	tap_is(gdt_set(L4_INVALID_CAP, 0, &data, 1), SELECTOR(0), "entries: set by their thread");
	tap_is(limit_of(SELECTOR(0)), 0xffffffff, "entries: it has them at once");
	mirror_ask(&mirror);
	tap_is(mirror.limits[0], NONE, "entries: the thread that runs next has none");
	tap_is(limit_of(SELECTOR(0)), 0xffffffff, "entries: they are back with their thread");
	mirror_end(&mirror);
}

static void test_others(void *unused)
{
	static const uint64_t small = SMALL(16);

	(void)unused;
	mirror_start(&mirror);
	tap_is(gdt_set(mirror.thread->cap, 1, &small, 1), SELECTOR(1),
	       "entries: set for a thread that waits");
	tap_is(limit_of(SELECTOR(1)), NONE, "entries: not for the one that does it");
	mirror_ask(&mirror);
	tap_is(mirror.limits[1], 15, "entries: the other one has them when it goes on");
	tap_is(limit_of(SELECTOR(1)), NONE, "entries: its caller has none then");
	mirror_end(&mirror);
}

/* A message may name more than there are, and the UTCB hold more than the message has. */
static void test_bounds(void *unused)
{
	static const uint64_t first[ENTRIES] = { SMALL(1), SMALL(2), SMALL(3), SMALL(4), SMALL(5) };
	static const uint64_t many[ENTRIES] = { SMALL(6), SMALL(7), SMALL(8), SMALL(9), SMALL(10) };
	static uint64_t most[L4_TASK_LDT_X86_MAX_ENTRIES];
	const volatile long *limits = mirror.limits;

	(void)unused;
	mirror_start(&mirror);
	tap_is(gdt_set(mirror.thread->cap, 0, first, ENTRIES), SELECTOR(0), "bounds: all entries");
	mirror_ask(&mirror);
	tap_ok(limits[0] == 0 && limits[LAST] == 4, "bounds: are set");
	tap_is(gdt_set(mirror.thread->cap, LAST, many, ENTRIES), SELECTOR(LAST),
	       "bounds: more than there are, from the last one on");
	mirror_ask(&mirror);
	tap_ok(limits[0] == 0 && limits[LAST - 1] == 3 && limits[LAST] == 5,
	       "bounds: only that one is set");
	for (unsigned i = 0; i < ARRAY_SIZE(most); i++)
		most[i] = SMALL(20 + i);
	tap_is(gdt_set(mirror.thread->cap, 0, most, ARRAY_SIZE(most)), SELECTOR(0),
	       "bounds: as many as a message has");
	mirror_ask(&mirror);
	tap_ok(limits[0] == 19 && limits[LAST] == 23, "bounds: the first ones are set");
	tap_is(gdt_set(mirror.thread->cap, 1, first, 1), SELECTOR(1), "bounds: one of five");
	mirror_ask(&mirror);
	tap_ok(limits[0] == 19 && limits[1] == 0 && limits[2] == 21,
	       "bounds: what the message does not have is not set");
	tap_is(gdt_set(mirror.thread->cap, ENTRIES, first, 1), -L4_EINVAL, "bounds: no such entry");
	tap_is(gdt_set(mirror.thread->cap, 3, first, 0), SELECTOR(3), "bounds: nothing to be set");
	mirror_ask(&mirror);
	tap_is(limits[3], 22, "bounds: nothing is");
	mirror_end(&mirror);
}

/* --- Local tables --- */

/* Without GDT entries, so that only the table tells a switch what there is to do. */
static void test_table(void *unused)
{
	static const uint64_t data = DATA;

	(void)unused;
	mirror_start(&mirror);
	l4_zw_thread_ldt_new_u(L4_INVALID_CAP, 8, l4_utcb());
	tap_is(l4_zw_thread_ldt_set_u(L4_INVALID_CAP, TABLE_ENTRY, &data, 1, l4_utcb()), 0,
	       "table: set by its thread");
	mirror_ask(&mirror);
	tap_is(mirror.local, NONE, "table: the thread that runs next has none");
	tap_is(limit_of(LOCAL(TABLE_ENTRY)), 0xffffffff, "table: it is back with its thread");
	mirror_end(&mirror);
}

/* --- Segment bases --- */

static volatile uint32_t words[3] = { 0x1111, 0x2222, 0x3333 };
static volatile uint32_t shared_stage;

static long set_base(l4_cap_idx_t thread, enum L4_sys_segment which, volatile uint32_t *base)
{
	return fiasco_amd64_set_segment_base(thread, which, (l4_umword_t)base, l4_utcb());
}

static uint32_t fs_word(void)
{
	uint32_t word;

	__asm__ volatile("mov %%fs:0, %0" : "=r"(word));
	return word;
}

/* Selectors that were loaded since the thread came to run are not known to the kernel yet. */
static void test_own_base(void *unused)
{
	unsigned ds, fs;
	long result;

	(void)unused;
	__asm__ volatile("mov %0, %%fs; mov %1, %%ds" : : "r"(L4_ZW_USER_DS), "r"(0));
	result = set_base(L4_INVALID_CAP, L4_AMD64_SEGMENT_FS, &words[1]);
	ds = ds_selector();
	fs = fs_selector();
	__asm__ volatile("mov %0, %%ds" : : "r"(L4_ZW_USER_DS));
	tap_is(result, 0, "base: set by its thread");
	tap_is(fs_word(), 0x2222, "base: it is there at once");
	tap_is(fs, 0, "base: the selector is 0 then");
	tap_is(ds, 0, "base: other selectors are as they were");
}

/* Not to use l4_utcb(): it is found by GS. */
static void watch(void *seen)
{
	volatile uint32_t *s = seen;
	uint32_t word;

	__asm__ volatile("mov %0, %%fs; mov %0, %%gs" : : "r"(L4_ZW_USER_DS));
	WRITE(shared_stage, 1);
	while (READ(shared_stage) == 1)
		cpu_relax();
	s[0] = fs_selector();
	s[1] = gs_selector();
	__asm__ volatile("mov %%gs:0, %0" : "=r"(word));
	s[2] = word;
	WRITE(shared_stage, 3);
	while (READ(shared_stage) == 3)
		cpu_relax();
	s[3] = fs_selector();
	s[4] = fs_word();
	__asm__ volatile("mov %%gs:0, %0" : "=r"(word));
	s[5] = word;
	WRITE(shared_stage, 5);
	for (;;)
		cpu_relax();
}

static void test_base_of(unsigned cpu, const char *where)
{
	static volatile uint32_t seen[6];
	struct thread *t;

	shared_stage = 0;
	t = thread_run(watch, (void *)seen, cpu, PRIO_MAIN - 1);
	if (!WAIT_UNTIL(READ(shared_stage) == 1, PATIENT_MS))
		tap_bail("the thread does not start");
	set_base(t->cap, L4_AMD64_SEGMENT_GS, &words[0]);
	WRITE(shared_stage, 2);
	tap_ok(WAIT_UNTIL(READ(shared_stage) == 3, PATIENT_MS) && seen[2] == 0x1111,
	       "base of GS: set while its thread is %s", where);
	tap_ok(seen[0] == L4_ZW_USER_DS && seen[1] == 0,
	       "base of GS: its selector is 0, FS as it was");
	set_base(t->cap, L4_AMD64_SEGMENT_FS, &words[2]);
	WRITE(shared_stage, 4);
	tap_ok(WAIT_UNTIL(READ(shared_stage) == 5, PATIENT_MS) && seen[4] == 0x3333 && !seen[3],
	       "base of FS: set while its thread is %s", where);
	tap_is(seen[5], 0x1111, "base of FS: that of GS is as it was");
	thread_destroy(t);
}

void test_main(void)
{
	in_new_thread(test_own, "entries");
	in_new_thread(test_others, "entries of others");
	in_new_thread(test_bounds, "bounds");
	in_new_thread(test_table, "table");
	in_new_thread(test_own_base, "base");
	test_base_of(0, "ready");
	if (cpu_count() > 1)
		test_base_of(1, "running");
}
