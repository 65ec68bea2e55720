/* SPDX-License-Identifier: MIT */
/* What a guest sees of a processor that has everything, and of one that has little. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "unit/host/processor_fake.h"

static const struct guest_start start = { .tsc_khz = 2000000 };
static struct machine machine = { .start = &start };
static struct vcpu vcpu;

static int begin(void **state)
{
	(void)state;
	fake_xcr0 = 0x602e7;
	fake_highest = FAKE_HIGHEST;
	fake_bases_written = 0;
	vcpu = (struct vcpu){ .machine = &machine, .id = 3 };
	machine.null_clears_base = false;
	policy_reset(&vcpu);
	return 0;
}

static struct cpuid_result leaf(uint32_t number, uint32_t subleaf)
{
	struct cpuid_result r;

	memset(&r, 0x55, sizeof(r));
	policy_cpuid(&vcpu, number, subleaf, &r);
	return r;
}

static void the_hypervisor_is_xen(void **state)
{
	struct cpuid_result r = leaf(0x40000000, 0);
	char name[13] = "";

	(void)state;
	memcpy(name, &r.ebx, 12);
	assert_string_equal("XenVMMXenVMM", name);
	assert_in_range(r.eax, 0x40000002, 0x40000010);
	assert_true(leaf(0x40000001, 0).eax >> 16 >= 4);
	assert_int_equal(2000000, leaf(0x40000003, 0).ecx);
	assert_int_equal(2, leaf(0x40000003, 0).ebx);	     /* nobody emulates the TSC */
	assert_true((leaf(0x40000005, 0).ebx & 0xff) <= 44); /* more means grant tables version 2 */
	assert_int_equal(0, leaf(0x40000100, 0).ebx);
	assert_true(leaf(1, 0).ecx >> 31);
}

static void page_sizes_protections_and_privileged_features_are_hidden(void **state)
{
	const uint32_t ecx1 = 1U << 3 | 1U << 5 | 1U << 6 | 1U << 17 | 1U << 21 | 1U << 24;
	const uint32_t edx1 =
	    1U << 3 | 1U << 7 | 1U << 9 | 1U << 12 | 1U << 13 | 1U << 14 | 1U << 17 | 1U << 22;
	const uint32_t ebx7 = 1U << 0 | 1U << 7 | 1U << 10 | 1U << 20;
	const uint32_t ecx7 = 1U << 2 | 1U << 3 | 1U << 7 | 1U << 16 | 1U << 22;
	const uint32_t edx7 = 1U << 20 | 1U << 22 | 1U << 24 | 1U << 25 | 0xfc000000U;
	const uint32_t edx81 = 1U << 26 | 1U << 27;

	(void)state;
	assert_int_equal(0, leaf(1, 0).ecx & ecx1);
	assert_int_equal(0, leaf(1, 0).edx & edx1);
	assert_int_equal(0, leaf(7, 0).ebx & ebx7);
	assert_int_equal(0, leaf(7, 0).ecx & ecx7);
	assert_int_equal(0, leaf(7, 0).edx & edx7);
	assert_int_equal(0, leaf(0x80000001U, 0).edx & edx81);
	assert_int_equal(0, leaf(0x80000001U, 0).ecx & (1U << 2 | 1U << 22 | 1U << 23 | 1U << 24));
	assert_int_equal(0, leaf(0xd, 1).eax & (1U << 3 | 1U << 4));
}

static void what_linux_requires_is_shown(void **state)
{
	const uint32_t edx1 = 1U << 0 | 1U << 4 | 1U << 5 | 1U << 6 | 1U << 8 | 1U << 15 |
			      1U << 24 | 1U << 25 | 1U << 26;

	(void)state;
	assert_int_equal(edx1, leaf(1, 0).edx & edx1);
	assert_int_equal(1U << 11 | 1U << 20 | 1U << 29,
			 leaf(0x80000001U, 0).edx & (1U << 11 | 1U << 20 | 1U << 29));
	assert_int_equal(3U << 26, leaf(1, 0).ecx & 3U << 26); /* from the beginning */
	assert_int_equal(1U << 8, leaf(0x80000007U, 0).edx);
}

