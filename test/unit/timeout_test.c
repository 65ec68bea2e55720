/* SPDX-License-Identifier: MIT */
/* Promises of the kernel clock and of timeouts (core/time.c). Exact values come from __int128. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <l4/sys/types.h>
#include "core/ipc_internal.h"
#include "core/sched.h"
#include "host/cpu_host.h"

typedef unsigned __int128 u128;

enum { THREADS = 40, AT_ONCE = 16 /* timeouts of one interrupt */ };
#define FAR (1ULL << 50) /* ticks */

static const u64 frequencies[] = { 100000, 999999, 1000000, 2399987, 3000000, 4700001, 6000000 };
static struct thread thread[THREADS];
static u64 utcb[128];
static struct cpu *const cpu = &host_cpu_record[0];

static int setup(void **state)
{
	(void)state;
	host_cpus_reset();
	memset(thread, 0, sizeof(thread));
	memset(utcb, 0, sizeof(utcb));
	thread[0].utcb = utcb;
	tsc_khz = 3000000;
	clock_start_tsc = 0;
	clock_init();
	return 0;
}

/* A number with a random number of bits, at most so many. */
static u64 random_bits(unsigned bits)
{
	u64 v = (u64)random() << 42 ^ (u64)random() << 21 ^ (u64)random();

	return v >> (64 - 1 - (unsigned)random() % bits);
}

/* The clock is never ahead of the exact time; behind by one microsecond, and by what the scale
 * cannot express: less than one unit in 32 bits after the point. */
static void clock_is_exact_to_the_bits_of_its_scale(void **state)
{
	(void)state;
	for (unsigned f = 0; f < ARRAY_SIZE(frequencies); f++) {
		tsc_khz = frequencies[f];
		clock_init();
		for (unsigned n = 0; n < 20000; n++) {
			u64 ticks = random_bits(60);
			u64 exact = (u64)((u128)ticks * 1000 / tsc_khz);
			u64 got = tsc_to_us(ticks);

			assert_true(got <= exact);
			assert_true(exact - got <= 1 + (ticks >> 32));
			assert_int_equal(got, (u64)((u128)ticks * clock_scale_us >> 32));
		}
	}
}

static void nanosecond_scale_agrees_with_the_microsecond_scale(void **state)
{
	(void)state;
	for (unsigned f = 0; f < ARRAY_SIZE(frequencies); f++) {
		u64 hour;

		tsc_khz = frequencies[f];
		clock_init();
		hour = tsc_khz * 1000 * 3600;
		assert_true((u64)((u128)hour * clock_scale_ns >> 27) <= 3600000000000);
		assert_true((u64)((u128)hour * clock_scale_ns >> 27) > 3600000000000 - 1000000);
	}
}

static void a_length_is_the_first_tick_at_its_time(void **state)
{
	(void)state;
	for (unsigned f = 0; f < ARRAY_SIZE(frequencies); f++) {
		tsc_khz = frequencies[f];
		clock_init();
		for (unsigned n = 0; n < 20000; n++) {
			u64 us = random_bits(48);
			u64 ticks = us_to_tsc(us);

			assert_true(tsc_to_us(ticks) >= us);
			assert_true(!us || tsc_to_us(ticks - 1) < us);
		}
	}
}

static void lengths_beyond_all_time_are_cut(void **state)
{
	(void)state;
	assert_int_equal(us_to_tsc(~0ULL), 1ULL << 62);
	assert_int_equal(us_to_tsc(0), 0);
}

static void clock_starts_where_it_is_told(void **state)
{
	(void)state;
	clock_start_tsc = rdtsc() - 3000 * 5000; /* 5 ms at 3 GHz */
	assert_true(clock_us() >= 5000);
	assert_true(clock_us() < 5000 + 60000000);
}

/* --- Encodings (abi spec 2.2) --- */

static void zero_means_never(void **state)
{
	u64 when;

	(void)state;
	assert_false(timeout_deadline(&thread[0], 0, &when));
}

static void mantissa_zero_means_at_once(void **state)
{
	u64 when;

	(void)state;
	for (u16 exponent = 1; exponent < 32; exponent++) {
		when = 1;
		assert_true(timeout_deadline(&thread[0], (u16)(exponent << 10), &when));
		assert_int_equal(when, 0);
	}
}

static void relative_timeouts_are_mantissa_times_power_of_two(void **state)
{
	(void)state;
	for (u16 to = 1; to < 0x8000; to++) {
		u64 before, when, length = us_to_tsc((u64)(to & 0x3ff) << (to >> 10));

		if (!(to & 0x3ff))
			continue;
		before = rdtsc();
		assert_true(timeout_deadline(&thread[0], to, &when));
		assert_true(when >= before + length && when <= rdtsc() + length);
	}
}

static void absolute_timeouts_stand_in_a_buffer_register(void **state)
{
	u64 when;

	(void)state;
	clock_start_tsc = 12345;
	for (unsigned i = 0; i < UTCB_BRS; i++)
		utcb[UTCB_BR + i] = 1000 + i;
	for (unsigned i = 0; i < 64; i++) {
		unsigned br = i < UTCB_BRS ? i : UTCB_BRS - 1;

		assert_true(timeout_deadline(&thread[0], (u16)(0x8000 | i), &when));
		assert_int_equal(when, 12345 + us_to_tsc(1000 + br));
	}
}

/* --- Queue --- */

static unsigned expired[THREADS], expired_count;

static void note_expired(struct timeout *to)
{
	struct thread *t = container_of(to, struct thread, timeout);

	assert_false(heap_contains(&to->node));
	if (to->kind != TIMEOUT_VCPU)
		assert_int_equal(cpu->lock.held, 0);
	expired[expired_count++] = (unsigned)(t - thread);
}

