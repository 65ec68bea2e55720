/* SPDX-License-Identifier: MIT */
/* Hypercalls that use the guest's own grants: copying and mapping. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "unit/guest/machine.h"
#include "xen/grant.h"
#include "xen/hypercall.h"

enum { ARGS = FREE, FROM, TO, PLACE, REF = 9, READ_ONLY_REF = 600 };
enum { READING = XEN_GRANT_READING, WRITING = XEN_GRANT_WRITING };

#define GRANT(op, count) CALL(XEN_CALL_GRANT_TABLE_OP, op, shown(ARGS), count)

static struct xen_grant_entry *entry(unsigned ref)
{
	struct xen_grant_entry *table = at(GRANT_FRAME + ref / XEN_GRANTS_PER_PAGE);

	return &table[ref % XEN_GRANTS_PER_PAGE];
}

/* FROM can be read by READ_ONLY_REF, TO be written by REF. */
static int start(void **state)
{
	int result = machine_start(state);

	machine.grant_frames = 2;
	*entry(REF) = (struct xen_grant_entry){ XEN_GRANT_ACCESS, GRANT_OWN_DOMAIN, TO };
	*entry(READ_ONLY_REF) = (struct xen_grant_entry){ XEN_GRANT_ACCESS | XEN_GRANT_READONLY,
							  XEN_DOMAIN_SELF, FROM };
	memset(at(FROM), 0x11, 4096);
	memset(at(TO), 0x22, 4096);
	return result;
}

/* --- Copying --- */

static struct xen_grant_copy *copy(uint64_t from, uint64_t to, unsigned flags)
{
	struct xen_grant_copy *c = at(ARGS);

	*c = (struct xen_grant_copy){ .source = { from, XEN_DOMAIN_SELF, 0, 0 },
				      .dest = { to, XEN_DOMAIN_SELF, 0, 0 },
				      .bytes = 4096,
				      .flags = (uint16_t)flags,
				      .status = 1 };
	return c;
}

static void memory_is_copied_by_frame_and_by_reference(void **state)
{
	struct xen_grant_copy *c =
	    copy(READ_ONLY_REF, REF, XEN_GRANT_COPY_SOURCE | XEN_GRANT_COPY_DEST);

	(void)state;
	assert_int_equal(0, GRANT(XEN_GRANT_COPY, 1));
	assert_int_equal(XEN_GRANT_OKAY, c->status);
	assert_memory_equal(at(FROM), at(TO), 4096);
	memset(at(FROM), 0x33, 4096);
	copy(FROM, TO, 0);
	assert_int_equal(0, GRANT(XEN_GRANT_COPY, 1));
	assert_memory_equal(at(FROM), at(TO), 4096);
}

static void single_bytes_are_copied(void **state)
{
	const uint8_t *to = at(TO);
	struct xen_grant_copy *c = copy(FROM, TO, 0);

	(void)state;
	for (unsigned i = 0; i < 4096; i++)
		((uint8_t *)at(FROM))[i] = (uint8_t)(i * 7 + 1);
	c->source.offset = 3;
	c->dest.offset = 13;
	c->bytes = 21;
	assert_int_equal(0, GRANT(XEN_GRANT_COPY, 1));
	assert_memory_equal((uint8_t *)at(FROM) + 3, to + 13, 21);
	assert_int_equal(0x22, to[12]);
	assert_int_equal(0x22, to[13 + 21]);
}

static void each_copy_of_a_list_has_its_status(void **state)
{
	struct xen_grant_copy *c = copy(FROM, TO, 0);

	(void)state;
	c[1] = c[2] = c[0];
	c[1].dest.frame = RAM_FRAMES;
	assert_int_equal(0, GRANT(XEN_GRANT_COPY, 3));
	assert_int_equal(XEN_GRANT_OKAY, c[0].status);
	assert_int_equal(XEN_GRANT_BAD_PAGE, c[1].status);
	assert_int_equal(XEN_GRANT_OKAY, c[2].status);
	assert_int_equal(-XEN_EFAULT, CALL(XEN_CALL_GRANT_TABLE_OP, XEN_GRANT_COPY, ABSENT, 1));
}

static int16_t status_of_copy(uint64_t from, uint64_t to, unsigned flags)
{
	struct xen_grant_copy *c = copy(from, to, flags);

	assert_int_equal(0, GRANT(XEN_GRANT_COPY, 1));
	return c->status;
}

