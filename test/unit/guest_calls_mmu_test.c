/* SPDX-License-Identifier: MIT */
/* Hypercalls for page tables: every operation and every error. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "unit/guest/machine.h"
#include "xen/hypercall.h"
#include "xen/mmu.h"

enum { ARGS = FREE, DONE, TABLE, MASK, OTHER };

#define MMU(count, done)	   CALL(XEN_CALL_MMU_UPDATE, shown(ARGS), (count), (done), XEN_DOMAIN_SELF)
#define EXT(count, done)	   CALL(XEN_CALL_MMUEXT_OP, shown(ARGS), (count), (done), XEN_DOMAIN_SELF)
#define MAP(address, entry, flags) CALL(XEN_CALL_UPDATE_VA_MAPPING, (address), (entry), (flags))

static uint64_t entry_at(unsigned index)
{
	return (uint64_t)TABLE * PAGE_BYTES + 8UL * index;
}

static void set_update(unsigned i, uint64_t ptr, uint64_t val)
{
	((struct xen_mmu_update *)at(ARGS))[i] = (struct xen_mmu_update){ ptr, val };
}

static void set_op(unsigned i, unsigned cmd, uint64_t arg1, uint64_t arg2)
{
	((struct xen_mmuext_op *)at(ARGS))[i] =
	    (struct xen_mmuext_op){ .cmd = cmd, .arg1 = arg1, .arg2 = arg2 };
}

static long one_op(unsigned cmd, uint64_t arg1, uint64_t arg2)
{
	set_op(0, cmd, arg1, arg2);
	return EXT(1, 0);
}

static uint32_t *done_word(void)
{
	return at(DONE);
}

static void an_update_stores_the_entry(void **state)
{
	(void)state;
	set_update(0, entry_at(5), 0x1234067);
	assert_int_equal(0, MMU(1, 0));
	assert_int_equal(0x1234067, guest.words[TABLE][5]);
}

static void an_update_can_keep_accessed_and_dirty(void **state)
{
	(void)state;
	guest.words[TABLE][5] = 0x1000 | PTE_ACCESSED | PTE_DIRTY | PTE_WRITE;
	set_update(0, entry_at(5) | XEN_MMU_PRESERVE_AD, 0x2001);
	assert_int_equal(0, MMU(1, 0));
	assert_int_equal(0x2001 | PTE_ACCESSED | PTE_DIRTY, guest.words[TABLE][5]);
	set_update(0, entry_at(5) | XEN_MMU_NO_TRANSLATE, 0x3001);
	assert_int_equal(0, MMU(1, 0));
	assert_int_equal(0x3001, guest.words[TABLE][5]);
}

static void a_batch_of_updates_tells_how_far_it_went(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 40; i++)
		set_update(i, entry_at(i), 0x1000UL * i + 1);
	assert_int_equal(0, MMU(40, shown(DONE)));
	assert_int_equal(40, *done_word());
	assert_int_equal(0x27001, guest.words[TABLE][39]);
	set_update(33, (uint64_t)FRAMES * PAGE_BYTES, 1);
	assert_int_equal(-XEN_EINVAL, MMU(40, shown(DONE)));
	assert_int_equal(33, *done_word());
}

static void a_continued_batch_adds_to_what_was_done(void **state)
{
	(void)state;
	*done_word() = 7;
	set_update(0, entry_at(0), 1);
	set_update(1, entry_at(1), 1);
	assert_int_equal(0, MMU(2 | XEN_MMU_CONTINUED, shown(DONE)));
	assert_int_equal(9, *done_word());
	assert_int_equal(-XEN_EFAULT, MMU(2 | XEN_MMU_CONTINUED, ABSENT));
}

static void an_update_with_bad_arguments_fails(void **state)
{
	(void)state;
	set_update(0, entry_at(0) | 4, 1);
	assert_int_equal(-XEN_EINVAL, MMU(1, 0));
	set_update(0, entry_at(0), 1);
	assert_int_equal(-XEN_EPERM, CALL(XEN_CALL_MMU_UPDATE, shown(ARGS), 1, 0, XEN_DOMAIN_IO));
	assert_int_equal(-XEN_EFAULT, CALL(XEN_CALL_MMU_UPDATE, ABSENT, 1, 0, XEN_DOMAIN_SELF));
	assert_int_equal(0, guest.words[TABLE][0]);
	assert_int_equal(-XEN_EFAULT, MMU(1, READ_ONLY));
	assert_int_equal(0, MMU(0, 0));
	assert_int_equal(-XEN_EFAULT, CALL(XEN_CALL_MMU_UPDATE, shown(FRAMES - 1) + PAGE_BYTES - 16,
					   2, shown(DONE), XEN_DOMAIN_SELF));
}

static void machine_frames_stay_what_they_are(void **state)
{
	(void)state;
	set_update(0, TABLE * PAGE_BYTES | XEN_MMU_MACHPHYS, TABLE);
	set_update(1, TABLE * PAGE_BYTES | XEN_MMU_MACHPHYS, UINT64_MAX);
	assert_int_equal(0, MMU(2, 0));
	set_update(0, TABLE * PAGE_BYTES | XEN_MMU_MACHPHYS, OTHER);
	assert_int_equal(-XEN_EINVAL, MMU(1, 0));
	set_update(0, (uint64_t)FRAMES * PAGE_BYTES | XEN_MMU_MACHPHYS, FRAMES);
	assert_int_equal(-XEN_EINVAL, MMU(1, 0));
}

static void a_mapping_is_updated_by_its_address(void **state)
{
	uint64_t entry = (uint64_t)OTHER << PAGE_SHIFT | PTE_PRESENT;

	(void)state;
	assert_int_equal(0, MAP(shown(TABLE) + 0x123, entry, XEN_UVM_NONE));
	assert_int_equal(entry, guest.words[L1][TABLE]);
	assert_int_equal(0, MAP(ABSENT, entry, XEN_UVM_NONE));
	assert_int_equal(entry, guest.words[L1][table_index(ABSENT, 1)]);
	assert_int_equal(0, told.flushes + told.page_flushes + told.mask_flushes);
}

static void a_mapping_without_a_table_is_refused(void **state)
{
	(void)state;
	assert_int_equal(-XEN_EINVAL, MAP(NOWHERE, 1, 0));
	assert_int_equal(-XEN_EINVAL, MAP(0x0001000000000000, 1, 0));
	assert_int_equal(-XEN_EINVAL, MAP(0xffff800000000000, 1, 0));
	guest.words[L2][table_index(NOWHERE, 2)] = (uint64_t)FRAMES << PAGE_SHIFT | PTE_PRESENT;
	assert_int_equal(-XEN_EINVAL, MAP(NOWHERE, 1, 0));
	guest.words[L2][table_index(NOWHERE, 2)] = PTE_LARGE | PTE_PRESENT;
	assert_int_equal(-XEN_EINVAL, MAP(NOWHERE, 1, 0));
	vcpu_of(0)->root = FRAMES;
	assert_int_equal(-XEN_EINVAL, MAP(shown(TABLE), 1, 0));
}

static void a_mapping_is_flushed_where_it_is_asked_for(void **state)
{
	uint64_t address = shown(TABLE), entry = guest.words[L1][TABLE];

	(void)state;
	*(uint64_t *)at(MASK) = 0xfffffffe;
	assert_int_equal(0, MAP(address, entry, XEN_UVM_TLB_FLUSH));
	assert_int_equal(1, told.flushes);
	assert_int_equal(0, MAP(address, entry, XEN_UVM_INVLPG));
	assert_int_equal(1, told.page_flushes);
	assert_int_equal(address, told.flushed);
	assert_int_equal(0, MAP(address, entry, XEN_UVM_TLB_FLUSH | XEN_UVM_ALL));
	assert_int_equal(1, told.mask_flushes);
	assert_int_equal(7, told.mask);
	assert_int_equal(0, MAP(address, entry, XEN_UVM_INVLPG | shown(MASK)));
	assert_int_equal(1, told.page_mask_flushes);
	assert_int_equal(6, told.mask);
}

static void a_mapping_with_bad_flags_stays(void **state)
{
	uint64_t entry = guest.words[L1][TABLE];

	(void)state;
	assert_int_equal(-XEN_EINVAL, MAP(shown(TABLE), 0, 3));
	assert_int_equal(-XEN_EFAULT, MAP(shown(TABLE), 0, XEN_UVM_INVLPG | ABSENT));
	assert_int_equal(entry, guest.words[L1][TABLE]);
}

static void pins_and_unpins_are_passed_on(void **state)
{
	(void)state;
	for (unsigned level = 1; level <= 4; level++) {
		assert_int_equal(0, one_op(XEN_MMUEXT_PIN_L1 + level - 1, TABLE, 0));
		assert_int_equal(level + 1, told.pinned[TABLE]);
	}
	assert_int_equal(0, one_op(XEN_MMUEXT_UNPIN, TABLE, 0));
	assert_int_equal(1, told.pinned[TABLE]);
	assert_int_equal(-XEN_EINVAL, one_op(XEN_MMUEXT_PIN_L4, FRAMES, 0));
	assert_int_equal(-XEN_EINVAL, one_op(XEN_MMUEXT_UNPIN, UINT64_MAX, 0));
}

static void both_base_pointers_are_set_by_one_call(void **state)
{
	(void)state;
	memcpy(at(OTHER), at(ROOT), PAGE_BYTES);
	set_op(0, XEN_MMUEXT_NEW_BASEPTR, OTHER, 0);
	set_op(1, XEN_MMUEXT_NEW_USER_BASEPTR, TABLE, 0);
	assert_int_equal(0, EXT(2, shown(DONE)));
	assert_int_equal(OTHER, vcpu_of(0)->root);
	assert_int_equal(TABLE, vcpu_of(0)->user_root);
	assert_int_equal(1, told.switches);
	assert_int_equal(2, *done_word());
	assert_int_equal(0, one_op(XEN_MMUEXT_NEW_USER_BASEPTR, 0, 0));
	assert_int_equal(0, vcpu_of(0)->user_root);
}

static void a_base_pointer_outside_the_memory_is_refused(void **state)
{
	(void)state;
	assert_int_equal(-XEN_EINVAL, one_op(XEN_MMUEXT_NEW_BASEPTR, FRAMES, 0));
	assert_int_equal(-XEN_EINVAL, one_op(XEN_MMUEXT_NEW_USER_BASEPTR, UINT64_MAX, 0));
	assert_int_equal(ROOT, vcpu_of(0)->root);
	assert_int_equal(0, told.switches);
}

static void flushes_reach_the_vcpus_that_are_named(void **state)
{
	(void)state;
	*(uint64_t *)at(MASK) = 5;
	assert_int_equal(0, one_op(XEN_MMUEXT_TLB_FLUSH_LOCAL, 0, 0));
	assert_int_equal(1, told.flushes);
	assert_int_equal(0, one_op(XEN_MMUEXT_INVLPG_LOCAL, 0x5000, 0));
	assert_int_equal(1, told.page_flushes);
	assert_int_equal(0, one_op(XEN_MMUEXT_TLB_FLUSH_MULTI, 0, shown(MASK)));
	assert_int_equal(5, told.mask);
	assert_int_equal(1, told.mask_flushes);
	assert_int_equal(0, one_op(XEN_MMUEXT_INVLPG_MULTI, 0x7000, shown(MASK)));
	assert_int_equal(1, told.page_mask_flushes);
	assert_int_equal(0x7000, told.flushed);
	assert_int_equal(0, one_op(XEN_MMUEXT_TLB_FLUSH_ALL, 0, 0));
	assert_int_equal(7, told.mask);
	assert_int_equal(0, one_op(XEN_MMUEXT_INVLPG_ALL, 0x9000, 0));
	assert_int_equal(0x9000, told.flushed);
	assert_int_equal(-XEN_EFAULT, one_op(XEN_MMUEXT_TLB_FLUSH_MULTI, 0, ABSENT));
}

static void pages_are_cleared_and_copied(void **state)
{
	(void)state;
	memset(at(TABLE), 0x5a, PAGE_BYTES);
	assert_int_equal(0, one_op(XEN_MMUEXT_COPY_PAGE, OTHER, TABLE));
	assert_memory_equal(at(TABLE), at(OTHER), PAGE_BYTES);
	assert_int_equal(0, one_op(XEN_MMUEXT_CLEAR_PAGE, TABLE, 0));
	assert_int_equal(0, guest.words[TABLE][511]);
	assert_int_equal(-XEN_EINVAL, one_op(XEN_MMUEXT_CLEAR_PAGE, FRAMES, 0));
	assert_int_equal(-XEN_EINVAL, one_op(XEN_MMUEXT_COPY_PAGE, OTHER, FRAMES));
	assert_int_equal(-XEN_EINVAL, one_op(XEN_MMUEXT_COPY_PAGE, FRAMES, OTHER));
}

static void what_is_not_for_guests_is_refused(void **state)
{
	(void)state;
	assert_int_equal(-XEN_EACCES, one_op(XEN_MMUEXT_FLUSH_CACHE, 0, 0));
	assert_int_equal(-XEN_EACCES, one_op(XEN_MMUEXT_FLUSH_CACHE_GLOBAL, 0, 0));
	assert_int_equal(-XEN_ENOSYS, one_op(14, 0, 0));
	assert_int_equal(-XEN_ENOSYS, one_op(19, 0, 0));
	assert_int_equal(2, vcpu_of(0)->counters.unknown);
	assert_int_equal(-XEN_EPERM, CALL(XEN_CALL_MMUEXT_OP, shown(ARGS), 1, 0, 0));
}

static void extended_operations_stop_at_the_first_error(void **state)
{
	(void)state;
	set_op(0, XEN_MMUEXT_PIN_L1, TABLE, 0);
	set_op(1, XEN_MMUEXT_PIN_L1, FRAMES, 0);
	set_op(2, XEN_MMUEXT_PIN_L1, OTHER, 0);
	assert_int_equal(-XEN_EINVAL, EXT(3, shown(DONE)));
	assert_int_equal(1, *done_word());
	assert_int_equal(0, told.pinned[OTHER]);
	assert_int_equal(-XEN_EFAULT, CALL(XEN_CALL_MMUEXT_OP, ABSENT, 1, 0, XEN_DOMAIN_SELF));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(an_update_stores_the_entry, machine_start),
		cmocka_unit_test_setup(an_update_can_keep_accessed_and_dirty, machine_start),
		cmocka_unit_test_setup(a_batch_of_updates_tells_how_far_it_went, machine_start),
		cmocka_unit_test_setup(a_continued_batch_adds_to_what_was_done, machine_start),
		cmocka_unit_test_setup(an_update_with_bad_arguments_fails, machine_start),
		cmocka_unit_test_setup(machine_frames_stay_what_they_are, machine_start),
		cmocka_unit_test_setup(a_mapping_is_updated_by_its_address, machine_start),
		cmocka_unit_test_setup(a_mapping_without_a_table_is_refused, machine_start),
		cmocka_unit_test_setup(a_mapping_is_flushed_where_it_is_asked_for, machine_start),
		cmocka_unit_test_setup(a_mapping_with_bad_flags_stays, machine_start),
		cmocka_unit_test_setup(pins_and_unpins_are_passed_on, machine_start),
		cmocka_unit_test_setup(both_base_pointers_are_set_by_one_call, machine_start),
		cmocka_unit_test_setup(a_base_pointer_outside_the_memory_is_refused, machine_start),
		cmocka_unit_test_setup(flushes_reach_the_vcpus_that_are_named, machine_start),
		cmocka_unit_test_setup(pages_are_cleared_and_copied, machine_start),
		cmocka_unit_test_setup(what_is_not_for_guests_is_refused, machine_start),
		cmocka_unit_test_setup(extended_operations_stop_at_the_first_error, machine_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
