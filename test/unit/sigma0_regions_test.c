/* SPDX-License-Identifier: MIT */
/* sigma0's ownership map: against a page-by-page model, and its promises one by one. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include <l4/sys/err.h>
#include "sigma0/regions.h"

#define KIB(n) ((uint64_t)(n) << 10)
#define MIB(n) ((uint64_t)(n) << 20)

enum { ROOM = 64, ALICE = 12, BOB = 13 };

/* Descriptor words: type, sub type, first byte, last byte. */
static void describe(struct region_map *m, unsigned type, unsigned sub, uint64_t first,
		     uint64_t last)
{
	assert_int_equal(0, region_map_add_descriptor(m, first | sub << 4 | type, last & ~1023ULL));
}

/* A small PC: 16 MiB of RAM, kernel at 2 MiB, sigma0 at 3, root task at 4, ACPI root
 * pointer at 14 and tables at 15. */
static void setup(struct region_map *m, struct region *store)
{
	region_map_init(m, store, ROOM);
	describe(m, 1, 0, 0, MIB(16) - 1);
	describe(m, 2, 0, MIB(2), MIB(3) - 1);
	describe(m, 3, 0, MIB(3), MIB(3) + KIB(64) - 1);
	describe(m, 0xe, 5, MIB(4), MIB(5) - 1);
	describe(m, 0xe, 6, MIB(5), MIB(6) - 1);
	describe(m, 0xd, 0, MIB(14), MIB(14) + 4095);
	describe(m, 0xf, 3, MIB(15), MIB(16) - 1);
}

static void memory_of_another_client_is_refused(void **state)
{
	struct region store[ROOM];
	struct region_map m;
	uint8_t rights;

	(void)state;
	setup(&m, store);
	assert_int_equal(0, region_map_claim(&m, MIB(8), MIB(9) - 1, ALICE, &rights));
	assert_int_equal(REGION_RWX, rights);
	assert_int_equal(-L4_ENOMEM, region_map_claim(&m, MIB(8), MIB(8) + 4095, BOB, &rights));
	assert_int_equal(-L4_ENOMEM, region_map_claim(&m, MIB(7), MIB(10) - 1, BOB, &rights));
	assert_int_equal(0, region_map_claim(&m, MIB(7), MIB(10) - 1, ALICE, &rights));
}

static void a_refused_claim_changes_nothing(void **state)
{
	struct region store[ROOM], before[ROOM];
	struct region_map m;
	size_t count;
	uint8_t rights;

	(void)state;
	setup(&m, store);
	memcpy(before, store, sizeof(store));
	count = m.count;
	assert_int_equal(-L4_ENOMEM, region_map_claim(&m, MIB(6), MIB(17), ALICE, &rights));
	assert_int_equal(-L4_ENOMEM, region_map_claim(&m, MIB(1), MIB(3), ALICE, &rights));
	assert_int_equal(count, m.count);
	assert_memory_equal(before, store, sizeof(struct region) * count);
}

static void the_last_descriptor_wins(void **state)
{
	struct region store[ROOM];
	struct region_map m;
	uint8_t rights;

	(void)state;
	setup(&m, store);
	assert_int_equal(-L4_ENOMEM, region_map_claim(&m, MIB(2), MIB(2) + 4095, ALICE, &rights));
	describe(&m, 1, 0, MIB(2), MIB(3) - 1);
	assert_int_equal(0, region_map_claim(&m, MIB(2), MIB(2) + 4095, ALICE, &rights));
}

static void boot_memory_belongs_to_the_root_task_with_its_rights(void **state)
{
	struct region store[ROOM];
	struct region_map m;
	uint8_t rights;

	(void)state;
	setup(&m, store);
	assert_int_equal(-L4_ENOMEM, region_map_claim(&m, MIB(4), MIB(4) + 4095, ALICE, &rights));
	assert_int_equal(0, region_map_claim(&m, MIB(4), MIB(5) - 1, REGION_OWNER_ROOT, &rights));
	assert_int_equal(REGION_R | REGION_X, rights);
	assert_int_equal(0, region_map_claim(&m, MIB(4), MIB(6) - 1, REGION_OWNER_ROOT, &rights));
	assert_int_equal(REGION_R, rights);
}

static void devices_are_what_is_not_memory(void **state)
{
	struct region store[ROOM];
	struct region_map m;

	(void)state;
	setup(&m, store);
	assert_true(region_map_is_device(&m, 0xfee00000, 0xfee00fff));
	assert_true(region_map_is_device(&m, MIB(15), MIB(16) - 1));
	assert_false(region_map_is_device(&m, MIB(2), MIB(2) + 4095));
	assert_true(region_map_is_device(&m, MIB(14), MIB(14) + 4095));
	assert_false(region_map_is_device(&m, MIB(14) + 4096, MIB(16) - 1));
	assert_false(region_map_is_device(&m, 0, ~0ULL));
}

