/* SPDX-License-Identifier: MIT */
/*
 * Promises of capability tables. Deletion is a stand-in that counts; that it clears every slot is
 * in kobject_test.c. The last test compares random use with a model.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <l4/sys/err.h>
#include "core/captab.h"
#include "host.h"

enum { TABLES = 2, OBJECTS = 4 };

static struct captab table[TABLES];
static struct quota *quota[TABLES];
static struct kobject *object[OBJECTS]; /* aligned as capabilities need it */
static unsigned deletions;

void kobject_delete_locked(struct kobject *o)
{
	assert_int_equal(o->lock.held, 1);
	deletions += !o->dead;
	o->dead = true;
}

static void object_reset(struct kobject *o)
{
	memset(o, 0, sizeof(*o));
	list_init(&o->caps);
}

static int setup(void **state)
{
	(void)state;
	deletions = 0;
	host_fail_in = 0;
	for (unsigned i = 0; i < OBJECTS; i++) {
		if (!object[i])
			object[i] = aligned_alloc(KOBJECT_ALIGN, 2 * KOBJECT_ALIGN);
		object_reset(object[i]);
	}
	for (unsigned i = 0; i < TABLES; i++) {
		quota[i] = quota_create(&root_quota, 1 << 20);
		assert_int_equal(captab_init(&table[i], quota[i]), 0);
	}
	return 0;
}

/* Empty and free the tables: nothing may stay charged. */
static int teardown(void **state)
{
	(void)state;
	host_fail_in = 0;
	for (unsigned i = 0; i < TABLES; i++) {
		u64 progress = 0;

		while (!captab_destroy(&table[i], &progress))
			assert_true(progress < CAP_SLOTS);
		captab_free(&table[i]);
		assert_int_equal(quota_used(quota[i]), 0);
		quota_orphan(quota[i]);
	}
	for (unsigned i = 0; i < OBJECTS; i++) {
		assert_true(list_empty(&object[i]->caps));
		assert_int_equal(object[i]->counted, 0);
	}
	assert_int_equal(host_bytes, 0);
	return 0;
}

/* The slot holds object o with these rights; NULL: it is empty. */
static void holds(unsigned t, u64 idx, struct kobject *o, u8 rights)
{
	struct cap_ref ref = captab_lookup(&table[t], idx);

	assert_ptr_equal(ref.obj, o);
	if (o)
		assert_int_equal(ref.rights, rights);
}

static enum cap_map_result map(u64 sidx, u64 didx, u8 mask, bool counted)
{
	return captab_map(&table[0], sidx, &table[1], didx, mask, counted, false);
}

static void new_object_comes_with_all_rights(void **state)
{
	(void)state;
	assert_int_equal(captab_insert_new(&table[0], 5, object[0]), 0);
	holds(0, 5, object[0], CAP_ALL);
	assert_int_equal(object[0]->counted, 1);
	assert_int_equal(captab_insert_new(&table[0], CAP_SLOTS - 1, object[1]), 0);
	holds(0, CAP_SLOTS - 1, object[1], CAP_ALL);
	assert_int_equal(captab_insert_new(&table[0], CAP_SLOTS, object[2]), -L4_EINVAL);
	assert_int_equal(deletions, 0);
}

static void any_other_slot_is_empty(void **state)
{
	(void)state;
	captab_insert_new(&table[0], 5, object[0]);
	holds(0, 4, NULL, 0);
	holds(0, 5 + CAPS_PER_PAGE, NULL, 0);
	holds(0, CAP_SLOTS, NULL, 0);
	holds(0, ~0ULL, NULL, 0);
	holds(1, 5, NULL, 0);
	captab_unmap(&table[0], 6, 4, true);
	captab_unmap(&table[0], ~0ULL, 4, true);
	assert_int_equal(map(6, 5, CAP_ALL, true), CAP_NOTHING);
	assert_int_equal(map(~0ULL, 5, CAP_ALL, true), CAP_NOTHING);
	assert_int_equal(map(5, CAP_SLOTS, CAP_ALL, true), CAP_NOTHING);
	holds(1, 5, NULL, 0);
	assert_int_equal(deletions, 0);
}

static void rights_only_shrink(void **state)
{
	(void)state;
	captab_insert_new(&table[0], 1, object[0]);
	assert_int_equal(map(1, 2, CAP_W | CAP_OBJ2, true), CAP_MAPPED);
	holds(1, 2, object[0], CAP_W | CAP_OBJ2 | CAP_COUNTED);
	assert_int_equal(captab_map(&table[1], 2, &table[0], 9, CAP_ALL, true, false), CAP_MAPPED);
	holds(0, 9, object[0], CAP_W | CAP_OBJ2 | CAP_COUNTED);
	assert_int_equal(object[0]->counted, 3);
	holds(0, 1, object[0], CAP_ALL);
}

