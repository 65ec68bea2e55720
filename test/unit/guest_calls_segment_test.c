/* SPDX-License-Identifier: MIT */
/* Hypercalls for segments: what a guest may have in its tables, and what of it is loaded. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "shim/segments.h"
#include "unit/guest/machine.h"
#include "xen/hypercall.h"
#include "xen/mmu.h"

enum { ARGS = FREE, GDT, GDT2, LDT };

#define DATA   0x00cff2000000ffffUL /* flat, privilege 3 */
#define DATA0  0x00cf92000000ffffUL /* flat, privilege 0 */
#define CODE   0x00affa000000ffffUL
#define TLS    0x12cff2345678ffffUL /* base 0x12345678 */
#define SYSTEM 0x0000890000000067UL /* a task state */

static uint64_t *gdt(void)
{
	return at(GDT);
}

static long set_gdt(unsigned entries)
{
	((uint64_t *)at(ARGS))[0] = GDT;
	((uint64_t *)at(ARGS))[1] = GDT2;
	return CALL(XEN_CALL_SET_GDT, shown(ARGS), entries);
}

static long update(unsigned frame, unsigned entry, uint64_t d)
{
	return CALL(XEN_CALL_UPDATE_DESCRIPTOR, frame * 4096UL + 8 * entry, d);
}

static long set_ldt(uint64_t base, unsigned entries)
{
	struct xen_mmuext_op *op = at(ARGS);

	*op = (struct xen_mmuext_op){ .cmd = XEN_MMUEXT_SET_LDT, .arg1 = base, .arg2 = entries };
	return CALL(XEN_CALL_MMUEXT_OP, shown(ARGS), 1, 0, XEN_DOMAIN_SELF);
}

static void a_table_loads_the_entries_that_are_the_guests(void **state)
{
	(void)state;
	gdt()[2] = CODE;
	gdt()[12] = TLS;
	gdt()[15] = DATA0;
	assert_int_equal(0, set_gdt(16));
	assert_int_equal(TLS, told.descriptors[12]);
	assert_int_equal(0, told.descriptors[13]);
	assert_int_equal(DATA, told.descriptors[15]);
	assert_int_equal(0, set_gdt(13));
	assert_int_equal(TLS, told.descriptors[12]);
	assert_int_equal(0, told.descriptors[14]);
	assert_int_equal(0, set_gdt(0));
	assert_int_equal(0, told.descriptors[12]);
}

static void the_last_entry_is_the_vcpus_number_if_the_guest_has_none(void **state)
{
	(void)state;
	vcpu_of(0)->id = 5;
	assert_int_equal(0, set_gdt(16));
	assert_int_equal(descriptor_of_number(5), told.descriptors[15]);
	assert_int_equal(0, gdt()[15]);
	assert_int_equal(0, update(GDT, 15, DATA));
	assert_int_equal(DATA, told.descriptors[15]);
	assert_int_equal(0, update(GDT, 15, 0));
	assert_int_equal(descriptor_of_number(5), told.descriptors[15]);
	vcpu_of(0)->id = 0;
}

static void a_table_with_a_system_descriptor_is_refused(void **state)
{
	(void)state;
	gdt()[12] = TLS;
	assert_int_equal(0, set_gdt(16));
	gdt()[12] = DATA;
	gdt()[3] = SYSTEM;
	assert_int_equal(-XEN_EINVAL, set_gdt(16));
	assert_int_equal(TLS, told.descriptors[12]);
	assert_int_equal(0, set_gdt(3));
}

static void a_table_is_checked_to_its_end(void **state)
{
	(void)state;
	guest.words[GDT2][1] = SYSTEM;
	assert_int_equal(0, set_gdt(513));
	assert_int_equal(-XEN_EINVAL, set_gdt(514));
}

