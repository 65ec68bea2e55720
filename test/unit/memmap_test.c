/* SPDX-License-Identifier: MIT */
/* Promises of the boot stage's memory map (boot/memmap.h), checked on the host. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <l4/sys/err.h>

#include "memmap.h"

#define KIB(n)	    ((uint64_t)(n) << 10)
#define MIB(n)	    ((uint64_t)(n) << 20)
#define GIB(n)	    ((uint64_t)(n) << 30)
#define MODEL_PAGES 64
#define ROUNDS	    3000

static struct memmap raw, map;
static l4_kernel_info_mem_desc_t desc[L4_KIP_MEM_DESCS_NUM];

static int setup(void **state)
{
	(void)state;
	memset(&raw, 0, sizeof(raw));
	memset(&map, 0, sizeof(map));
	memset(desc, 0xff, sizeof(desc));
	return 0;
}

static void add(uint64_t start, uint64_t size, enum mem_type type)
{
	assert_int_equal(memmap_add(&raw, start, size, type), 0);
}

static void assert_region(unsigned i, uint64_t start, uint64_t end, enum mem_type type)
{
	assert_true(i < map.count);
	assert_int_equal(map.region[i].start, start);
	assert_int_equal(map.region[i].end, end);
	assert_int_equal(map.region[i].type, type);
}

/* The invariant: sorted, whole pages, no overlap, equal neighbours joined. */
static void assert_partition(const struct memmap *m)
{
	for (unsigned i = 0; i < m->count; i++) {
		const struct mem_region *r = m->region + i;

		assert_true(r->start < r->end);
		assert_int_equal(r->start % MEM_PAGE, 0);
		assert_int_equal(r->end % MEM_PAGE, 0);
		if (!i)
			continue;
		assert_true(r[-1].end <= r->start);
		assert_false(r[-1].end == r->start && r[-1].type == r->type &&
			     r[-1].rights == r->rights);
	}
}

static void normalise(void)
{
	assert_int_equal(memmap_normalise(&raw, &map), 0);
	assert_partition(&map);
}

static void unsorted_entries_are_sorted_and_joined(void **state)
{
	(void)state;
	add(GIB(4), GIB(60), MEM_RAM);
	add(MIB(1), MIB(511), MEM_RAM);
	add(0, KIB(640), MEM_RAM);
	add(MIB(512), MIB(512), MEM_RAM);
	normalise();
	assert_int_equal(map.count, 3);
	assert_region(0, 0, KIB(640), MEM_RAM);
	assert_region(1, MIB(1), GIB(1), MEM_RAM);
	assert_region(2, GIB(4), GIB(64), MEM_RAM);
	assert_int_equal(memmap_top(&map), GIB(64));
}

static void overlaps_go_to_the_stricter_type(void **state)
{
	(void)state;
	add(MIB(2), MIB(1), MEM_RESERVED);
	add(0, MIB(16), MEM_RAM);
	add(MIB(2), MIB(2), MEM_ACPI);
	add(MIB(3), MIB(2), MEM_NVS);
	normalise();
	assert_int_equal(map.count, 4);
	assert_region(0, 0, MIB(2), MEM_RAM);
	assert_region(1, MIB(2), MIB(3), MEM_RESERVED);
	assert_region(2, MIB(3), MIB(5), MEM_NVS);
	assert_region(3, MIB(5), MIB(16), MEM_RAM);
}

static void ram_shrinks_and_the_rest_grows_to_pages(void **state)
{
	(void)state;
	add(0x1001, 0x3fff, MEM_RAM);
	add(0x8000, 0x2800, MEM_RAM);
	add(0xa900, 0x100, MEM_ACPI);
	add(0x20010, 0xff0, MEM_RAM); /* less than a page */
	normalise();
	assert_int_equal(map.count, 3);
	assert_region(0, 0x2000, 0x5000, MEM_RAM);
	assert_region(1, 0x8000, 0xa000, MEM_RAM);
	assert_region(2, 0xa000, 0xb000, MEM_ACPI);
}

static void ram_entries_that_meet_inside_a_page_lose_nothing(void **state)
{
	(void)state;
	add(0x1000, 0x1800, MEM_RAM);
	add(0x2800, 0x1800, MEM_RAM);
	normalise();
	assert_int_equal(map.count, 1);
	assert_region(0, 0x1000, 0x4000, MEM_RAM);
}

static void entries_beyond_the_limit_are_cut(void **state)
{
	(void)state;
	add(MEMMAP_LIMIT - GIB(1), GIB(4), MEM_RAM);
	add(MEMMAP_LIMIT + GIB(8), GIB(4), MEM_RAM);
	add(UINT64_MAX - 0xfff, 0x1000, MEM_RESERVED);
	add(UINT64_MAX - 0xfff, UINT64_MAX, MEM_RESERVED); /* wraps */
	add(0, 0, MEM_RESERVED);			   /* empty */
	normalise();
	assert_int_equal(map.count, 1);
	assert_region(0, MEMMAP_LIMIT - GIB(1), MEMMAP_LIMIT, MEM_RAM);
}