static void weak_capabilities_do_not_count(void **state)
{
	(void)state;
	captab_insert_new(&table[0], 1, object[0]);
	assert_int_equal(map(1, 2, CAP_W, false), CAP_MAPPED);
	holds(1, 2, object[0], CAP_W);
	assert_int_equal(object[0]->counted, 1);
	captab_unmap(&table[0], 1, 4, false);
	assert_int_equal(deletions, 1);
	assert_true(object[0]->dead);
}

/* A weak capability can even be the source of a counted one. */
static void last_counted_capability_holds_the_object(void **state)
{
	(void)state;
	captab_insert_new(&table[0], 1, object[0]);
	map(1, 2, CAP_W, false);
	assert_int_equal(captab_map(&table[1], 2, &table[1], 3, CAP_W, true, false), CAP_MAPPED);
	captab_unmap(&table[0], 1, 4, false);
	assert_int_equal(deletions, 0);
	captab_unmap(&table[1], 2, 4, false);
	assert_int_equal(deletions, 0);
	captab_unmap(&table[1], 3, 4, false);
	assert_int_equal(deletions, 1);
}

static void grant_moves(void **state)
{
	(void)state;
	captab_insert_new(&table[0], 1, object[0]);
	assert_int_equal(captab_map(&table[0], 1, &table[1], 2, CAP_W | CAP_S, true, true),
			 CAP_MAPPED);
	holds(0, 1, NULL, 0);
	holds(1, 2, object[0], CAP_W | CAP_S | CAP_COUNTED);
	assert_int_equal(object[0]->counted, 1);
	assert_int_equal(deletions, 0);
}

static void granting_the_last_counted_one_as_weak_deletes(void **state)
{
	(void)state;
	captab_insert_new(&table[0], 1, object[0]);
	captab_map(&table[0], 1, &table[1], 2, CAP_ALL, false, true);
	assert_int_equal(deletions, 1);
}

static void what_was_in_the_target_goes(void **state)
{
	(void)state;
	captab_insert_new(&table[0], 1, object[0]);
	captab_insert_new(&table[0], 2, object[1]);
	captab_insert_new(&table[0], 3, object[2]);
	map(2, 7, CAP_W, true);
	assert_int_equal(map(1, 7, CAP_W, true), CAP_MAPPED);
	holds(1, 7, object[0], CAP_W | CAP_COUNTED);
	assert_int_equal(object[1]->counted, 1);
	assert_int_equal(deletions, 0);
	map(3, 7, CAP_W | CAP_D, true);
	assert_int_equal(map(1, 7, CAP_W, true), CAP_MAPPED);
	holds(1, 7, object[0], CAP_W | CAP_COUNTED);
	assert_int_equal(deletions, 1);
	assert_true(object[2]->dead);
}

static void mapping_a_slot_to_itself_empties_it(void **state)
{
	(void)state;
	captab_insert_new(&table[0], 1, object[0]);
	assert_int_equal(captab_map(&table[0], 1, &table[0], 1, CAP_ALL, true, false), CAP_NOTHING);
	holds(0, 1, NULL, 0);
	assert_int_equal(deletions, 1);
}

static void overmapping_with_the_same_object_deletes_by_D(void **state)
{
	(void)state;
	captab_insert_new(&table[0], 1, object[0]);
	map(1, 2, CAP_W | CAP_D, true);
	assert_int_equal(map(1, 2, CAP_W, true), CAP_NOTHING);
	holds(1, 2, NULL, 0);
	assert_int_equal(deletions, 1);
}

static void unmap_reduces_W_and_S_only(void **state)
{
	(void)state;
	captab_insert_new(&table[0], 1, object[0]);
	captab_unmap(&table[0], 1, CAP_S | CAP_D, true);
	holds(0, 1, object[0], CAP_ALL & ~CAP_S);
	captab_unmap(&table[0], 1, CAP_W, true);
	holds(0, 1, object[0], CAP_ALL & ~(CAP_S | CAP_W));
	captab_unmap(&table[0], 1, 0, true);
	holds(0, 1, object[0], CAP_ALL & ~(CAP_S | CAP_W));
	assert_int_equal(object[0]->counted, 1);
	assert_int_equal(deletions, 0);
}

static void deletion_needs_the_D_right(void **state)
{
	(void)state;
	captab_insert_new(&table[0], 1, object[0]);
	map(1, 2, CAP_ALL & ~CAP_D, true);
	map(1, 3, CAP_W | CAP_D, true);
	captab_unmap(&table[1], 2, 4, true);
	holds(1, 2, NULL, 0);
	assert_int_equal(deletions, 0);
	map(1, 2, CAP_W | CAP_D, true);
	captab_unmap(&table[1], 2, 4, false);
	assert_int_equal(deletions, 0);
	captab_unmap(&table[1], 3, 4, true);
	assert_int_equal(deletions, 1);
}