static void bad_tables_are_refused(void **state)
{
	(void)state;
	assert_int_equal(-XEN_EINVAL, set_gdt(7169));
	assert_int_equal(-XEN_EFAULT, CALL(XEN_CALL_SET_GDT, ABSENT, 16));
	((uint64_t *)at(ARGS))[0] = FRAMES;
	assert_int_equal(-XEN_EINVAL, CALL(XEN_CALL_SET_GDT, shown(ARGS), 16));
	assert_int_equal(0, vcpu_of(0)->gdt_entries);
}

static void a_changed_descriptor_is_stored_and_loaded(void **state)
{
	(void)state;
	assert_int_equal(0, set_gdt(16));
	assert_int_equal(0, update(GDT, 13, DATA0));
	assert_int_equal(DATA, gdt()[13]);
	assert_int_equal(DATA, told.descriptors[13]);
	assert_int_equal(0, update(GDT, 13, 0));
	assert_int_equal(0, told.descriptors[13]);
	assert_int_equal(0, update(GDT, 5, DATA0));
	assert_int_equal(DATA, gdt()[5]);
}

static void a_changed_descriptor_of_another_table_is_only_stored(void **state)
{
	(void)state;
	assert_int_equal(0, update(GDT, 13, DATA0));
	assert_int_equal(DATA, gdt()[13]);
	assert_int_equal(0, told.descriptors[13]);
}

static void system_descriptors_are_refused(void **state)
{
	(void)state;
	assert_int_equal(0, set_gdt(16));
	for (uint64_t type = 0; type < 16; type++)
		assert_int_equal(-XEN_EINVAL, update(GDT, 13, DESCRIPTOR_PRESENT | type << 40));
	assert_int_equal(0, gdt()[13]);
	assert_int_equal(0, update(GDT, 13, SYSTEM & ~DESCRIPTOR_PRESENT));
	assert_int_equal(-XEN_EINVAL, update(FRAMES, 0, DATA));
	assert_int_equal(-XEN_EINVAL, CALL(XEN_CALL_UPDATE_DESCRIPTOR, GDT * 4096UL + 4, DATA));
}

static void a_local_table_is_loaded_without_what_is_not_allowed(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 40; i++)
		guest.words[LDT][i] = DATA0 + i;
	guest.words[LDT][7] = SYSTEM;
	guest.words[LDT][8] = CODE;
	assert_int_equal(0, set_ldt(shown(LDT), 40));
	assert_int_equal(40, told.ldt_entries);
	assert_int_equal(DATA + 39, told.ldt[39]);
	assert_int_equal(0, told.ldt[7]);
	assert_int_equal(0, told.ldt[8]);
	assert_int_equal(0, set_ldt(0, 0));
	assert_int_equal(0, told.ldt_entries);
}

static void a_descriptor_of_the_loaded_local_table_is_changed_there(void **state)
{
	(void)state;
	assert_int_equal(0, set_ldt(shown(LDT), 20));
	assert_int_equal(0, update(LDT, 9, TLS));
	assert_int_equal(TLS, told.ldt[9]);
	assert_int_equal(0, update(LDT, 9, CODE));
	assert_int_equal(0, told.ldt[9]);
	assert_int_equal(0, update(LDT, 30, TLS));
	assert_int_equal(0, told.ldt[30]);
}

static void bad_local_tables_are_refused(void **state)
{
	(void)state;
	assert_int_equal(0, set_ldt(shown(LDT), 4));
	assert_int_equal(-XEN_EINVAL, set_ldt(shown(LDT), 8193));
	assert_int_equal(-XEN_EINVAL, set_ldt(shown(LDT) + 8, 1));
	assert_int_equal(-XEN_EINVAL, set_ldt(0x0001000000000000, 1));
	assert_int_equal(4, vcpu_of(0)->ldt_entries);
	assert_int_equal(-XEN_EFAULT, set_ldt(ABSENT, 1));
	assert_int_equal(0, vcpu_of(0)->ldt_entries);
	told.ldt_error = -XEN_ENOMEM;
	assert_int_equal(-XEN_ENOMEM, set_ldt(shown(LDT), 1));
}

