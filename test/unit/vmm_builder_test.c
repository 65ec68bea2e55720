/* SPDX-License-Identifier: MIT */
/* The first memory of a guest: what a kernel finds by following its own page tables. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "vmm/builder.h"
#include "xen/start_info.h"

#define LINUX_BASE 0xffffffff80000000UL

enum { FRAMES = 0x6000, KERNEL_END = 0x3e00 };

static struct kernel kernel;
static struct builder_wish wish;
static struct builder_plan plan;
static uint8_t *memory;

static int setup(void **state)
{
	(void)state;
	kernel = (struct kernel){ .count = 1,
				  .start = 0x1000000,
				  .end = (uint64_t)KERNEL_END << 12,
				  .virt_base = LINUX_BASE,
				  .entry = LINUX_BASE + 0x1000000,
				  .p2m = 0x8000000000,
				  .module_frame = true };
	wish = (struct builder_wish){ .kernel = &kernel,
				      .ram_frames = FRAMES,
				      .ramdisk_bytes = 0x1fbfff,
				      .command_line = "console=hvc0",
				      .shared_frame = FRAMES,
				      .console_port = 2,
				      .store_port = 1 };
	memory = calloc(FRAMES, 4096);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	free(memory);
	return 0;
}

static void build(void)
{
	assert_null(builder_plan(&wish, &plan));
	builder_write(&wish, &plan, memory);
}

static uint64_t *table(uint64_t frame)
{
	assert_true(frame < FRAMES);
	return (uint64_t *)(memory + (frame << 12));
}

/* The leaf that translates an address; 0: none. All tables on the way are in the runs for them. */
static uint64_t translate(uint64_t address)
{
	uint64_t frame = plan.tables.first;

	for (int shift = 39;; shift -= 9) {
		uint64_t entry = table(frame)[address >> shift & 511];

		if (shift == 12 || !(entry & 1))
			return entry;
		assert_int_equal(entry & 0xfff, 0x67);
		frame = entry >> 12;
		assert_true(frame - plan.tables.first < plan.tables.count ||
			    frame - plan.list_tables.first < plan.list_tables.count);
	}
}

static bool is_table(uint64_t frame)
{
	return frame - plan.tables.first < plan.tables.count;
}

static const struct xen_start_info *info(void)
{
	return (const struct xen_start_info *)(memory + (plan.info.first << 12));
}

/* The same frames as the tools of the interface's authors choose. */
static void the_layout_is_the_usual_one(void **state)
{
	(void)state;
	build();
	assert_int_equal(plan.info.first, 0x3e00);
	assert_int_equal(plan.store.first, 0x3e01);
	assert_int_equal(plan.console.first, 0x3e02);
	assert_int_equal(plan.tables.first, 0x3e03);
	assert_int_equal(plan.tables.count, 0x23);
	assert_int_equal(plan.stack.first, 0x3e26);
	assert_int_equal(plan.mapped, 0x4000);
	assert_int_equal(plan.ramdisk.first, 0x4000);
	assert_int_equal(plan.ramdisk.count, 0x1fc);
	assert_int_equal(plan.list.first, 0x41fc);
}

static void everything_is_mapped_once_and_tables_are_read_only(void **state)
{
	(void)state;
	build();
	for (uint64_t i = 0; i < plan.mapped; i++)
		assert_int_equal(translate(LINUX_BASE + (i << 12)),
				 i << 12 | (is_table(i) ? 0x21 : 0x63));
	assert_int_equal(translate(LINUX_BASE + (plan.mapped << 12)) & 1, 0);
	assert_int_equal(translate(0) & 1, 0);
	for (uint64_t i = 0; i < plan.list.count; i++)
		assert_int_equal(translate(kernel.p2m + (i << 12)),
				 (plan.list.first + i) << 12 | 0x63);
}

static void the_first_tables_are_in_the_order_of_their_levels(void **state)
{
	(void)state;
	build();
	assert_int_equal(table(plan.tables.first)[511] >> 12, plan.tables.first + 1);
	assert_int_equal(table(plan.tables.first + 1)[510] >> 12, plan.tables.first + 2);
	assert_int_equal(table(plan.tables.first + 2)[0] >> 12, plan.tables.first + 3);
}

static void the_frame_list_is_the_identity(void **state)
{
	const uint64_t *list;

	(void)state;
	wish.ram_frames = FRAMES - 3;
	build();
	list = (const uint64_t *)(memory + (plan.list.first << 12));
	for (uint64_t i = 0; i < plan.list.count * 512; i++)
		assert_true(list[i] == (i < FRAMES - 3 ? i : UINT64_MAX));
}