static void dead_objects_are_not_mapped(void **state)
{
	(void)state;
	captab_insert_new(&table[0], 1, object[0]);
	object[0]->dead = true;
	assert_int_equal(map(1, 2, CAP_ALL, true), CAP_NOTHING);
	holds(1, 2, NULL, 0);
	assert_int_equal(object[0]->counted, 1);
}

static void shortage_leaves_no_trace(void **state)
{
	u64 used[2] = { quota_used(quota[0]), quota_used(quota[1]) };

	(void)state;
	host_fail_in = 1;
	assert_int_equal(captab_insert_new(&table[0], 1, object[0]), -L4_ENOMEM);
	assert_int_equal(quota_used(quota[0]), used[0]);
	assert_int_equal(object[0]->counted, 0);
	captab_insert_new(&table[0], 1, object[0]);
	assert_true(quota_charge(quota[1], (1 << 20) - used[1] - PAGE_SIZE + 1));
	for (unsigned grant = 0; grant < 2; grant++)
		assert_int_equal(captab_map(&table[0], 1, &table[1], 2, CAP_ALL, true, (bool)grant),
				 CAP_NO_MEMORY);
	holds(0, 1, object[0], CAP_ALL);
	holds(1, 2, NULL, 0);
	assert_int_equal(object[0]->counted, 1);
	assert_int_equal(captab_next(&table[1], 0), CAP_SLOTS);
	quota_release(quota[1], (1 << 20) - used[1] - PAGE_SIZE + 1);
	assert_int_equal(map(1, 2, CAP_ALL, true), CAP_MAPPED);
}

static void table_without_memory_is_refused(void **state)
{
	struct captab t;
	u64 used = quota_used(quota[0]);

	(void)state;
	host_fail_in = 1;
	assert_int_equal(captab_init(&t, quota[0]), -L4_ENOMEM);
	assert_int_equal(quota_used(quota[0]), used);
}

static void holes_are_stepped_over(void **state)
{
	(void)state;
	assert_int_equal(captab_next(&table[0], 0), CAP_SLOTS);
	captab_insert_new(&table[0], 3 * CAPS_PER_PAGE + 5, object[0]);
	captab_insert_new(&table[0], CAP_SLOTS - 1, object[1]);
	assert_int_equal(captab_next(&table[0], 0), 3 * CAPS_PER_PAGE);
	assert_int_equal(captab_next(&table[0], 3 * CAPS_PER_PAGE + 9), 3 * CAPS_PER_PAGE + 9);
	assert_int_equal(captab_next(&table[0], 4 * CAPS_PER_PAGE), CAP_SLOTS - CAPS_PER_PAGE);
	assert_int_equal(captab_next(&table[0], CAP_SLOTS), CAP_SLOTS);
	assert_int_equal(captab_next(&table[0], ~0ULL), CAP_SLOTS);
}

static void destruction_deletes_what_is_held_with_D(void **state)
{
	u64 progress = 0;
	unsigned steps = 1;

	(void)state;
	for (u64 i = 0; i < 3; i++)
		captab_insert_new(&table[0], i * 300, object[i]);
	for (u64 i = 0; i < 3; i++)
		map(i * 300, i * 300, i == 1 ? CAP_W | CAP_D : CAP_W, i != 2);
	while (!captab_destroy(&table[1], &progress))
		steps++;
	for (u64 i = 0; i < 3; i++) {
		holds(1, i * 300, NULL, 0);
		assert_int_equal(object[i]->dead, i == 1);
	}
	assert_true(steps >= 3);
}

/* --- Random use against a model: object number and rights of each of a few slots --- */

enum { SLOTS = 6 };
static const u64 index_of[SLOTS] = { 0, 1, 127, 128, 40000, CAP_SLOTS - 1 };

struct model_cap {
	int object; /* -1: empty */
	u8 rights;
};
static struct model_cap model[TABLES][SLOTS];
static bool model_dead[OBJECTS];

static unsigned model_counted(int o)
{
	unsigned n = 0;

	for (unsigned i = 0; i < TABLES * SLOTS; i++) {
		struct model_cap *c = &model[i / SLOTS][i % SLOTS];

		n += c->object == o && (c->rights & CAP_COUNTED);
	}
	return n;
}

static void model_clear(struct model_cap *c, bool kill)
{
	int o = c->object;
	bool counted = o >= 0 && (c->rights & CAP_COUNTED);

	c->object = -1;
	if (o >= 0 && ((counted && !model_counted(o)) || kill))
		model_dead[o] = true;
}