static void copies_that_are_not_granted_are_refused(void **state)
{
	struct xen_grant_copy *c;
	const unsigned source = XEN_GRANT_COPY_SOURCE, dest = XEN_GRANT_COPY_DEST;

	(void)state;
	assert_int_equal(XEN_GRANT_BAD_REF, status_of_copy(FROM, READ_ONLY_REF, dest));
	assert_int_equal(XEN_GRANT_BAD_REF, status_of_copy(REF + 1, TO, source));
	assert_int_equal(XEN_GRANT_BAD_REF, status_of_copy(2 * XEN_GRANTS_PER_PAGE, TO, source));
	entry(REF)->domain = 7;
	assert_int_equal(XEN_GRANT_BAD_REF, status_of_copy(FROM, REF, dest));
	*entry(REF) = (struct xen_grant_entry){ XEN_GRANT_ACCESS, GRANT_OWN_DOMAIN, SHARED_FRAME };
	assert_int_equal(XEN_GRANT_BAD_PAGE, status_of_copy(FROM, REF, dest));
	assert_int_equal(XEN_GRANT_BAD_PAGE, status_of_copy(UINT64_MAX, TO, 0));
	c = copy(FROM, TO, 0);
	c->dest.domain = 5;
	assert_int_equal(0, GRANT(XEN_GRANT_COPY, 1));
	assert_int_equal(XEN_GRANT_BAD_DOMAIN, c->status);
	c = copy(FROM, TO, 0);
	c->source.offset = 1;
	assert_int_equal(0, GRANT(XEN_GRANT_COPY, 1));
	assert_int_equal(XEN_GRANT_BAD_COPY, c->status);
	assert_int_equal(0x22, ((uint8_t *)at(TO))[0]);
}

/* --- Mapping --- */

static uint64_t *shown_entry(unsigned frame)
{
	return &guest.words[L1][frame];
}

static int16_t map(unsigned ref, unsigned flags, uint64_t address)
{
	struct xen_grant_map *a = at(ARGS);

	*a = (struct xen_grant_map){ .host_address = address,
				     .flags = flags,
				     .ref = ref,
				     .domain = GRANT_OWN_DOMAIN,
				     .status = 1 };
	assert_int_equal(0, GRANT(XEN_GRANT_MAP, 1));
	return a->status;
}

static int16_t unmap(uint32_t handle, uint64_t address)
{
	struct xen_grant_unmap *a = at(ARGS);

	*a = (struct xen_grant_unmap){ .host_address = address, .handle = handle, .status = 1 };
	assert_int_equal(0, GRANT(XEN_GRANT_UNMAP, 1));
	return a->status;
}

static uint32_t handle(void)
{
	return ((struct xen_grant_map *)at(ARGS))->handle;
}

static void a_grant_is_mapped_at_an_address(void **state)
{
	uint32_t h;

	(void)state;
	assert_int_equal(XEN_GRANT_OKAY, map(REF, XEN_GRANT_MAP_HOST, shown(PLACE)));
	h = handle();
	assert_int_equal(TO * 4096UL | 0x67, *shown_entry(PLACE));
	assert_int_equal(TO * 4096UL, ((struct xen_grant_map *)at(ARGS))->device_address);
	assert_int_equal(XEN_GRANT_ACCESS | READING | WRITING, entry(REF)->flags);
	assert_int_equal(XEN_GRANT_BAD_ADDRESS, unmap(h, shown(TO)));
	assert_int_equal(XEN_GRANT_OKAY, unmap(h, shown(PLACE)));
	assert_int_equal(0, *shown_entry(PLACE));
	assert_int_equal(XEN_GRANT_ACCESS, entry(REF)->flags);
	assert_int_equal(XEN_GRANT_BAD_HANDLE, unmap(h, shown(PLACE)));
}

static void a_grant_is_mapped_by_an_entry(void **state)
{
	uint64_t slot = L1 * 4096UL + 8 * PLACE;

	(void)state;
	assert_int_equal(XEN_GRANT_OKAY,
			 map(READ_ONLY_REF,
			     XEN_GRANT_MAP_HOST | XEN_GRANT_MAP_ENTRY | XEN_GRANT_MAP_READONLY,
			     slot));
	assert_int_equal(FROM * 4096UL | 0x65, *shown_entry(PLACE));
	assert_int_equal(XEN_GRANT_ACCESS | XEN_GRANT_READONLY | READING,
			 entry(READ_ONLY_REF)->flags);
	assert_int_equal(XEN_GRANT_OKAY, unmap(handle(), slot));
}