static void any_memory_is_the_lowest_that_fits_and_never_page_zero(void **state)
{
	struct region store[ROOM];
	struct region_map m;
	uint64_t at;

	(void)state;
	setup(&m, store);
	assert_int_equal(0, region_map_claim_any(&m, 12, ALICE, &at));
	assert_int_equal(4096, at);
	assert_int_equal(0, region_map_claim_any(&m, 20, ALICE, &at));
	assert_int_equal(MIB(1), at);
	assert_int_equal(0, region_map_claim_any(&m, 20, BOB, &at));
	assert_int_equal(MIB(6), at);
	assert_int_equal(0, region_map_claim_any(&m, 22, BOB, &at));
	assert_int_equal(MIB(8), at);
	assert_int_equal(-L4_ENOMEM, region_map_claim_any(&m, 22, BOB, &at));
	assert_int_equal(-L4_ENOMEM, region_map_claim_any(&m, 63, BOB, &at));
}

static void ranges_are_rounded_inward_for_ram_and_outward_for_the_rest(void **state)
{
	struct region store[ROOM];
	struct region_map m;

	(void)state;
	region_map_init(&m, store, ROOM);
	describe(&m, 1, 0, KIB(1), KIB(639) - 1);
	assert_int_equal(1, m.count);
	assert_int_equal(KIB(4), m.r[0].start);
	assert_int_equal(KIB(636) - 1, m.r[0].end);
	describe(&m, 2, 0, KIB(9), KIB(10) - 1);
	assert_int_equal(3, m.count);
	assert_int_equal(KIB(8), m.r[1].start);
	assert_int_equal(KIB(12) - 1, m.r[1].end);
	describe(&m, 1, 0, MIB(2), MIB(2) + KIB(1) - 1);
	describe(&m, 1, 0, 0, KIB(1) - 1);
	assert_int_equal(3, m.count);
}

static void virtual_and_unused_descriptors_are_no_memory(void **state)
{
	struct region store[ROOM];
	struct region_map m;

	(void)state;
	region_map_init(&m, store, ROOM);
	describe(&m, 1 | 1 << 9, 0, 0, 0x7fffffffffff);
	describe(&m, 0, 0, 0, 0);
	assert_int_equal(0, m.count);
}

static void a_full_map_refuses_and_lives_on_in_larger_storage(void **state)
{
	struct region store[4], larger[8];
	struct region_map m;
	uint8_t rights;

	(void)state;
	region_map_init(&m, store, 4);
	describe(&m, 1, 0, 0, MIB(16) - 1);
	assert_true(region_map_short(&m));
	assert_int_equal(0, region_map_claim(&m, MIB(1), MIB(2) - 1, ALICE, &rights));
	assert_int_equal(-L4_ENOMEM, region_map_claim(&m, MIB(4), MIB(5) - 1, ALICE, &rights));
	assert_ptr_equal(store, region_map_move(&m, larger, 8));
	assert_int_equal(0, region_map_claim(&m, MIB(4), MIB(5) - 1, ALICE, &rights));
	assert_int_equal(5, m.count);
}

/* A random history on 64 pages, compared with an owner for each page after every step. */
static void random_histories_agree_with_a_model_of_single_pages(void **state)
{
	enum { PAGES = 64, ROUNDS = 20000 };
	struct region store[2 * PAGES];
	struct region_map m;
	uint32_t model[PAGES] = { 0 };

	(void)state;
	srand(1);
	region_map_init(&m, store, 2 * PAGES);
	region_map_paint(&m, &(struct region){ 0, PAGES - 1, 0, REGION_RAM, REGION_RWX });
	for (int round = 0; round < ROUNDS; round++) {
		unsigned a = rand() % PAGES, b = a + rand() % (PAGES - a), i;
		uint32_t owner = rand() % 4;
		bool ok = true;
		uint8_t rights;

		if (rand() % 4 == 0) {
			struct region r = { a, b, owner, REGION_RAM, REGION_RWX };

			assert_int_equal(0, region_map_paint(&m, &r));
		} else {
			for (i = a; i <= b; i++)
				ok &= model[i] == 0 || model[i] == owner;
			assert_int_equal(ok, !region_map_claim(&m, a, b, owner, &rights));
		}
		for (i = a; ok && i <= b; i++)
			model[i] = owner;
		for (i = 0; i < m.count; i++) {
			assert_true(i == 0 || m.r[i].start == m.r[i - 1].end + 1);
			assert_true(i == 0 || m.r[i].owner != m.r[i - 1].owner);
			for (uint64_t p = m.r[i].start; p <= m.r[i].end; p++)
				assert_int_equal(model[p], m.r[i].owner);
		}
		assert_int_equal(PAGES - 1, m.r[m.count - 1].end);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_of_another_client_is_refused),
		cmocka_unit_test(a_refused_claim_changes_nothing),
		cmocka_unit_test(the_last_descriptor_wins),
		cmocka_unit_test(boot_memory_belongs_to_the_root_task_with_its_rights),
		cmocka_unit_test(devices_are_what_is_not_memory),
		cmocka_unit_test(any_memory_is_the_lowest_that_fits_and_never_page_zero),
		cmocka_unit_test(ranges_are_rounded_inward_for_ram_and_outward_for_the_rest),
		cmocka_unit_test(virtual_and_unused_descriptors_are_no_memory),
		cmocka_unit_test(a_full_map_refuses_and_lives_on_in_larger_storage),
		cmocka_unit_test(random_histories_agree_with_a_model_of_single_pages),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