static bool model_map(struct model_cap *from, struct model_cap *to, u8 mask, bool counted,
		      bool grant)
{
	int o = from->object;
	u8 rights = (u8)((from->rights & mask & ~CAP_COUNTED) | (counted ? CAP_COUNTED : 0));

	if (from == to)
		model_clear(from, from->rights & CAP_D);
	if (o < 0 || from == to)
		return false;
	model_clear(to, to->rights & CAP_D);
	if (model_dead[o])
		return false;
	*to = (struct model_cap){ o, rights };
	if (grant)
		model_clear(from, false);
	return true;
}

/* What destruction does to an object that was deleted: all its capabilities go. */
static void bury(int o)
{
	while (!list_empty(&object[o]->caps)) {
		struct cap *c = list_first(&object[o]->caps, struct cap, link);

		list_remove(&c->link);
		c->word = 0;
	}
	object_reset(object[o]);
	model_dead[o] = false;
	for (unsigned i = 0; i < TABLES * SLOTS; i++)
		if (model[i / SLOTS][i % SLOTS].object == o)
			model[i / SLOTS][i % SLOTS].object = -1;
}

static void compare(void)
{
	for (int o = 0; o < OBJECTS; o++) {
		unsigned linked = 0, want = 0;

		assert_int_equal(object[o]->dead, model_dead[o]);
		list_for_each (n, &object[o]->caps)
			linked++;
		for (unsigned i = 0; i < TABLES * SLOTS; i++)
			want += model[i / SLOTS][i % SLOTS].object == o;
		assert_int_equal(linked, want);
		assert_int_equal(object[o]->counted, model_counted(o));
		if (model_dead[o])
			bury(o);
	}
	for (unsigned i = 0; i < TABLES * SLOTS; i++) {
		struct model_cap *c = &model[i / SLOTS][i % SLOTS];

		holds(i / SLOTS, index_of[i % SLOTS], c->object < 0 ? NULL : object[c->object],
		      c->rights);
	}
}

static void random_map(unsigned t, unsigned s)
{
	unsigned dt = (unsigned)random() % TABLES, ds = (unsigned)random() % SLOTS;
	u8 mask = (u8)random();
	bool counted = random() & 1, grant = !(random() & 3);
	bool done = model_map(&model[t][s], &model[dt][ds], mask, counted, grant);

	assert_int_equal(
	    captab_map(&table[t], index_of[s], &table[dt], index_of[ds], mask, counted, grant),
	    done ? CAP_MAPPED : CAP_NOTHING);
}

static void random_unmap(unsigned t, unsigned s)
{
	u8 rights = random() & 15;
	bool del = random() & 1;
	struct model_cap *c = &model[t][s];

	captab_unmap(&table[t], index_of[s], rights, del);
	if (rights & 4)
		model_clear(c, del && (c->rights & CAP_D));
	else
		c->rights &= (u8) ~(rights & (CAP_W | CAP_S));
}

static void random_use_agrees_with_the_model(void **state)
{
	(void)state;
	srandom(1);
	for (unsigned i = 0; i < TABLES * SLOTS; i++)
		model[i / SLOTS][i % SLOTS].object = -1;
	for (unsigned step = 0; step < 100000; step++) {
		unsigned t = (unsigned)random() % TABLES, s = (unsigned)random() % SLOTS;
		int o = (int)(random() % OBJECTS);

		if (random() % 8 == 0 && list_empty(&object[o]->caps)) {
			model_clear(&model[t][s], model[t][s].rights & CAP_D);
			model[t][s] = (struct model_cap){ o, CAP_ALL };
			captab_insert_new(&table[t], index_of[s], object[o]);
		} else if (random() & 1) {
			random_map(t, s);
		} else {
			random_unmap(t, s);
		}
		compare();
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(new_object_comes_with_all_rights),
		TEST(any_other_slot_is_empty),
		TEST(rights_only_shrink),
		TEST(weak_capabilities_do_not_count),
		TEST(last_counted_capability_holds_the_object),
		TEST(grant_moves),
		TEST(granting_the_last_counted_one_as_weak_deletes),
		TEST(what_was_in_the_target_goes),
		TEST(mapping_a_slot_to_itself_empties_it),
		TEST(overmapping_with_the_same_object_deletes_by_D),
		TEST(unmap_reduces_W_and_S_only),
		TEST(deletion_needs_the_D_right),
		TEST(dead_objects_are_not_mapped),
		TEST(shortage_leaves_no_trace),
		TEST(table_without_memory_is_refused),
		TEST(holes_are_stepped_over),
		TEST(destruction_deletes_what_is_held_with_D),
		TEST(random_use_agrees_with_the_model),
	};

	return cmocka_run_group_tests_name("captab", tests, NULL, NULL);
}