static void a_grant_is_in_use_until_the_last_map_goes(void **state)
{
	uint32_t first, second;

	(void)state;
	map(REF, XEN_GRANT_MAP_HOST | XEN_GRANT_MAP_READONLY, shown(PLACE));
	first = handle();
	map(REF, XEN_GRANT_MAP_DEVICE, 0);
	second = handle();
	assert_int_not_equal(first, second);
	assert_int_equal(XEN_GRANT_OKAY, unmap(second, 0));
	assert_int_equal(XEN_GRANT_ACCESS | READING, entry(REF)->flags);
	assert_int_equal(XEN_GRANT_OKAY, unmap(first, shown(PLACE)));
	assert_int_equal(XEN_GRANT_ACCESS, entry(REF)->flags);
}

static void maps_that_are_not_possible_are_refused(void **state)
{
	(void)state;
	assert_int_equal(XEN_GRANT_BAD_REF, map(READ_ONLY_REF, XEN_GRANT_MAP_HOST, shown(PLACE)));
	assert_int_equal(XEN_GRANT_BAD_REF, map(REF, 0, shown(PLACE)));
	assert_int_equal(XEN_GRANT_BAD_ADDRESS, map(REF, XEN_GRANT_MAP_HOST, NOWHERE));
	assert_int_equal(XEN_GRANT_BAD_ADDRESS,
			 map(REF, XEN_GRANT_MAP_HOST | XEN_GRANT_MAP_ENTRY, RAM_FRAMES * 4096UL));
	assert_int_equal(XEN_GRANT_ACCESS, entry(REF)->flags);
	for (unsigned i = 0; i < GRANT_MAPS; i++)
		assert_int_equal(XEN_GRANT_OKAY, map(REF, XEN_GRANT_MAP_DEVICE, 0));
	assert_int_equal(XEN_GRANT_NO_SPACE, map(REF, XEN_GRANT_MAP_DEVICE, 0));
	assert_int_equal(XEN_GRANT_BAD_HANDLE, unmap(GRANT_MAPS, 0));
	((struct xen_grant_map *)at(ARGS))->domain = 0;
	assert_int_equal(0, machine.bindings);
}

static int16_t replace(uint32_t handle, uint64_t address, uint64_t by)
{
	struct xen_grant_replace *a = at(ARGS);

	*a = (struct xen_grant_replace){ address, by, handle, 1, 0 };
	assert_int_equal(0, GRANT(XEN_GRANT_UNMAP_AND_REPLACE, 1));
	return a->status;
}

static void an_entry_takes_the_place_of_a_grant(void **state)
{
	uint64_t was = *shown_entry(TO);

	(void)state;
	map(REF, XEN_GRANT_MAP_HOST, shown(PLACE));
	assert_int_equal(XEN_GRANT_BAD_ADDRESS, replace(0, shown(FROM), shown(TO)));
	assert_int_equal(XEN_GRANT_BAD_HANDLE, replace(1, shown(PLACE), shown(TO)));
	assert_int_equal(XEN_GRANT_ERROR, replace(0, shown(PLACE), NOWHERE));
	assert_int_equal(XEN_GRANT_ERROR, replace(0, shown(PLACE), shown(PLACE)));
	assert_int_equal(XEN_GRANT_ACCESS | READING | WRITING, entry(REF)->flags);
	assert_int_equal(was, *shown_entry(TO));
	assert_int_equal(XEN_GRANT_OKAY, replace(0, shown(PLACE), shown(TO)));
	assert_int_equal(was, *shown_entry(PLACE));
	assert_int_equal(0, *shown_entry(TO));
	assert_int_equal(XEN_GRANT_ACCESS, entry(REF)->flags);
	map(REF, XEN_GRANT_MAP_HOST, shown(PLACE));
	assert_int_equal(XEN_GRANT_OKAY, replace(0, shown(PLACE), 0));
	assert_int_equal(0, *shown_entry(PLACE));
}

static void a_grant_that_is_mapped_by_its_entry_is_not_replaced(void **state)
{
	uint64_t slot = L1 * 4096UL + 8 * PLACE;

	(void)state;
	map(REF, XEN_GRANT_MAP_HOST | XEN_GRANT_MAP_ENTRY, slot);
	assert_int_equal(XEN_GRANT_ERROR, replace(0, slot, shown(FROM)));
	assert_int_equal(XEN_GRANT_OKAY, replace(0, slot, 0));
	map(REF, XEN_GRANT_MAP_DEVICE, 0);
	assert_int_equal(XEN_GRANT_ERROR, replace(0, 0, shown(FROM)));
	assert_int_equal(XEN_GRANT_OKAY, replace(0, 0, 0));
}

/* --- Transfers, exchanges --- */

