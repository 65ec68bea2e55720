/* SPDX-License-Identifier: MIT */
/* Hypercalls for memory and grant tables. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "unit/guest/machine.h"
#include "xen/grant.h"
#include "xen/hypercall.h"
#include "xen/memory.h"

enum { ARGS = FREE, LIST, LIST2, FIRST = 40 };

#define MEMORY(op)   CALL(XEN_CALL_MEMORY_OP, (op), shown(ARGS))
#define GRANT(op, n) CALL(XEN_CALL_GRANT_TABLE_OP, (op), shown(ARGS), (n))

static uint64_t *list(void)
{
	return at(LIST);
}

static void reservation(uint64_t extents, uint64_t count, unsigned order)
{
	*(struct xen_memory_reservation *)at(ARGS) =
	    (struct xen_memory_reservation){ .extents = extents,
					     .nr_extents = count,
					     .extent_order = order,
					     .domain = XEN_DOMAIN_SELF };
}

static long domain_op(unsigned op)
{
	*(uint16_t *)at(ARGS) = XEN_DOMAIN_SELF;
	return MEMORY(op);
}

/* Extents FIRST, FIRST + 2^order ... */
static long change(unsigned op, unsigned count, unsigned order)
{
	for (unsigned i = 0; i < count; i++)
		list()[i] = FIRST + ((uint64_t)i << order);
	reservation(shown(LIST), count, order);
	return MEMORY(op);
}

static void frames_are_given_back_and_taken_again(void **state)
{
	(void)state;
	assert_int_equal(36, change(XEN_MEMORY_DECREASE_RESERVATION, 36, 0));
	assert_int_equal(36, told.given_back);
	assert_int_equal(RAM_FRAMES - 36, domain_op(XEN_MEMORY_CURRENT_RESERVATION));
	assert_int_equal(RAM_FRAMES, domain_op(XEN_MEMORY_MAXIMUM_RESERVATION));
	assert_int_equal(36, change(XEN_MEMORY_POPULATE_PHYSMAP, 36, 0));
	assert_int_equal(36, told.taken);
	assert_int_equal(RAM_FRAMES, domain_op(XEN_MEMORY_CURRENT_RESERVATION));
	for (unsigned i = 0; i < 36; i++)
		assert_int_equal(FIRST + i, list()[i]);
	assert_int_equal(0, machine.lock + machine.bindings);
}

static void a_table_that_is_given_back_is_none_any_more(void **state)
{
	(void)state;
	track_pin(&machine.track, FIRST, 1);
	assert_int_equal(1, change(XEN_MEMORY_DECREASE_RESERVATION, 1, 0));
	assert_false(track_is_table(&machine.track, FIRST));
}

static void a_frame_is_given_back_once(void **state)
{
	(void)state;
	assert_int_equal(4, change(XEN_MEMORY_DECREASE_RESERVATION, 4, 0));
	assert_int_equal(0, change(XEN_MEMORY_DECREASE_RESERVATION, 4, 0));
	list()[0] = 60;
	list()[1] = 61;
	list()[2] = 60;
	reservation(shown(LIST), 3, 0);
	assert_int_equal(2, MEMORY(XEN_MEMORY_DECREASE_RESERVATION));
	assert_int_equal(6, told.given_back);
}

static void a_frame_comes_back_once(void **state)
{
	(void)state;
	assert_int_equal(4, change(XEN_MEMORY_DECREASE_RESERVATION, 4, 0));
	list()[0] = FIRST + 1;
	list()[1] = FIRST;
	list()[2] = FIRST + 1;
	reservation(shown(LIST), 3, 0);
	assert_int_equal(2, MEMORY(XEN_MEMORY_POPULATE_PHYSMAP));
	assert_int_equal(2, told.taken);
	assert_int_equal(RAM_FRAMES - 2, domain_op(XEN_MEMORY_CURRENT_RESERVATION));
}

static void frames_in_any_order_go_and_come_in_one_message(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 20; i++)
		list()[i] = FIRST + (19 - i) * 7 % 20;
	reservation(shown(LIST), 20, 0);
	assert_int_equal(20, MEMORY(XEN_MEMORY_DECREASE_RESERVATION));
	assert_int_equal(20, told.given_back);
	assert_int_equal(1, told.messages);
	assert_int_equal(20, MEMORY(XEN_MEMORY_POPULATE_PHYSMAP));
	assert_int_equal(20, told.taken);
	assert_int_equal(2, told.messages);
}