static void start_info_says_where_everything_is(void **state)
{
	(void)state;
	build();
	assert_string_equal(info()->magic, "xen-3.0-x86_64");
	assert_int_equal(info()->nr_pages, FRAMES);
	assert_int_equal(info()->shared_info, (uint64_t)FRAMES << 12);
	assert_int_equal(info()->flags, XEN_START_MODULE_FRAME | XEN_START_VIRTUAL_P2M);
	assert_int_equal(info()->store_frame, 0x3e01);
	assert_int_equal(info()->console_frame, 0x3e02);
	assert_int_equal(info()->console_port, 2);
	assert_int_equal(info()->store_port, 1);
	assert_true(info()->pt_base == LINUX_BASE + 0x3e03000);
	assert_int_equal(info()->nr_pt_frames, 0x23);
	assert_true(info()->mfn_list == 0x8000000000);
	assert_int_equal(info()->mod_start, 0x4000);
	assert_int_equal(info()->mod_len, 0x1fbfff);
	assert_string_equal(info()->command_line, "console=hvc0");
	assert_int_equal(info()->first_p2m_frame, plan.list.first);
	assert_int_equal(info()->nr_p2m_frames, plan.list.count + 3);
}

static void a_kernel_without_wishes_finds_all_mapped_at_its_base(void **state)
{
	(void)state;
	kernel.p2m = 0;
	kernel.module_frame = false;
	build();
	assert_true(info()->mod_start == LINUX_BASE + (plan.ramdisk.first << 12));
	assert_true(info()->mfn_list == LINUX_BASE + (plan.list.first << 12));
	assert_int_equal(info()->flags, XEN_START_VIRTUAL_P2M);
	assert_int_equal(translate(info()->mod_start), plan.ramdisk.first << 12 | 0x63);
	assert_int_equal(translate(info()->mfn_list), plan.list.first << 12 | 0x63);
	assert_int_equal(translate(LINUX_BASE + (plan.stack.first << 12)),
			 plan.stack.first << 12 | 0x63);
}

static void without_ramdisk_there_is_none(void **state)
{
	(void)state;
	wish.ramdisk_bytes = 0;
	build();
	assert_int_equal(info()->mod_start, 0);
	assert_int_equal(info()->mod_len, 0);
}

static void a_kernel_in_the_lower_half_is_possible(void **state)
{
	(void)state;
	kernel.virt_base = 0;
	kernel.entry = 0x1000000;
	kernel.p2m = 0;
	build();
	assert_int_equal(translate(0x1000000), 0x1000063);
}

static void nothing_lies_on_anything_else(void **state)
{
	struct builder_run all[8];
	uint64_t end = KERNEL_END;

	(void)state;
	for (unsigned variant = 0; variant < 4; variant++) {
		kernel.p2m = variant & 1 ? 0x8000000000 : 0;
		kernel.module_frame = variant & 2;
		build();
		memcpy(all,
		       (struct builder_run[]){ plan.ramdisk, plan.info, plan.store, plan.console,
					       plan.tables, plan.stack, plan.list,
					       plan.list_tables },
		       sizeof(all));
		for (unsigned a = 0; a < 8; a++) {
			assert_true(!all[a].count || all[a].first >= end);
			assert_true(all[a].first + all[a].count <= plan.needed);
			for (unsigned b = 0; b < a; b++)
				assert_true(!all[a].count || !all[b].count ||
					    all[a].first >= all[b].first + all[b].count ||
					    all[b].first >= all[a].first + all[a].count);
		}
	}
}

static void what_does_not_fit_is_refused(void **state)
{
	char line[XEN_COMMAND_LINE_BYTES + 1] = { 0 };

	(void)state;
	assert_null(builder_plan(&wish, &plan));
	wish.ram_frames = plan.needed;
	assert_null(builder_plan(&wish, &plan)); /* with a shorter list */
	wish.ram_frames = plan.needed - 1;
	assert_non_null(builder_plan(&wish, &plan));
	assert_int_equal(plan.needed, wish.ram_frames + 1);
	wish.ram_frames = FRAMES;
	memset(line, 'x', XEN_COMMAND_LINE_BYTES);
	wish.command_line = line;
	assert_non_null(builder_plan(&wish, &plan));
	line[XEN_COMMAND_LINE_BYTES - 1] = 0;
	assert_null(builder_plan(&wish, &plan));
	kernel.p2m = LINUX_BASE + 0x1000000;
	assert_non_null(builder_plan(&wish, &plan));
	kernel.p2m = 0;
	kernel.virt_base = -((uint64_t)KERNEL_END << 12) - 0x100000;
	assert_non_null(builder_plan(&wish, &plan));
	wish.ramdisk_bytes = UINT64_MAX - 4095;
	assert_non_null(builder_plan(&wish, &plan));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_layout_is_the_usual_one),
		TEST(everything_is_mapped_once_and_tables_are_read_only),
		TEST(the_first_tables_are_in_the_order_of_their_levels),
		TEST(the_frame_list_is_the_identity),
		TEST(start_info_says_where_everything_is),
		TEST(a_kernel_without_wishes_finds_all_mapped_at_its_base),
		TEST(without_ramdisk_there_is_none),
		TEST(a_kernel_in_the_lower_half_is_possible),
		TEST(nothing_lies_on_anything_else),
		TEST(what_does_not_fit_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
