/* SPDX-License-Identifier: MIT */
/* Drops from views: told together, and done before whoever needs that goes on. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "shim/drops.h"
#include "shim/lock.h"
#include "shim/offers.h"

enum { VCPUS = 3, PAGES = 64, ROUNDS = 20000, YIELDS = 3 };

static struct machine machine;
static struct vcpu vcpus[VCPUS];

/* What the microkernel was told last, and how often. */
static struct {
	unsigned messages, base, count;
	struct drop_range ranges[DROPS_MAX];
	uint32_t locked;
} told;
static unsigned yields;
static bool running; /* threads of their own: only the view is looked at */
static uint32_t view[PAGES];

static void show(unsigned base, const struct drop_range *ranges, unsigned count)
{
	told.messages++;
	told.base = base;
	told.count = count;
	memcpy(told.ranges, ranges, count * sizeof(*ranges));
	told.locked = machine.lock;
}

void host_drop(struct vcpu *v, unsigned base, const struct drop_range *ranges, unsigned count)
{
	(void)v;
	if (!running)
		show(base, ranges, count);
	for (unsigned i = 0; i < count; i++)
		__atomic_store_n(&view[ranges[i].start / PAGE_BYTES % PAGES], 0, __ATOMIC_SEQ_CST);
	for (unsigned i = 0; i < PAGES && !count; i++)
		__atomic_store_n(&view[i], 0, __ATOMIC_SEQ_CST);
}

/* The other vCPU is done after some time. */
void host_yield(struct vcpu *v)
{
	(void)v;
	if (running)
		sched_yield();
	else if (++yields == YIELDS)
		vcpus[1].telling++;
}

static int setup(void **state)
{
	(void)state;
	memset(&told, 0, sizeof(told));
	memset(vcpus, 0, sizeof(vcpus));
	yields = 0;
	machine = (struct machine){ .vcpus = VCPUS };
	for (unsigned i = 0; i < VCPUS; i++) {
		machine.vcpu[i] = &vcpus[i];
		vcpus[i].machine = &machine;
		vcpus[i].id = i;
	}
	return 0;
}

static void add(unsigned base, unsigned page)
{
	drops_add(&vcpus[0], base, (uint64_t)page * PAGE_BYTES, PAGE_BYTES);
}

static void ranges_are_told_together(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 5; i++)
		add(2, i);
	assert_int_equal(0, told.messages);
	drops_settle(&vcpus[0]);
	assert_int_equal(1, told.messages);
	assert_int_equal(2, told.base);
	assert_int_equal(5, told.count);
	assert_int_equal(4 * PAGE_BYTES, told.ranges[4].start);
	drops_settle(&vcpus[0]);
	assert_int_equal(1, told.messages);
}

static void bases_are_told_one_by_one(void **state)
{
	(void)state;
	add(0, 1);
	add(1, 2);
	assert_int_equal(1, told.messages);
	assert_int_equal(0, told.base);
	drops_send(&vcpus[0]);
	assert_int_equal(2, told.messages);
	assert_int_equal(1, told.base);
	assert_int_equal(2 * PAGE_BYTES, told.ranges[0].start);
}

static void as_many_as_there_may_be_are_told(void **state)
{
	(void)state;
	for (unsigned i = 0; i <= DROPS_MAX; i++)
		add(0, i);
	assert_int_equal(1, told.messages);
	assert_int_equal(DROPS_MAX, told.count);
	drops_send(&vcpus[0]);
	assert_int_equal(1, told.count);
}

static void everything_is_more_than_ranges(void **state)
{
	(void)state;
	add(3, 1);
	drops_add(&vcpus[0], 3, 0, 0);
	for (unsigned i = 0; i <= DROPS_MAX; i++)
		add(3, i);
	drops_settle(&vcpus[0]);
	assert_int_equal(1, told.messages);
	assert_int_equal(3, told.base);
	assert_int_equal(0, told.count);
}

/* vCPUs 0 and 2 have offered a page. */
static void offer(struct own *owns, char (*states)[PAGE_BYTES])
{
	const struct walk_page page = { 0x5000, 3, WALK_R | WALK_W };

	for (unsigned i = 0; i < VCPUS; i++) {
		owns[i].state = (l4_vcpu_state_t *)states[i];
		owns[i].v.machine = &machine;
		owns[i].v.id = i;
		machine.vcpu[i] = &owns[i].v;
		if (i != 1)
			offers_make(&owns[i].v, &page);
	}
}