static void only_ram_can_be_given_back(void **state)
{
	static const uint64_t bad[] = { RAM_FRAMES, FRAMES, UINT64_MAX };

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		list()[0] = bad[i];
		reservation(shown(LIST), 1, 0);
		assert_int_equal(0, MEMORY(XEN_MEMORY_DECREASE_RESERVATION));
		assert_int_equal(0, MEMORY(XEN_MEMORY_POPULATE_PHYSMAP));
	}
	list()[0] = 64;
	reservation(shown(LIST), 1, 5);
	assert_int_equal(0, MEMORY(XEN_MEMORY_DECREASE_RESERVATION));
	assert_int_equal(0, told.given_back);
}

static void extents_are_aligned_and_not_too_large(void **state)
{
	(void)state;
	assert_int_equal(4, change(XEN_MEMORY_DECREASE_RESERVATION, 4, 3));
	assert_int_equal(32, told.given_back);
	assert_int_equal(4, change(XEN_MEMORY_POPULATE_PHYSMAP, 4, 3));
	assert_int_equal(32, told.taken);
	list()[0] = FIRST + 1;
	reservation(shown(LIST), 1, 3);
	assert_int_equal(0, MEMORY(XEN_MEMORY_DECREASE_RESERVATION));
	list()[0] = 0;
	reservation(shown(LIST), 1, 10);
	assert_int_equal(0, MEMORY(XEN_MEMORY_DECREASE_RESERVATION));
}

static void what_there_is_not_stays_away(void **state)
{
	(void)state;
	assert_int_equal(4, change(XEN_MEMORY_DECREASE_RESERVATION, 4, 2));
	told.populate_max = 10;
	assert_int_equal(2, change(XEN_MEMORY_POPULATE_PHYSMAP, 4, 2));
	assert_int_equal(16, told.given_back);
	assert_int_equal(RAM_FRAMES - 8, domain_op(XEN_MEMORY_CURRENT_RESERVATION));
}

static void a_call_can_be_continued(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 6; i++)
		list()[i] = FIRST + i;
	reservation(shown(LIST), 6, 0);
	assert_int_equal(6, MEMORY(XEN_MEMORY_DECREASE_RESERVATION | 4 << 6));
	assert_int_equal(2, told.given_back);
	assert_int_equal(9, MEMORY(XEN_MEMORY_DECREASE_RESERVATION | 9 << 6));
}

static void a_bad_reservation_changes_nothing(void **state)
{
	struct xen_memory_reservation *r = at(ARGS);

	(void)state;
	list()[0] = FIRST;
	reservation(shown(LIST), 1, 0);
	r->domain = 0;
	assert_int_equal(0, MEMORY(XEN_MEMORY_DECREASE_RESERVATION));
	reservation(shown(LIST), UINT64_MAX, 0);
	assert_int_equal(0, MEMORY(XEN_MEMORY_DECREASE_RESERVATION));
	reservation(ABSENT, 1, 0);
	assert_int_equal(0, MEMORY(XEN_MEMORY_DECREASE_RESERVATION));
	assert_int_equal(0, CALL(XEN_CALL_MEMORY_OP, XEN_MEMORY_DECREASE_RESERVATION, ABSENT));
	assert_int_equal(0, CALL(XEN_CALL_MEMORY_OP, XEN_MEMORY_INCREASE_RESERVATION, ABSENT));
	assert_int_equal(0, told.given_back);
}

static void more_memory_is_what_was_given_back(void **state)
{
	(void)state;
	reservation(shown(LIST2), 4, 0);
	assert_int_equal(0, MEMORY(XEN_MEMORY_INCREASE_RESERVATION));
	assert_int_equal(3, change(XEN_MEMORY_DECREASE_RESERVATION, 3, 0));
	reservation(shown(LIST2), 4, 0);
	assert_int_equal(3, MEMORY(XEN_MEMORY_INCREASE_RESERVATION));
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(FIRST + i, guest.words[LIST2][i]);
	assert_int_equal(RAM_FRAMES, domain_op(XEN_MEMORY_CURRENT_RESERVATION));
}

