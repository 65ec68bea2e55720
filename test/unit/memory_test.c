/* SPDX-License-Identifier: MIT */
/* Promises of the memory descriptors (core/memory.c), compared with a bitmap of 1 KiB units. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "bootinfo.h"
#include "core/kip.h"
#include "core/memory.h"
#include "mm/kmem.h"
#include "x86_64/platform.h"

enum {
	UNITS = 512, /* of 1 KiB: the memory of the model */
	UNITS_A_PAGE = 4,
	SLOTS = 40,
	KIP_DESCRIPTORS = 0x90,
	CONVENTIONAL = 1,
	RESERVED = 2,
	BOOTLOADER = 14,
	VIRTUAL = 1 << 9,
};
#define MIB (1ULL << 20)

u8 kip[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
static u64 added_start, added_end;

void *phys_to_virt(phys_t pa)
{
	return (void *)pa.v;
}

bool kmem_add(void *start, void *end)
{
	added_start = (u64)start;
	added_end = (u64)end;
	return true;
}

static void put(u64 *desc, unsigned i, u64 start, u64 end, u64 type)
{
	desc[2 * i] = start | type;
	desc[2 * i + 1] = end - 1;
}

/* --- memory_free_ranges --- */

static bool ram[UNITS];

static void model(const u64 *desc, unsigned n)
{
	memset(ram, 0, sizeof(ram));
	for (unsigned i = 0; i < n; i++) {
		u64 type = desc[2 * i] & 15;

		if (!type || desc[2 * i] & VIRTUAL)
			continue;
		for (u64 u = desc[2 * i] >> 10; u <= desc[2 * i + 1] >> 10; u++)
			ram[u] = type == CONVENTIONAL;
	}
}

static bool page_is_free(unsigned page)
{
	for (unsigned u = 0; u < UNITS_A_PAGE; u++)
		if (!ram[page * UNITS_A_PAGE + u])
			return false;
	return true;
}

/* The ranges are free pages, each once; all of them if `all`. */
static void compare(const u64 *desc, unsigned n, unsigned max, bool all)
{
	struct memory_range r[64];
	bool got[UNITS / UNITS_A_PAGE] = { false };
	unsigned count = memory_free_ranges(desc, n, r, max);

	model(desc, n);
	assert_true(count <= max);
	for (unsigned i = 0; i < count; i++) {
		assert_true(r[i].start < r[i].end);
		assert_int_equal((r[i].start | r[i].end) % PAGE_SIZE, 0);
		for (u64 p = r[i].start / PAGE_SIZE; p < r[i].end / PAGE_SIZE; p++) {
			assert_true(page_is_free((unsigned)p));
			assert_false(got[p]);
			got[p] = true;
		}
	}
	for (unsigned p = 0; all && p < UNITS / UNITS_A_PAGE; p++)
		assert_int_equal(got[p], page_is_free(p));
}

/* RAM in a few ranges with gaps, then whatever is carved out, in the middle of it empty slots and
 * virtual ranges. */
static unsigned random_descriptors(u64 *desc)
{
	unsigned n = 0, areas = 1 + (unsigned)random() % 4;
	u64 share = UNITS / areas;

	for (u64 a = 0; a < areas; a++) {
		u64 start = a * share + (u64)random() % (share / 4);
		u64 end = start + 1 + (u64)random() % (share / 2);

		put(desc, n++, start << 10, end << 10, CONVENTIONAL);
	}
	while (n < SLOTS && random() % 12) {
		static const u64 types[] = {
			0,	    RESERVED,		RESERVED | 1 << 4,
			BOOTLOADER, RESERVED | VIRTUAL, CONVENTIONAL | VIRTUAL
		};
		u64 start = (u64)random() % (UNITS - 1);
		u64 end = start + 1 + (u64)random() % (UNITS - 1 - start) / 4;

		put(desc, n++, start << 10, end << 10, types[random() % 6]);
	}
	return n;
}

static void free_ranges_are_the_models_free_pages(void **state)
{
	u64 desc[2 * SLOTS];

	(void)state;
	srandom(1);
	for (unsigned round = 0; round < 20000; round++)
		compare(desc, random_descriptors(desc), 64, true);
}

static void a_short_list_loses_ranges_but_is_never_wrong(void **state)
{
	u64 desc[2 * SLOTS];

	(void)state;
	srandom(2);
	for (unsigned round = 0; round < 20000; round++) {
		unsigned n = random_descriptors(desc);

		compare(desc, n, (unsigned)random() % 6, false);
	}
}

static void end_of_the_address_space_is_no_end_of_the_world(void **state)
{
	u64 desc[4];
	struct memory_range r[4];

	(void)state;
	put(desc, 0, MIB, 2 * MIB, CONVENTIONAL);
	put(desc, 1, 0xfffffffffff00000, 0, RESERVED);
	assert_int_equal(memory_free_ranges(desc, 2, r, 4), 1);
	assert_int_equal(r[0].start, MIB);
	assert_int_equal(r[0].end, 2 * MIB);
}

/* --- memory_init --- */

static void set_memory(u64 ram_end)
{
	memset(kip, 0, sizeof(kip));
	*(u32 *)(kip + 0x54) = KIP_DESCRIPTORS;
	*(u32 *)(kip + 0x58) = SLOTS;
	added_start = added_end = 0;
	put(kip_descriptors(), 0, 0, 0xa0000, CONVENTIONAL);
	put(kip_descriptors(), 1, MIB, ram_end, CONVENTIONAL);
	put(kip_descriptors(), 2, 2 * MIB, 4 * MIB, RESERVED);
	put(kip_descriptors(), 3, ram_end - 2 * MIB, ram_end, BOOTLOADER);
}

static const struct bootinfo boot = { .kernel_phys = 2 * MIB,
				      .kernel_size = 2 * MIB,
				      .kip_phys = 3 * MIB };

static void heap_is_the_highest_free_memory(void **state)
{
	u64 size;

	(void)state;
	set_memory(256 * MIB);
	size = memory_init(&boot, 8192);
	assert_int_equal(size, 8 * MIB);
	assert_int_equal(added_end, 254 * MIB);
	assert_int_equal(added_end - added_start, size);
}

static void heap_is_a_sixteenth_unless_told(void **state)
{
	(void)state;
	set_memory(1024 * MIB);
	assert_true(memory_init(&boot, 0) > 60 * MIB);
	assert_true(added_end - added_start <= 64 * MIB);
}

static void heap_is_described_as_reserved(void **state)
{
	const u64 *d = kip_descriptors();
	bool found = false;

	(void)state;
	set_memory(256 * MIB);
	memory_init(&boot, 8192);
	for (unsigned i = 0; i < SLOTS; i++)
		found |=
		    d[2 * i] == (added_start | RESERVED | 1 << 4) && d[2 * i + 1] == added_end - 1;
	assert_true(found);
}

static void image_and_heap_are_the_kernels_but_not_the_kip(void **state)
{
	(void)state;
	set_memory(256 * MIB);
	memory_init(&boot, 8192);
	assert_true(phys_is_kernel(phys(2 * MIB), PAGE_SHIFT));
	assert_true(phys_is_kernel(phys(4 * MIB - PAGE_SIZE), PAGE_SHIFT));
	assert_false(phys_is_kernel(phys(boot.kip_phys), PAGE_SHIFT));
	assert_true(phys_is_kernel(phys(boot.kip_phys), PAGE_SHIFT + 1));
	assert_false(phys_is_kernel(phys(4 * MIB), 22));
	assert_true(phys_is_kernel(phys(added_start), PAGE_SHIFT));
	assert_true(phys_is_kernel(phys(added_end - 1), 0));
	assert_true(phys_is_kernel(phys(0), 39));
	assert_false(phys_is_kernel(phys(0xfee00000), PAGE_SHIFT));
	memory_protect(phys(0xfee00010), 4);
	assert_true(phys_is_kernel(phys(0xfee00000), PAGE_SHIFT));
	assert_false(phys_is_kernel(phys(0xfee01000), PAGE_SHIFT));
}

static void ram_is_what_is_conventional(void **state)
{
	(void)state;
	set_memory(256 * MIB);
	assert_true(phys_is_ram(phys(0)));
	assert_true(phys_is_ram(phys(0x9ffff)));
	assert_false(phys_is_ram(phys(0xa0000)));
	assert_true(phys_is_ram(phys(3 * MIB)));
	assert_false(phys_is_ram(phys(256 * MIB)));
	assert_false(phys_is_ram(phys(0xfee00000)));
}

static void too_little_memory_is_reported(void **state)
{
	(void)state;
	set_memory(6 * MIB);
	assert_int_equal(memory_init(&boot, 0), 0);
	assert_int_equal(added_end, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(free_ranges_are_the_models_free_pages),
		cmocka_unit_test(a_short_list_loses_ranges_but_is_never_wrong),
		cmocka_unit_test(end_of_the_address_space_is_no_end_of_the_world),
		cmocka_unit_test(heap_is_the_highest_free_memory),
		cmocka_unit_test(heap_is_a_sixteenth_unless_told),
		cmocka_unit_test(heap_is_described_as_reserved),
		cmocka_unit_test(image_and_heap_are_the_kernels_but_not_the_kip),
		cmocka_unit_test(ram_is_what_is_conventional),
		cmocka_unit_test(too_little_memory_is_reported),
	};

	return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