static void bases_are_set(void **state)
{
	struct vcpu *v = vcpu_of(0);

	(void)state;
	assert_int_equal(0, CALL(XEN_CALL_SET_SEGMENT_BASE, XEN_SEGMENT_FS, 0x7000));
	assert_int_equal(0, CALL(XEN_CALL_SET_SEGMENT_BASE, XEN_SEGMENT_GS_USER, 0x8000));
	assert_int_equal(0, CALL(XEN_CALL_SET_SEGMENT_BASE, XEN_SEGMENT_GS_KERNEL, KERNEL_ADDRESS));
	assert_int_equal(0x7000, v->fs_base);
	assert_int_equal(0x8000, v->gs_user);
	assert_true(KERNEL_ADDRESS == v->gs_kernel);
	assert_int_equal(7, told.bases);
	assert_int_equal(-XEN_EINVAL, CALL(XEN_CALL_SET_SEGMENT_BASE, XEN_SEGMENT_FS, 1UL << 47));
	assert_int_equal(-XEN_EINVAL, CALL(XEN_CALL_SET_SEGMENT_BASE, 4, 0));
	assert_int_equal(0x7000, v->fs_base);
}

static uint64_t gs_after(uint16_t selector)
{
	assert_int_equal(0,
			 CALL(XEN_CALL_SET_SEGMENT_BASE, XEN_SEGMENT_GS_USER_SELECTOR, selector));
	return (uint64_t)vcpu_of(0)->gs_selector << 32 | vcpu_of(0)->gs_user;
}

static void a_selector_gives_the_base_of_its_descriptor(void **state)
{
	(void)state;
	gdt()[12] = TLS;
	gdt()[13] = CODE & ~DESCRIPTOR_WRITE;
	guest.words[LDT][2] = TLS;
	assert_int_equal(0, set_gdt(16));
	assert_int_equal(0, set_ldt(shown(LDT), 3));
	assert_true(gs_after(0x60) == (0x63UL << 32 | 0x12345678));
	assert_true(gs_after(0x14) == (0x17UL << 32 | 0x12345678));
}

static void a_selector_that_cannot_be_loaded_becomes_null(void **state)
{
	static const uint16_t bad[] = { 0, 3, 0x6b, 0x73, 0x83, 0xe02b, 0x1f, 0xfff7 };

	(void)state;
	gdt()[13] = CODE & ~DESCRIPTOR_WRITE;
	assert_int_equal(0, set_gdt(16));
	assert_int_equal(0, set_ldt(shown(LDT), 3));
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		vcpu_of(0)->gs_user = 1;
		assert_int_equal(0, gs_after(bad[i]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_table_loads_the_entries_that_are_the_guests,
				       machine_start),
		cmocka_unit_test_setup(the_last_entry_is_the_vcpus_number_if_the_guest_has_none,
				       machine_start),
		cmocka_unit_test_setup(a_table_with_a_system_descriptor_is_refused, machine_start),
		cmocka_unit_test_setup(a_table_is_checked_to_its_end, machine_start),
		cmocka_unit_test_setup(bad_tables_are_refused, machine_start),
		cmocka_unit_test_setup(a_changed_descriptor_is_stored_and_loaded, machine_start),
		cmocka_unit_test_setup(a_changed_descriptor_of_another_table_is_only_stored,
				       machine_start),
		cmocka_unit_test_setup(system_descriptors_are_refused, machine_start),
		cmocka_unit_test_setup(a_local_table_is_loaded_without_what_is_not_allowed,
				       machine_start),
		cmocka_unit_test_setup(a_descriptor_of_the_loaded_local_table_is_changed_there,
				       machine_start),
		cmocka_unit_test_setup(bad_local_tables_are_refused, machine_start),
		cmocka_unit_test_setup(bases_are_set, machine_start),
		cmocka_unit_test_setup(a_selector_gives_the_base_of_its_descriptor, machine_start),
		cmocka_unit_test_setup(a_selector_that_cannot_be_loaded_becomes_null,
				       machine_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