static void memory_that_cannot_be_told_is_not_taken(void **state)
{
	(void)state;
	assert_int_equal(3, change(XEN_MEMORY_DECREASE_RESERVATION, 3, 0));
	reservation(READ_ONLY, 3, 0);
	assert_int_equal(0, MEMORY(XEN_MEMORY_INCREASE_RESERVATION));
	assert_int_equal(RAM_FRAMES - 3, domain_op(XEN_MEMORY_CURRENT_RESERVATION));
}

static void the_map_is_one_piece_of_ram(void **state)
{
	struct xen_memory_map *map = at(ARGS);
	const struct xen_e820_entry *ram = at(LIST);

	(void)state;
	*map = (struct xen_memory_map){ .nr_entries = 128, .buffer = shown(LIST) };
	assert_int_equal(0, MEMORY(XEN_MEMORY_MEMORY_MAP));
	assert_int_equal(1, map->nr_entries);
	assert_int_equal(0, ram->start);
	assert_int_equal(RAM_FRAMES * PAGE_BYTES, ram->bytes);
	assert_int_equal(XEN_E820_RAM, ram->type);
	map->nr_entries = 0;
	assert_int_equal(0, MEMORY(XEN_MEMORY_MEMORY_MAP));
	assert_int_equal(0, map->nr_entries);
	*map = (struct xen_memory_map){ .nr_entries = 1, .buffer = ABSENT };
	assert_int_equal(-XEN_EFAULT, MEMORY(XEN_MEMORY_MEMORY_MAP));
	assert_int_equal(-XEN_EFAULT, CALL(XEN_CALL_MEMORY_OP, XEN_MEMORY_MEMORY_MAP, ABSENT));
}

static void the_frame_list_is_where_it_is(void **state)
{
	const struct xen_machphys_mapping *m = at(ARGS);

	(void)state;
	assert_int_equal(0, MEMORY(XEN_MEMORY_MACHPHYS_MAPPING));
	assert_true(m->v_start == GUEST_M2P && m->v_end == GUEST_M2P + 8 * RAM_FRAMES);
	assert_int_equal(RAM_FRAMES - 1, m->max_mfn);
	assert_int_equal(-XEN_EFAULT,
			 CALL(XEN_CALL_MEMORY_OP, XEN_MEMORY_MACHPHYS_MAPPING, READ_ONLY));
	assert_int_equal(RAM_FRAMES - 1, MEMORY(XEN_MEMORY_MAXIMUM_RAM_PAGE));
	assert_int_equal(RAM_FRAMES - 1, domain_op(XEN_MEMORY_MAXIMUM_FRAME));
}

static void memory_of_others_is_nothing_to_ask_for(void **state)
{
	static const unsigned ops[] = { XEN_MEMORY_CURRENT_RESERVATION,
					XEN_MEMORY_MAXIMUM_RESERVATION, XEN_MEMORY_MAXIMUM_FRAME };

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(-XEN_EFAULT, CALL(XEN_CALL_MEMORY_OP, ops[i], ABSENT));
		assert_int_equal(-XEN_ESRCH, MEMORY(ops[i]));
	}
	assert_int_equal(-XEN_ENOSYS, MEMORY(63));
}

static struct xen_grant_setup *setup(unsigned frames, uint64_t where)
{
	struct xen_grant_setup *s = at(ARGS);

	*s = (struct xen_grant_setup){
		.domain = XEN_DOMAIN_SELF, .nr_frames = frames, .status = 99, .frame_list = where
	};
	return s;
}

static struct xen_grant_query *query(void)
{
	struct xen_grant_query *q = at(ARGS);

	*q = (struct xen_grant_query){ .domain = XEN_DOMAIN_SELF, .status = 99 };
	assert_int_equal(0, GRANT(XEN_GRANT_QUERY_SIZE, 1));
	assert_int_equal(XEN_GRANT_OKAY, q->status);
	return q;
}

static void a_grant_table_grows_to_its_limit(void **state)
{
	struct xen_grant_setup *s = setup(2, shown(LIST));

	(void)state;
	assert_int_equal(0, GRANT(XEN_GRANT_SETUP_TABLE, 1));
	assert_int_equal(XEN_GRANT_OKAY, s->status);
	assert_int_equal(GRANT_FRAME, list()[0]);
	assert_int_equal(GRANT_FRAME + 1, list()[1]);
	assert_int_equal(2, query()->nr_frames);
	assert_int_equal(GRANT_FRAMES, query()->max_nr_frames);
	setup(1, shown(LIST));
	assert_int_equal(0, GRANT(XEN_GRANT_SETUP_TABLE, 1));
	assert_int_equal(2, query()->nr_frames);
}