static void due_timeouts_expire_in_order(void **state)
{
	u64 now = rdtsc();

	(void)state;
	host_expired = note_expired;
	for (unsigned round = 0; round < 50; round++) {
		unsigned due = (unsigned)random() % THREADS;

		expired_count = 0;
		for (unsigned n = 0; n < THREADS; n++) {
			unsigned i = (n * 7 + round) % THREADS;

			timeout_set(cpu, cpu, &thread[i].timeout, i < due ? 1 + i : now + FAR + i);
		}
		for (unsigned i = 0; i <= due / AT_ONCE; i++)
			timer_tick(cpu);
		assert_int_equal(expired_count, due);
		for (unsigned i = 0; i < due; i++)
			assert_int_equal(expired[i], i);
		assert_int_equal(cpu->armed_for, now + FAR + due);
		assert_int_equal(host_calls.armed, now + FAR + due);
		for (unsigned i = due; i < THREADS; i++)
			timeout_clear(cpu, &thread[i].timeout);
		assert_true(heap_empty(&cpu->timeouts));
		timer_rearm(cpu);
	}
	assert_int_equal(cpu->lock.held, 0);
}

static void clearing_twice_is_harmless(void **state)
{
	(void)state;
	timeout_set(cpu, cpu, &thread[0].timeout, rdtsc() + FAR);
	timeout_clear(cpu, &thread[0].timeout);
	timeout_clear(cpu, &thread[0].timeout);
	assert_true(heap_empty(&cpu->timeouts));
}

static void vcpu_deadlines_go_to_the_vcpu(void **state)
{
	(void)state;
	thread[0].timeout.kind = TIMEOUT_VCPU;
	timeout_set(cpu, cpu, &thread[0].timeout, 0);
	timeout_set(cpu, cpu, &thread[1].timeout, 0);
	timer_tick(cpu);
	assert_int_equal(host_calls.vcpu_deadlines, 1);
	assert_int_equal(host_calls.aborts, 1);
}

static void timer_is_set_for_the_earliest_only(void **state)
{
	u64 now = rdtsc();

	(void)state;
	timeout_set(cpu, cpu, &thread[0].timeout, now + FAR + 100);
	assert_int_equal(host_calls.armed, now + FAR + 100);
	timeout_set(cpu, cpu, &thread[1].timeout, now + FAR + 200);
	assert_int_equal(host_calls.arms, 1);
	timeout_set(cpu, cpu, &thread[2].timeout, now + FAR);
	assert_int_equal(host_calls.armed, now + FAR);
	assert_int_equal(host_calls.arms, 2);
}

static void another_cpu_is_told_of_an_earlier_timeout_only(void **state)
{
	struct cpu *home = &host_cpu_record[2];

	(void)state;
	timeout_set(cpu, home, &thread[0].timeout, FAR);
	assert_int_equal(host_calls.ipis, 1);
	assert_int_equal(host_calls.ipi_to, home->apic_id);
	timeout_set(cpu, home, &thread[1].timeout, FAR + 1);
	assert_int_equal(host_calls.ipis, 1);
	timeout_set(cpu, &limbo_cpu, &thread[2].timeout, 0);
	assert_int_equal(host_calls.ipis, 1);
	assert_int_equal(host_calls.arms, 0);
}

/* --- Time slices --- */

static void slice_is_timed_only_with_peers(void **state)
{
	u64 end = rdtsc() + FAR;

	(void)state;
	cpu->current = &thread[0];
	cpu->cur_prio = 10;
	cpu->slice_end = end;
	timer_rearm(cpu);
	assert_int_equal(host_calls.arms, 0);
	list_push_back(&cpu->ready.queue[10], &thread[1].ready_link);
	timer_rearm(cpu);
	assert_true(cpu->slice_armed);
	assert_int_equal(host_calls.armed, end);
	timeout_set(cpu, cpu, &thread[2].timeout, end - 1);
	assert_int_equal(host_calls.armed, end - 1);
	list_remove(&thread[1].ready_link);
	timeout_clear(cpu, &thread[2].timeout);
	timer_rearm(cpu);
	assert_false(cpu->slice_armed);
	assert_int_equal(host_calls.stops, 1);
}

static void end_of_slice_asks_for_another_thread(void **state)
{
	(void)state;
	cpu->slice_armed = true;
	cpu->slice_end = rdtsc() + FAR;
	timer_tick(cpu);
	assert_false(cpu->need_resched);
	cpu->slice_armed = true;
	cpu->slice_end = rdtsc() - 1;
	timer_tick(cpu);
	assert_true(cpu->need_resched && cpu->slice_over);
}

#define TEST(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(clock_is_exact_to_the_bits_of_its_scale),
		TEST(nanosecond_scale_agrees_with_the_microsecond_scale),
		TEST(a_length_is_the_first_tick_at_its_time),
		TEST(lengths_beyond_all_time_are_cut),
		TEST(clock_starts_where_it_is_told),
		TEST(zero_means_never),
		TEST(mantissa_zero_means_at_once),
		TEST(relative_timeouts_are_mantissa_times_power_of_two),
		TEST(absolute_timeouts_stand_in_a_buffer_register),
		TEST(due_timeouts_expire_in_order),
		TEST(clearing_twice_is_harmless),
		TEST(vcpu_deadlines_go_to_the_vcpu),
		TEST(timer_is_set_for_the_earliest_only),
		TEST(another_cpu_is_told_of_an_earlier_timeout_only),
		TEST(slice_is_timed_only_with_peers),
		TEST(end_of_slice_asks_for_another_thread),
	};

	srandom(1);
	return cmocka_run_group_tests_name("timeout", tests, NULL, NULL);
}
