/* SPDX-License-Identifier: MIT */
/*
 * TLB shoot-down and tags (x86_64/tlb.c) against a model of four processors: after a flush no
 * processor may use a translation from before it. The file is included, with a model in the place
 * of the instructions.
 */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <asm/prctl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "core/types.h"

long syscall(long number, ...); /* unistd.h has a pause of its own */

/* --- Model of the instructions --- */

#define KERNEL_INSN_H
#define CR3_NOFLUSH (1ull << 63)

static u64 read_cr3(void);
static void write_cr3(u64 v);
static void invlpg(u64 va);

static void mfence(void)
{
}

static void (*while_waiting)(void); /* what others do meanwhile */

static void pause(void)
{
	if (while_waiting)
		while_waiting();
}

#include "../../kernel/x86_64/tlb.c"

enum { CPUS = 4, SPACES = 10, PAGES = 3, MODEL_TAGS = 8, SHARED_PAGE = 2 };

struct cpu_features cpu_feat;
struct cpu *cpus[MAX_CPUS];
unsigned cpus_online = CPUS;

static struct cpu cpu_record[CPUS];
static struct space space[SPACES];
static u64 truth[SPACES][PAGES]; /* translations as the page tables have them; 0 is never used */

static struct model {
	u64 cr3;
	u64 entry[MODEL_TAGS][PAGES]; /* cached translations; 0: none */
	unsigned ipis, flushes;
} model[CPUS];

static u64 next_truth = 1, next_root = 1;
static struct space *rooted[4096]; /* by root number */

static void become(unsigned n)
{
	assert_int_equal(0, syscall(SYS_arch_prctl, ARCH_SET_GS, &cpu_record[n]));
}

static struct model *here(void)
{
	return &model[this_cpu()->number];
}

static u64 read_cr3(void)
{
	return here()->cr3;
}

static void write_cr3(u64 v)
{
	struct model *m = here();
	unsigned tag = v & 0xfff;

	assert_true(tag < MODEL_TAGS);
	assert_true(cpu_feat.pcid || !(tag || v & CR3_NOFLUSH));
	if (!(v & CR3_NOFLUSH)) {
		memset(m->entry[tag], 0, sizeof(m->entry[tag]));
		m->flushes++;
	}
	m->cr3 = v & ~CR3_NOFLUSH;
}

static void invlpg(u64 va)
{
	struct model *m = here();

	m->entry[m->cr3 & 0xfff][va >> PAGE_SHIFT] = 0;
}

void lapic_ipi(u32 apic_id, u8 vector)
{
	unsigned self = this_cpu()->number;

	assert_int_equal(VECTOR_TLB, vector);
	assert_int_not_equal(apic_id, self);
	become(apic_id);
	model[apic_id].ipis++;
	tlb_serve();
	become(self);
}

/* --- Operations --- */

/* A new space at the address of an old one. */
static void make_space(unsigned i)
{
	memset(&space[i], 0, sizeof(space[i]));
	space[i].root = (u64 *)(DIRECT_MAP_BASE + (next_root << PAGE_SHIFT));
	rooted[next_root++ % ARRAY_SIZE(rooted)] = &space[i];
	for (unsigned p = 0; p < PAGES; p++)
		truth[i][p] = next_truth++;
}

static void load(unsigned n, unsigned i)
{
	become(n);
	cpu_record[n].loaded_space = &space[i];
	write_cr3(tlb_cr3_for(&space[i]));
}

/* The space that shows pages to s: its group's last page is its own. */
static unsigned source_of(const struct space *s, unsigned page)
{
	return (unsigned)((page == SHARED_PAGE && s->group ? s->group : s) - space);
}

/* Translate as processor n would: from its TLB, or by walking the tables. */
static u64 access_page(unsigned n, unsigned page)
{
	struct model *m = &model[n];
	u64 *entry = &m->entry[m->cr3 & 0xfff][page];
	struct space *s = rooted[(m->cr3 >> PAGE_SHIFT) % ARRAY_SIZE(rooted)];

	assert_ptr_equal(s, cpu_record[n].loaded_space);
	if (!*entry)
		*entry = truth[source_of(s, page)][page];
	return *entry;
}

static void assert_all_true(void)
{
	for (unsigned n = 0; n < CPUS; n++)
		for (unsigned p = 0; p < PAGES; p++)
			if (cpu_record[n].loaded_space)
				assert_int_equal(
				    access_page(n, p),
				    truth[source_of(cpu_record[n].loaded_space, p)][p]);
}

static void change(struct tlb_batch *b, unsigned i, unsigned page)
{
	truth[i][page] = next_truth++;
	tlb_batch_add(b, &space[i], (u64)page << PAGE_SHIFT);
}

static int setup(void **state)
{
	(void)state;
	memset(model, 0, sizeof(model));
	memset(tlb_cpu, 0, sizeof(tlb_cpu));
	for (unsigned n = 0; n < CPUS; n++) {
		cpu_record[n] = (struct cpu){ .self = &cpu_record[n], .number = n, .apic_id = n };
		cpus[n] = &cpu_record[n];
	}
	for (unsigned i = 0; i < SPACES; i++)
		make_space(i);
	cpus_online = CPUS;
	become(0);
	return 0;
}