static void what_is_offered_is_withdrawn_by_drops_of_processes(void **state)
{
	static struct own owns[VCPUS];
	static char states[VCPUS][PAGE_BYTES];

	(void)state;
	offer(owns, states);
	assert_int_equal(0x5000, l4_zw_view_entry_guest(own_ext(&owns[0])->offer));
	assert_int_equal(GUEST_RAM + 0x3000, l4_zw_view_entry_home(own_ext(&owns[0])->offer));
	assert_int_equal(WALK_R | WALK_W, l4_zw_view_entry_rights(own_ext(&owns[2])->offer));
	add(TRACK_KERNEL, 1);
	assert_int_not_equal(0, own_ext(&owns[2])->offer.guest);
	add(1, 1);
	assert_int_equal(0, own_ext(&owns[0])->offer.guest);
	assert_int_equal(0, own_ext(&owns[2])->offer.guest);
	drops_add(&vcpus[0], 1, 0, 0);
	offer(owns, states);
	drops_add(&vcpus[0], 1, 0, 0);
	assert_int_equal(0, own_ext(&owns[2])->offer.guest);
	offer(owns, states);
	offers_forget(&owns[0].v);
	assert_int_equal(0, own_ext(&owns[0])->offer.guest);
	assert_int_not_equal(0, own_ext(&owns[2])->offer.guest);
}

static void the_lock_is_free_while_others_are_waited_for(void **state)
{
	(void)state;
	add(0, 1);
	drops_settle(&vcpus[0]);
	assert_int_equal(1, told.messages);
	assert_int_equal(0, told.locked);
	assert_int_equal(0, machine.lock);
}

static void drops_on_their_way_are_waited_for(void **state)
{
	(void)state;
	vcpus[1].telling = 1;
	drops_settle(&vcpus[0]);
	assert_int_equal(YIELDS, yields);
	vcpus[1].telling = 1;
	yields = 0;
	drops_finish(&vcpus[0]);
	assert_int_equal(YIELDS, yields);
}

static void what_comes_later_is_not_waited_for(void **state)
{
	(void)state;
	vcpus[1].telling = 2;
	add(0, 1);
	drops_settle(&vcpus[0]);
	assert_int_equal(0, yields);
	assert_int_equal(2, vcpus[0].telling);
}

/* Show a page in the view, drop it: is it gone? */
static void *use_pages(void *argument)
{
	struct vcpu *v = argument;
	uintptr_t stale = 0;

	for (unsigned i = 0; i < ROUNDS; i++) {
		unsigned page = v->id + VCPUS * (i % (PAGES / VCPUS));

		__atomic_store_n(&view[page], 1, __ATOMIC_SEQ_CST);
		lock_take(v, &machine.lock);
		drops_add(v, 0, (uint64_t)page * PAGE_BYTES, i % 7 ? PAGE_BYTES : 0);
		lock_drop(&machine.lock);
		drops_settle(v);
		stale += __atomic_load_n(&view[page], __ATOMIC_SEQ_CST);
	}
	return (void *)stale;
}

static void nobody_goes_on_with_what_was_dropped(void **state)
{
	pthread_t threads[VCPUS];
	void *stale;

	(void)state;
	running = true;
	for (unsigned i = 0; i < VCPUS; i++)
		assert_int_equal(0, pthread_create(&threads[i], NULL, use_pages, &vcpus[i]));
	for (unsigned i = 0; i < VCPUS; i++) {
		assert_int_equal(0, pthread_join(threads[i], &stale));
		assert_null(stale);
	}
	running = false;
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(ranges_are_told_together),
		TEST(bases_are_told_one_by_one),
		TEST(as_many_as_there_may_be_are_told),
		TEST(everything_is_more_than_ranges),
		TEST(what_is_offered_is_withdrawn_by_drops_of_processes),
		TEST(the_lock_is_free_while_others_are_waited_for),
		TEST(drops_on_their_way_are_waited_for),
		TEST(what_comes_later_is_not_waited_for),
		TEST(nobody_goes_on_with_what_was_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