static void a_bad_grant_table_has_a_bad_status(void **state)
{
	struct xen_grant_setup *s = setup(GRANT_FRAMES + 1, shown(LIST));

	(void)state;
	assert_int_equal(0, GRANT(XEN_GRANT_SETUP_TABLE, 1));
	assert_int_equal(XEN_GRANT_ERROR, s->status);
	setup(1, ABSENT);
	assert_int_equal(0, GRANT(XEN_GRANT_SETUP_TABLE, 1));
	assert_int_equal(XEN_GRANT_BAD_ADDRESS, s->status);
	setup(1, shown(LIST))->domain = 7;
	assert_int_equal(0, GRANT(XEN_GRANT_SETUP_TABLE, 1));
	assert_int_equal(XEN_GRANT_BAD_DOMAIN, s->status);
	assert_int_equal(0, query()->nr_frames);
}

static void grant_tables_are_of_version_one(void **state)
{
	struct xen_grant_version *v = at(ARGS);
	struct xen_grant_get_version *get = at(ARGS);

	(void)state;
	v->version = 1;
	assert_int_equal(0, GRANT(XEN_GRANT_SET_VERSION, 1));
	v->version = 2;
	assert_int_equal(-XEN_EINVAL, GRANT(XEN_GRANT_SET_VERSION, 1));
	assert_int_equal(1, v->version);
	*get = (struct xen_grant_get_version){ .domain = XEN_DOMAIN_SELF };
	assert_int_equal(0, GRANT(XEN_GRANT_GET_VERSION, 1));
	assert_int_equal(1, get->version);
	get->domain = 3;
	assert_int_equal(-XEN_ESRCH, GRANT(XEN_GRANT_GET_VERSION, 1));
}

static void bad_grant_calls_are_refused(void **state)
{
	static const unsigned ops[] = { XEN_GRANT_SETUP_TABLE, XEN_GRANT_QUERY_SIZE,
					XEN_GRANT_SET_VERSION, XEN_GRANT_GET_VERSION };

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(-XEN_EFAULT, CALL(XEN_CALL_GRANT_TABLE_OP, ops[i], ABSENT, 1));
		assert_int_equal(-XEN_EINVAL, GRANT(ops[i], 0));
		assert_int_equal(-XEN_EINVAL, GRANT(ops[i], 2));
	}
	assert_int_equal(-XEN_ENOSYS, GRANT(XEN_GRANT_DUMP_TABLE, 1));
	assert_int_equal(-XEN_ENOSYS, GRANT(99, 1));
}

static struct xen_memory_exchange *exchange(unsigned pages, unsigned order)
{
	struct xen_memory_exchange *x = at(ARGS);

	*x = (struct xen_memory_exchange){
		.in = { shown(LIST), pages, 0, 0, XEN_DOMAIN_SELF, { 0 } },
		.out = { shown(LIST) + 2048, pages >> order, order, 0, XEN_DOMAIN_SELF, { 0 } }
	};
	for (unsigned i = 0; i < pages; i++)
		guest.words[LIST][i] = 16 + i;
	for (unsigned i = 0; i < pages >> order; i++)
		guest.words[LIST][256 + i] = 16 + ((uint64_t)i << order);
	return x;
}

static void frames_are_exchanged_for_themselves(void **state)
{
	struct xen_memory_exchange *x = exchange(8, 3);

	(void)state;
	assert_int_equal(0, CALL(XEN_CALL_MEMORY_OP, XEN_MEMORY_EXCHANGE, shown(ARGS)));
	assert_int_equal(8, x->nr_exchanged);
	assert_int_equal(16, guest.words[LIST][256]);
	exchange(8, 3)->out.flags = 17;
	assert_int_equal(0, CALL(XEN_CALL_MEMORY_OP, XEN_MEMORY_EXCHANGE, shown(ARGS)));
}