/* Spaces 4..SPACES-1 show a page of space 0 or 1. */
static void make_groups(void)
{
	for (unsigned i = 4; i < SPACES; i++)
		space[i].group = &space[i % 2];
}

/* --- The promises --- */

static void random_walk(bool pcid)
{
	cpu_feat.pcid = pcid;
	make_groups();
	srand(1);
	for (unsigned round = 0; round < 30000; round++) {
		struct tlb_batch b;

		for (unsigned n = 0; n < CPUS; n++) {
			if (rand() % 2)
				load(n, (unsigned)rand() % SPACES);
			if (cpu_record[n].loaded_space)
				access_page(n, (unsigned)rand() % PAGES);
		}
		become((unsigned)rand() % CPUS);
		tlb_batch_init(&b);
		for (unsigned i = (unsigned)rand() % 12; i; i--)
			change(&b, (unsigned)rand() % SPACES, (unsigned)rand() % PAGES);
		tlb_batch_flush(&b);
		assert_all_true();
	}
}

static void no_stale_translation_without_tags(void **state)
{
	(void)state;
	random_walk(false);
}

static void no_stale_translation_with_tags(void **state)
{
	(void)state;
	random_walk(true);
}

static void new_space_at_an_old_address_gets_no_old_entries(void **state)
{
	(void)state;
	cpu_feat.pcid = true;
	for (unsigned round = 0; round < 1000; round++) {
		load(0, 0);
		access_page(0, 0);
		load(0, 1);
		make_space(0);
		load(0, 0);
		assert_int_equal(access_page(0, 0), truth[0][0]);
	}
}

static void tag_saves_the_flush(void **state)
{
	(void)state;
	cpu_feat.pcid = true;
	for (unsigned i = 0; i < TAGS; i++)
		load(0, i);
	model[0].flushes = 0;
	for (unsigned i = 0; i < TAGS; i++)
		load(0, i);
	assert_int_equal(0, model[0].flushes);
}

static void only_processors_that_use_the_space_are_disturbed(void **state)
{
	struct tlb_batch b;

	(void)state;
	cpu_feat.pcid = false;
	for (unsigned n = 0; n < CPUS; n++)
		load(n, n == 2 ? 7 : 1);
	become(0);
	tlb_batch_init(&b);
	change(&b, 7, 0);
	tlb_batch_flush(&b);
	assert_int_equal(0, model[1].ipis + model[3].ipis);
	assert_int_equal(1, model[2].ipis);
	tlb_batch_flush(&b); /* empty now */
	assert_int_equal(1, model[2].ipis);
}

static void one_entry_reaches_all_of_a_group_and_nobody_else(void **state)
{
	struct tlb_batch b;

	(void)state;
	cpu_feat.pcid = false;
	make_groups();
	for (unsigned n = 0; n < CPUS; n++)
		load(n, n == 3 ? 2 : 4 + 2 * n);
	become(0);
	tlb_batch_init(&b);
	change(&b, 0, SHARED_PAGE);
	assert_int_equal(1, b.count);
	tlb_batch_flush(&b);
	assert_int_equal(1, model[1].ipis);
	assert_int_equal(1, model[2].ipis);
	assert_int_equal(0, model[3].ipis);
	assert_all_true();
}

static void one_processor_sends_nothing(void **state)
{
	struct tlb_batch b;

	(void)state;
	cpu_feat.pcid = false;
	cpus_online = 1;
	load(0, 1);
	load(1, 1);
	become(0);
	tlb_batch_init(&b);
	change(&b, 1, 0);
	tlb_batch_flush(&b);
	assert_int_equal(0, model[1].ipis);
}

static unsigned waits;

static void processor_2_is_done_at_last(void)
{
	if (++waits < 3)
		return;
	become(2);
	tlb_announced_is_done();
	tlb_announce(); /* nobody waits for what comes later */
	become(1);
}

static void what_others_have_announced_is_waited_for(void **state)
{
	(void)state;
	while_waiting = processor_2_is_done_at_last;
	waits = 0;
	become(1);
	tlb_announce();
	tlb_announced_is_done();
	tlb_wait_for_others();
	assert_int_equal(0, waits);
	become(2);
	tlb_announce();
	become(1);
	tlb_wait_for_others();
	assert_int_equal(3, waits);
	while_waiting = NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(no_stale_translation_without_tags, setup),
		cmocka_unit_test_setup(no_stale_translation_with_tags, setup),
		cmocka_unit_test_setup(new_space_at_an_old_address_gets_no_old_entries, setup),
		cmocka_unit_test_setup(tag_saves_the_flush, setup),
		cmocka_unit_test_setup(only_processors_that_use_the_space_are_disturbed, setup),
		cmocka_unit_test_setup(one_entry_reaches_all_of_a_group_and_nobody_else, setup),
		cmocka_unit_test_setup(one_processor_sends_nothing, setup),
		cmocka_unit_test_setup(what_others_have_announced_is_waited_for, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
