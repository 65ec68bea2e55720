/* SPDX-License-Identifier: MIT */
/* Debug registers that a guest and a debugger share. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "shim/breakpoints.h"

enum { WRITTEN = 1, EIGHT_BYTES = 2 << 2, FIRST = 0x1000, SECOND = 0x2000, GUEST = 0x7000 };

static struct guest_start record;
static struct machine machine;
static struct vcpu vcpu;
static uint64_t addresses[GUEST_BREAKPOINTS], control;

/* The guest has enabled these (bits), for one byte that is written each. */
static void start(unsigned enabled)
{
	memset(&record, 0, sizeof(record));
	memset(&vcpu, 0, sizeof(vcpu));
	machine.start = &record;
	vcpu.machine = &machine;
	for (unsigned i = 0; i < GUEST_BREAKPOINTS; i++) {
		vcpu.dr[i] = GUEST + i;
		if (enabled >> i & 1)
			vcpu.dr[7] |= 1UL << 2 * i | 1UL << (16 + 4 * i);
	}
}

static void want(unsigned number, uint64_t address, uint32_t kind)
{
	record.breakpoints[number] = (struct guest_breakpoint){ address, kind, 1 };
}

static unsigned enabled(unsigned slot)
{
	return control >> 2 * slot & 3;
}

static unsigned kind(unsigned slot)
{
	return control >> (16 + 4 * slot) & 15;
}

static void without_a_debugger_all_is_the_guests(void **state)
{
	uint64_t status = 0xffff4ff5;

	(void)state;
	start(0x5);
	breakpoints_merge(&vcpu, addresses, &control);
	assert_int_equal(vcpu.dr[7], control);
	assert_memory_equal(vcpu.dr, addresses, sizeof(addresses));
	assert_int_equal(0, breakpoints_take(&vcpu, &status));
	assert_int_equal(0xffff4ff5, status);
}

static void a_debugger_takes_what_the_guest_has_not_enabled(void **state)
{
	(void)state;
	start(0x9);
	want(0, FIRST, 0);
	want(3, SECOND, WRITTEN | EIGHT_BYTES);
	breakpoints_merge(&vcpu, addresses, &control);
	assert_int_equal(FIRST, addresses[2]);
	assert_int_equal(SECOND, addresses[1]);
	assert_true(enabled(2) && kind(2) == 0);
	assert_true(enabled(1) && kind(1) == (WRITTEN | EIGHT_BYTES));
	assert_true(enabled(0) == 1 && kind(0) == 1 && addresses[0] == GUEST);
	assert_true(enabled(3) == 1 && kind(3) == 1 && addresses[3] == GUEST + 3);
	record.breakpoints[0].used = 0;
	breakpoints_merge(&vcpu, addresses, &control);
	assert_true(addresses[2] == SECOND && addresses[1] == GUEST + 1 && !enabled(1));
}

static void a_debugger_comes_first(void **state)
{
	uint64_t status = 0xffff0ff9;

	(void)state;
	start(0xf);
	want(1, FIRST, WRITTEN);
	breakpoints_merge(&vcpu, addresses, &control);
	assert_true(addresses[3] == FIRST && enabled(3) == 2 && kind(3) == WRITTEN);
	assert_true(enabled(0) && enabled(1) && enabled(2));
	assert_int_equal(1 << 1, breakpoints_take(&vcpu, &status));
	assert_int_equal(0xffff0ff1, status);
	for (unsigned i = 0; i < GUEST_BREAKPOINTS; i++)
		want(i, FIRST + i, WRITTEN);
	breakpoints_merge(&vcpu, addresses, &control);
	for (unsigned i = 0; i < GUEST_BREAKPOINTS; i++)
		assert_true(addresses[i] == FIRST + 3 - i && enabled(i) == 2);
	assert_int_equal(GUEST, vcpu.dr[0]);
	assert_int_equal(0x11110055, vcpu.dr[7]);
}

static void hits_go_to_whose_they_are(void **state)
{
	uint64_t status = 0xffff4ffd;

	(void)state;
	start(0x1);
	want(2, FIRST, WRITTEN);
	breakpoints_merge(&vcpu, addresses, &control); /* it has register 3 */
	assert_int_equal(1 << 2, breakpoints_take(&vcpu, &status));
	assert_int_equal(0xffff4ff1, status); /* 2 is not enabled, 0 is, and a step */
	assert_int_equal(0, breakpoints_take(&vcpu, &status));
	assert_int_equal(0xffff4ff1, status);
}

static void a_step_has_none_for_data(void **state)
{
	(void)state;
	start(0x1);
	want(0, FIRST, WRITTEN);
	want(1, SECOND, 0);
	vcpu.id = 3;
	record.stepping = 1 << 2;
	breakpoints_merge(&vcpu, addresses, &control);
	assert_true(enabled(0) && enabled(2) && enabled(3));
	record.stepping |= 1 << 3;
	breakpoints_merge(&vcpu, addresses, &control);
	assert_true(!enabled(0) && !enabled(3));
	assert_true(enabled(2) && addresses[2] == SECOND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_debugger_all_is_the_guests),
		cmocka_unit_test(a_debugger_takes_what_the_guest_has_not_enabled),
		cmocka_unit_test(a_debugger_comes_first),
		cmocka_unit_test(hits_go_to_whose_they_are),
		cmocka_unit_test(a_step_has_none_for_data),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