static int16_t transfer(uint64_t frame, uint16_t domain, uint32_t ref)
{
	struct xen_grant_transfer *a = at(ARGS);

	*a = (struct xen_grant_transfer){
		.frame = frame, .domain = domain, .ref = ref, .status = 1
	};
	assert_int_equal(0, GRANT(XEN_GRANT_TRANSFER, 1));
	return a->status;
}

static void a_frame_that_is_transferred_to_oneself_arrives_once(void **state)
{
	(void)state;
	*entry(REF) = (struct xen_grant_entry){ XEN_GRANT_ACCEPT, GRANT_OWN_DOMAIN, 0 };
	assert_int_equal(XEN_GRANT_OKAY, transfer(FROM, GRANT_OWN_DOMAIN, REF));
	assert_int_equal(XEN_GRANT_ACCEPT | XEN_GRANT_COMMITTED | XEN_GRANT_COMPLETED,
			 entry(REF)->flags);
	assert_int_equal(FROM, entry(REF)->frame);
	assert_int_equal(0, told.given_back);
	assert_int_equal(XEN_GRANT_BAD_REF, transfer(TO, GRANT_OWN_DOMAIN, REF));
	assert_int_equal(FROM, entry(REF)->frame);
}

static void a_frame_that_nobody_takes_is_lost(void **state)
{
	(void)state;
	assert_int_equal(XEN_GRANT_BAD_PAGE, transfer(RAM_FRAMES, GRANT_OWN_DOMAIN, REF));
	assert_int_equal(XEN_GRANT_BAD_PAGE, transfer(UINT64_MAX, 7, REF));
	assert_int_equal(0, told.given_back);
	assert_int_equal(XEN_GRANT_BAD_DOMAIN, transfer(PLACE, 7, REF));
	assert_int_equal(1, told.given_back);
	assert_int_equal(XEN_GRANT_BAD_PAGE, transfer(PLACE, 7, REF));
	assert_int_equal(XEN_GRANT_BAD_REF, transfer(PLACE + 1, GRANT_OWN_DOMAIN, REF));
	assert_int_equal(XEN_GRANT_BAD_REF,
			 transfer(PLACE + 2, GRANT_OWN_DOMAIN, 2 * XEN_GRANTS_PER_PAGE));
	assert_int_equal(3, told.given_back);
	assert_int_equal(3, machine.released);
	assert_int_equal(TO, entry(REF)->frame);
}

static int16_t swap(uint32_t first, uint32_t second)
{
	struct xen_grant_swap *a = at(ARGS);

	*a = (struct xen_grant_swap){ first, second, 1, 0 };
	assert_int_equal(0, GRANT(XEN_GRANT_SWAP_REF, 1));
	return a->status;
}

static void entries_that_are_not_in_use_change_places(void **state)
{
	(void)state;
	assert_int_equal(XEN_GRANT_OKAY, swap(REF, READ_ONLY_REF));
	assert_int_equal(FROM, entry(REF)->frame);
	assert_int_equal(TO, entry(READ_ONLY_REF)->frame);
	assert_int_equal(XEN_GRANT_ACCESS | XEN_GRANT_READONLY, entry(REF)->flags);
	assert_int_equal(XEN_GRANT_OKAY, swap(REF, REF));
	assert_int_equal(XEN_GRANT_BAD_REF, swap(REF, 2 * XEN_GRANTS_PER_PAGE));
	map(READ_ONLY_REF, XEN_GRANT_MAP_DEVICE, 0);
	assert_int_equal(XEN_GRANT_IN_USE, swap(REF, READ_ONLY_REF));
	assert_int_equal(FROM, entry(REF)->frame);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(memory_is_copied_by_frame_and_by_reference, start),
		cmocka_unit_test_setup(single_bytes_are_copied, start),
		cmocka_unit_test_setup(each_copy_of_a_list_has_its_status, start),
		cmocka_unit_test_setup(copies_that_are_not_granted_are_refused, start),
		cmocka_unit_test_setup(a_grant_is_mapped_at_an_address, start),
		cmocka_unit_test_setup(a_grant_is_mapped_by_an_entry, start),
		cmocka_unit_test_setup(a_grant_is_in_use_until_the_last_map_goes, start),
		cmocka_unit_test_setup(maps_that_are_not_possible_are_refused, start),
		cmocka_unit_test_setup(an_entry_takes_the_place_of_a_grant, start),
		cmocka_unit_test_setup(a_grant_that_is_mapped_by_its_entry_is_not_replaced, start),
		cmocka_unit_test_setup(a_frame_that_is_transferred_to_oneself_arrives_once, start),
		cmocka_unit_test_setup(a_frame_that_nobody_takes_is_lost, start),
		cmocka_unit_test_setup(entries_that_are_not_in_use_change_places, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