static void leaves_that_are_not_in_the_table_are_empty(void **state)
{
	static const uint32_t hidden[] = { 3,	 5,    6,	    9,		 0xa,	     0xb,
					   0xf,	 0x10, 0x14,	    0x17,	 0x1f,	     0x24,
					   0x99, ~0U,  0x80000009U, 0x8000001eU, 0x80000022U };
	const struct cpuid_result empty = { 0 };

	(void)state;
	for (unsigned i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
		struct cpuid_result r = leaf(hidden[i], 0);

		assert_memory_equal(&empty, &r, sizeof(r));
	}
	assert_int_equal(0x16, leaf(0, 0).eax);
	assert_int_equal(0x80000008U, leaf(0x80000000U, 0).eax);
	fake_highest = 7;
	assert_int_equal(7, leaf(0, 0).eax);
	assert_int_equal(0, leaf(0x16, 0).eax);
}

static void a_processor_that_clears_bases_with_null_selectors_says_so(void **state)
{
	(void)state;
	assert_int_equal(0, leaf(0x80000021U, 0).eax);
	machine.null_clears_base = true;
	assert_int_equal(0x80000021U, leaf(0x80000000U, 0).eax);
	assert_int_equal(1 << 6, leaf(0x80000021U, 0).eax);
	fake_highest = 7;
	assert_int_equal(1 << 6, leaf(0x80000021U, 0).eax);
	assert_int_equal(0, leaf(0x8000001fU, 0).eax);
}

static void each_virtual_processor_is_one_core(void **state)
{
	(void)state;
	assert_int_equal(3, leaf(1, 0).ebx >> 24);
	assert_int_equal(1, leaf(1, 0).ebx >> 16 & 0xff);
	assert_int_equal(0, leaf(4, 1).eax >> 14);
	assert_int_equal(0, leaf(0x80000008U, 0).ecx);
}

static void the_size_of_the_state_follows_what_the_guest_has_switched_on(void **state)
{
	(void)state;
	assert_int_equal(0xe7, leaf(0xd, 0).eax);
	assert_int_equal(0, leaf(0xd, 0).edx);
	assert_int_equal(576, leaf(0xd, 0).ebx);
	assert_int_equal(1664 + 1024, leaf(0xd, 0).ecx);
	assert_true(policy_write_xcr0(&vcpu, 7));
	assert_int_equal(576 + 256, leaf(0xd, 0).ebx);
	assert_true(policy_write_xcr0(&vcpu, 0xe7));
	assert_int_equal(1664 + 1024, leaf(0xd, 0).ebx);
	assert_int_equal(576 + 256 + 64 + 512 + 1024, leaf(0xd, 1).ebx);
	assert_int_equal(256, leaf(0xd, 2).eax);
	assert_int_equal(0, leaf(0xd, 9).eax); /* protection keys */
	assert_int_equal(0, leaf(0xd, 18).eax);
	assert_int_equal(0, leaf(0xd, 63).eax);
	assert_int_equal(0, leaf(0xd, ~0U).eax);
}