static void a_full_map_is_an_error(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < MEMMAP_MAX; i++)
		add(i * 2 * MEM_PAGE, MEM_PAGE, MEM_RAM);
	assert_int_equal(memmap_add(&raw, 0, MEM_PAGE, MEM_RAM), -L4_ENOMEM);
	assert_int_equal(memmap_normalise(&raw, &map), -L4_ENOMEM);
}

static void mark_splits_and_release_joins(void **state)
{
	(void)state;
	add(0, MIB(64), MEM_RAM);
	normalise();
	assert_int_equal(memmap_mark(&map, MIB(1), MIB(2), MEM_TEMP, 0), 0);
	assert_int_equal(memmap_mark(&map, MIB(4), MIB(5), MEM_ROOT, MEM_R), 0);
	assert_int_equal(memmap_mark(&map, MIB(5), MIB(6), MEM_ROOT, MEM_R | MEM_W), 0);
	assert_int_equal(map.count, 6);
	assert_partition(&map);
	assert_true(memmap_covers(&map, 0, MIB(64), MEM_BACKED));
	assert_false(memmap_covers(&map, 0, MIB(64) + 1, MEM_BACKED));
	assert_false(memmap_covers(&map, 0, MIB(2), MEM_BIT(MEM_RAM)));
	assert_true(memmap_touches(&map, MIB(2) - 1, MIB(3), MEM_BIT(MEM_TEMP)));
	assert_false(memmap_touches(&map, MIB(2), MIB(3), MEM_BIT(MEM_TEMP)));
	memmap_release(&map, MEM_TEMP);
	assert_partition(&map);
	assert_int_equal(map.count, 4);
	assert_region(0, 0, MIB(4), MEM_RAM);
}

static void find_respects_bounds_and_alignment(void **state)
{
	struct mem_request q = { .size = MIB(2), .align = MIB(2), .min = MIB(1), .max = GIB(4) };
	uint64_t at;

	(void)state;
	add(MIB(1), MIB(2), MEM_RAM); /* too small once aligned */
	add(MIB(15), MIB(6), MEM_RAM);
	add(GIB(4) - MIB(1), GIB(1), MEM_RAM);
	normalise();
	assert_int_equal(memmap_find(&map, &q, &at), 0);
	assert_int_equal(at, MIB(16));
	q.from_top = true;
	assert_int_equal(memmap_find(&map, &q, &at), 0);
	assert_int_equal(at, MIB(18));
	q.size = MIB(5) + 1;
	assert_int_equal(memmap_find(&map, &q, &at), -L4_ENOMEM);
	q.size = UINT64_MAX;
	assert_int_equal(memmap_find(&map, &q, &at), -L4_ENOMEM);
	q.size = MIB(64);
	q.max = MEMMAP_LIMIT;
	assert_int_equal(memmap_find(&map, &q, &at), 0);
	assert_int_equal(at, GIB(5) - MIB(1) - MIB(64) - MIB(1));
}

static void assert_descriptor(unsigned i, uint64_t start, uint64_t end, unsigned type,
			      unsigned sub_type)
{
	assert_int_equal(l4_kernel_info_get_mem_desc_start(desc + i), start);
	assert_int_equal(l4_kernel_info_get_mem_desc_end(desc + i), end - 1);
	assert_int_equal(l4_kernel_info_get_mem_desc_type(desc + i), type);
	assert_int_equal(l4_kernel_info_get_mem_desc_subtype(desc + i), sub_type);
	assert_false(l4_kernel_info_get_mem_desc_is_virtual(desc + i));
}