static void other_frames_are_not_to_be_had(void **state)
{
	struct xen_memory_exchange *x = exchange(8, 3);

	(void)state;
	guest.words[LIST][5] = 40;
	assert_int_equal(-XEN_ENOMEM, CALL(XEN_CALL_MEMORY_OP, XEN_MEMORY_EXCHANGE, shown(ARGS)));
	assert_int_equal(0, x->nr_exchanged);
	exchange(8, 3)->out.flags = 16;
	assert_int_equal(-XEN_ENOMEM, CALL(XEN_CALL_MEMORY_OP, XEN_MEMORY_EXCHANGE, shown(ARGS)));
	exchange(8, 3);
	guest.words[LIST][7] = RAM_FRAMES;
	assert_int_equal(-XEN_EINVAL, CALL(XEN_CALL_MEMORY_OP, XEN_MEMORY_EXCHANGE, shown(ARGS)));
	exchange(8, 3)->out.nr_extents = 2;
	assert_int_equal(-XEN_EINVAL, CALL(XEN_CALL_MEMORY_OP, XEN_MEMORY_EXCHANGE, shown(ARGS)));
	exchange(8, 3)->in.domain = 0;
	assert_int_equal(-XEN_EPERM, CALL(XEN_CALL_MEMORY_OP, XEN_MEMORY_EXCHANGE, shown(ARGS)));
	exchange(8, 3)->in.extents = ABSENT;
	assert_int_equal(-XEN_EFAULT, CALL(XEN_CALL_MEMORY_OP, XEN_MEMORY_EXCHANGE, shown(ARGS)));
}

static void the_list_of_the_machine_is_not_the_guests(void **state)
{
	struct xen_machphys_list *l = at(ARGS);

	(void)state;
	*l = (struct xen_machphys_list){ 4, 0, shown(LIST), 9, 0 };
	assert_int_equal(0, CALL(XEN_CALL_MEMORY_OP, XEN_MEMORY_MACHPHYS_LIST, shown(ARGS)));
	assert_int_equal(0, l->nr_extents);
	assert_int_equal(-XEN_EACCES,
			 CALL(XEN_CALL_MEMORY_OP, XEN_MEMORY_ADD_TO_PHYSMAP, shown(ARGS)));
	assert_int_equal(-XEN_EACCES,
			 CALL(XEN_CALL_MEMORY_OP, XEN_MEMORY_REMOVE_FROM_PHYSMAP, shown(ARGS)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(frames_are_given_back_and_taken_again, machine_start),
		cmocka_unit_test_setup(a_table_that_is_given_back_is_none_any_more, machine_start),
		cmocka_unit_test_setup(a_frame_is_given_back_once, machine_start),
		cmocka_unit_test_setup(a_frame_comes_back_once, machine_start),
		cmocka_unit_test_setup(frames_in_any_order_go_and_come_in_one_message,
				       machine_start),
		cmocka_unit_test_setup(only_ram_can_be_given_back, machine_start),
		cmocka_unit_test_setup(extents_are_aligned_and_not_too_large, machine_start),
		cmocka_unit_test_setup(what_there_is_not_stays_away, machine_start),
		cmocka_unit_test_setup(a_call_can_be_continued, machine_start),
		cmocka_unit_test_setup(a_bad_reservation_changes_nothing, machine_start),
		cmocka_unit_test_setup(more_memory_is_what_was_given_back, machine_start),
		cmocka_unit_test_setup(memory_that_cannot_be_told_is_not_taken, machine_start),
		cmocka_unit_test_setup(the_map_is_one_piece_of_ram, machine_start),
		cmocka_unit_test_setup(the_frame_list_is_where_it_is, machine_start),
		cmocka_unit_test_setup(memory_of_others_is_nothing_to_ask_for, machine_start),
		cmocka_unit_test_setup(a_grant_table_grows_to_its_limit, machine_start),
		cmocka_unit_test_setup(a_bad_grant_table_has_a_bad_status, machine_start),
		cmocka_unit_test_setup(grant_tables_are_of_version_one, machine_start),
		cmocka_unit_test_setup(bad_grant_calls_are_refused, machine_start),
		cmocka_unit_test_setup(frames_are_exchanged_for_themselves, machine_start),
		cmocka_unit_test_setup(other_frames_are_not_to_be_had, machine_start),
		cmocka_unit_test_setup(the_list_of_the_machine_is_not_the_guests, machine_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