static void states_that_depend_on_others_are_switched_on_with_them(void **state)
{
	static const uint64_t refused[] = { 0, 2, 5, 0x27, 0xe3, 0x207, 0x20007, 1UL << 63 | 7 };

	(void)state;
	for (unsigned i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		assert_false(policy_write_xcr0(&vcpu, refused[i]));
	assert_int_equal(1, vcpu.xcr0);
	fake_xcr0 = 7;
	assert_false(policy_write_xcr0(&vcpu, 0xe7));
	assert_true(policy_write_xcr0(&vcpu, 3));
}

static void a_processor_without_vector_state_shows_none(void **state)
{
	(void)state;
	fake_xcr0 = 0;
	policy_reset(&vcpu);
	assert_int_equal(0, leaf(1, 0).ecx & (7U << 26 | 1U << 12 | 1U << 29));
	assert_int_equal(0, leaf(7, 0).ebx & (1U << 5 | 1U << 16));
	assert_int_equal(0, leaf(0xd, 0).eax);
	assert_false(policy_write_xcr0(&vcpu, 1));
	assert_int_equal(0, vcpu.cr4 & 1UL << 18);
	assert_int_equal(0, policy_cr4(1UL << 18) & 1UL << 18);
}

static void control_registers_remember_what_the_guest_may_change(void **state)
{
	(void)state;
	assert_int_equal(POLICY_CR0, vcpu.cr0);
	assert_int_equal(POLICY_CR0 | 8, policy_cr0(8));
	assert_int_equal(POLICY_CR0, policy_cr0(~8UL));
	assert_int_equal(0x40620, vcpu.cr4);
	assert_int_equal(0x40624, policy_cr4(4));
	assert_int_equal(0, policy_cr4(~0UL) & (1UL << 4 | 1UL << 7 | 3UL << 16 | 3UL << 20));
}

static void registers_have_fixed_values(void **state)
{
	uint64_t value;

	(void)state;
	assert_true(policy_read_msr(&vcpu, 0xc0000080U, &value));
	assert_int_equal(0xd01, value);
	assert_true(policy_write_msr(&vcpu, 0xc0000080U, 0xd01));
	assert_true(policy_read_msr(&vcpu, 0x1b, &value));
	assert_int_equal(0xfee00800U, value);
	vcpu.id = 0;
	assert_true(policy_read_msr(&vcpu, 0x1b, &value));
	assert_int_equal(0xfee00900U, value);
	assert_true(policy_read_msr(&vcpu, 0x10, &value));
	assert_int_equal(0x123456789aUL, value);
	assert_false(policy_write_msr(&vcpu, 0x10, 0));
}

static void registers_that_nobody_lists_fault(void **state)
{
	static const uint32_t hidden[] = { 0,		0x11,	     0x48,	  0x49,
					   0x10b,	0x174,	     0x179,	  0x186,
					   0xc0000081U, 0xc0000104U, 0xc0010004U, ~0U };
	uint64_t value;

	(void)state;
	for (unsigned i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
		assert_false(policy_read_msr(&vcpu, hidden[i], &value));
		assert_false(policy_write_msr(&vcpu, hidden[i], 0));
	}
}

static void bases_are_canonical_and_reach_the_host(void **state)
{
	uint64_t value;

	(void)state;
	assert_true(policy_write_msr(&vcpu, 0xc0000100U, 0x7fffffffe000UL));
	assert_true(policy_write_msr(&vcpu, 0xc0000101U, 0xffffffff82000000UL));
	assert_true(policy_write_msr(&vcpu, 0xc0000102U, 0x1000));
	assert_int_equal(3, fake_bases_written);
	assert_false(policy_write_msr(&vcpu, 0xc0000101U, 0x800000000000UL));
	assert_int_equal(3, fake_bases_written);
	assert_int_equal(0x7fffffffe000UL, vcpu.fs_base);
	assert_true(policy_read_msr(&vcpu, 0xc0000101U, &value));
	assert_int_equal(0xffffffff82000000UL, value);
	assert_true(policy_read_msr(&vcpu, 0xc0000102U, &value));
	assert_int_equal(0x1000, value);
}

static void ports_read_as_nothing_but_the_timer_that_linux_waits_for(void **state)
{
	(void)state;
	assert_int_equal(0xff, policy_read_port(0x60, 1));
	assert_int_equal(0xffff, policy_read_port(0x21, 2));
	assert_int_equal(0xffffffff, policy_read_port(0xcfc, 4));
	assert_int_equal(0, policy_read_port(0x42, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_hypervisor_is_xen, begin),
		cmocka_unit_test_setup(page_sizes_protections_and_privileged_features_are_hidden,
				       begin),
		cmocka_unit_test_setup(what_linux_requires_is_shown, begin),
		cmocka_unit_test_setup(leaves_that_are_not_in_the_table_are_empty, begin),
		cmocka_unit_test_setup(a_processor_that_clears_bases_with_null_selectors_says_so,
				       begin),
		cmocka_unit_test_setup(each_virtual_processor_is_one_core, begin),
		cmocka_unit_test_setup(the_size_of_the_state_follows_what_the_guest_has_switched_on,
				       begin),
		cmocka_unit_test_setup(states_that_depend_on_others_are_switched_on_with_them,
				       begin),
		cmocka_unit_test_setup(a_processor_without_vector_state_shows_none, begin),
		cmocka_unit_test_setup(control_registers_remember_what_the_guest_may_change, begin),
		cmocka_unit_test_setup(registers_have_fixed_values, begin),
		cmocka_unit_test_setup(registers_that_nobody_lists_fault, begin),
		cmocka_unit_test_setup(bases_are_canonical_and_reach_the_host, begin),
		cmocka_unit_test_setup(ports_read_as_nothing_but_the_timer_that_linux_waits_for,
				       begin),
	};

	return cmocka_run_group_tests_name("guest_policy", tests, NULL, NULL);
}