static void descriptors_list_memory_then_what_is_taken(void **state)
{
	(void)state;
	add(0, GIB(65), MEM_RAM);
	add(MIB(32), MIB(1), MEM_ACPI);
	add(MIB(33), MIB(1), MEM_NVS);
	add(MIB(40), MIB(1), MEM_RESERVED);
	normalise();
	memmap_mark(&map, MIB(1), MIB(2), MEM_SIGMA0, 0);
	memmap_mark(&map, MIB(2), MIB(3), MEM_ROOT, MEM_R | MEM_X);
	memmap_mark(&map, MIB(4), MIB(6), MEM_KERNEL, 0);
	memmap_mark(&map, MIB(8), MIB(8) + MEM_PAGE, MEM_RSDP, 0);
	memmap_mark(&map, GIB(64), GIB(65), MEM_TEMP, 0);
	assert_int_equal(memmap_descriptors(&map, desc, 56), 9);
	assert_descriptor(0, 0, MIB(32), l4_mem_type_conventional, 0);
	assert_descriptor(1, MIB(34), MIB(40), l4_mem_type_conventional, 0);
	assert_descriptor(2, MIB(41), GIB(65), l4_mem_type_conventional, 0);
	assert_descriptor(3, MIB(1), MIB(2), l4_mem_type_dedicated, 0);
	assert_descriptor(4, MIB(2), MIB(3), l4_mem_type_bootloader, 5);
	assert_descriptor(5, MIB(4), MIB(6), l4_mem_type_reserved, l4_mem_reserved_kernel);
	assert_descriptor(6, MIB(8), MIB(8) + MEM_PAGE, l4_mem_type_info, l4_mem_info_acpi_rsdp);
	assert_descriptor(7, MIB(32), MIB(33), l4_mem_type_archspecific,
			  l4_mem_archspecific_acpi_tables);
	assert_descriptor(8, MIB(33), MIB(34), l4_mem_type_archspecific,
			  l4_mem_archspecific_acpi_nvs);
}

static void short_descriptor_tables_keep_the_largest_memory(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < 100; i++)
		add(MIB(4) * i, MEM_PAGE * (1 + i % 2), MEM_RAM);
	add(GIB(4), GIB(4), MEM_RAM);
	normalise();
	memmap_mark(&map, GIB(5), GIB(6), MEM_KERNEL, 0);
	assert_int_equal(memmap_descriptors(&map, desc, 56), 52);
	assert_descriptor(50, GIB(4), GIB(8), l4_mem_type_conventional, 0);
	assert_int_equal(memmap_descriptors(&map, desc, 3), 2);
	assert_descriptor(0, GIB(4), GIB(8), l4_mem_type_conventional, 0);
	assert_descriptor(1, GIB(5), GIB(6), l4_mem_type_reserved, 0);
	assert_int_equal(memmap_descriptors(&map, desc, 1), -L4_ENOMEM);
}

/* What normalisation means for one page, said in another way. */
static enum mem_type model_type(uint64_t page)
{
	uint64_t start = page * MEM_PAGE, end = start + MEM_PAGE;
	enum mem_type type = MEM_HOLE;
	uint64_t ram_bytes = 0;

	for (unsigned i = 0; i < raw.count; i++) {
		const struct mem_region *r = raw.region + i;

		if (r->type != MEM_RAM && r->start < end && r->end > start && r->type > type)
			type = r->type;
	}
	for (uint64_t at = start; at < end && type == MEM_HOLE; at += 64)
		for (unsigned i = 0; i < raw.count; i++)
			if (raw.region[i].start <= at && raw.region[i].end >= at + 64) {
				ram_bytes += 64;
				break;
			}
	return ram_bytes == MEM_PAGE ? MEM_RAM : type;
}

static enum mem_type map_type(uint64_t page)
{
	for (enum mem_type t = MEM_RAM; t <= MEM_RESERVED; t++)
		if (memmap_touches(&map, page * MEM_PAGE, (page + 1) * MEM_PAGE, MEM_BIT(t)))
			return t;
	return MEM_HOLE;
}

static void random_maps_agree_with_a_model(void **state)
{
	(void)state;
	srandom(1);
	for (unsigned round = 0; round < ROUNDS; round++) {
		unsigned entries = 1 + random() % 12;

		setup(NULL);
		for (unsigned i = 0; i < entries; i++) {
			uint64_t start = random() % (MODEL_PAGES * 64) * 64;
			uint64_t size = random() % (MODEL_PAGES * 16) * 64;
			enum mem_type type = random() % 2 ? MEM_RAM : MEM_RAM + random() % 4;

			add(start, size, type);
		}
		normalise();
		for (unsigned page = 0; page < MODEL_PAGES; page++)
			assert_int_equal(map_type(page), model_type(page));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(unsorted_entries_are_sorted_and_joined, setup),
		cmocka_unit_test_setup(overlaps_go_to_the_stricter_type, setup),
		cmocka_unit_test_setup(ram_shrinks_and_the_rest_grows_to_pages, setup),
		cmocka_unit_test_setup(ram_entries_that_meet_inside_a_page_lose_nothing, setup),
		cmocka_unit_test_setup(entries_beyond_the_limit_are_cut, setup),
		cmocka_unit_test_setup(a_full_map_is_an_error, setup),
		cmocka_unit_test_setup(mark_splits_and_release_joins, setup),
		cmocka_unit_test_setup(find_respects_bounds_and_alignment, setup),
		cmocka_unit_test_setup(descriptors_list_memory_then_what_is_taken, setup),
		cmocka_unit_test_setup(short_descriptor_tables_keep_the_largest_memory, setup),
		cmocka_unit_test_setup(random_maps_agree_with_a_model, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
