/* SPDX-License-Identifier: MIT */
/* Host test of the functions that only compute: tags, flexpages, timeouts, KIP, VMCS, views. */
#include <string.h>

#include <l4/sys/factory.h>
#include <l4/sys/kip.h>
#include <l4/sys/memdesc.h>
#include <l4/sys/scheduler.h>
#include <l4/sys/vm.h>
#include <l4/zwinger/view.h>

#include "tap.h"

l4_kernel_info_t const *l4_global_kip;

static void test_tag(void)
{
	l4_msgtag_t t = l4_msgtag(-12, 63, 5, L4_MSGTAG_SCHEDULE);

	ok(t.raw == (-12L * 65536 | 0x2000 | 5 << 6 | 63),
	   "tag has label 16.., flags, items, words");
	ok(l4_msgtag_label(t) == -12 && l4_msgtag_words(t) == 63, "tag gives label and words back");
	ok(l4_msgtag_items(t) == 5 && l4_msgtag_flags(t) == 0x2000,
	   "tag gives items and flags back");
	ok(!l4_msgtag_has_error(t), "tag without error flag has no error");
	ok(l4_msgtag_is_page_fault(l4_msgtag(-2, 2, 0, 0)), "label -2 is a page fault");
	ok(l4_msgtag_is_exception(l4_msgtag(-5, 26, 0, 0)), "label -5 is an exception");
}

static void test_capability(void)
{
	ok(l4_is_invalid_cap(L4_INVALID_CAP) && !l4_is_valid_cap(L4_INVALID_CAP),
	   "the invalid selector is not valid");
	ok(l4_is_valid_cap(5UL << 12), "a selector with an index is valid");
	ok(l4_capability_equal(0x5000, 0x5005), "selectors of one index are equal");
	ok(l4_capability_next(0x5000) == 0x6000, "the next selector is 0x1000 further");
}

static void test_fpage(void)
{
	l4_fpage_t f = l4_fpage(0x12345000, 14, L4_FPAGE_RW);

	ok(f.raw == (0x12345000 | 14 << 6 | 1 << 4 | 6), "memory flexpage word");
	ok(l4_obj_fpage(0x7000, 0, 7).raw == (0x7000 | 3 << 4 | 7), "object flexpage word");
	ok(l4_iofpage(0x3f8, 3).raw == (0x3f8 << 12 | 3 << 6 | 2 << 4 | 6), "port flexpage word");
	ok(l4_fpage_all().raw == 0xfc0 && l4_fpage_invalid().raw == 0, "all-spaces and nil words");
	ok(l4_fpage_size(f) == 14 && l4_fpage_type(f) == L4_FPAGE_MEMORY, "order and type");
	ok(l4_fpage_rights(l4_fpage_set_rights(f, 5)) == 5, "rights can be replaced");
	ok(l4_fpage_ioport(l4_iofpage(0x3f8, 3)) == 0x3f8, "port number");
	ok(l4_map_control(0x5fff, L4_FPAGE_CACHEABLE, L4_MAP_ITEM_GRANT) == 0x503a,
	   "send item: hot spot, cache type in bits 4..6, map bit, grant");
	ok(l4_fpage_contains(l4_fpage(0x4000, 14, 0), 0x7000, 12), "last page is contained");
	ok(!l4_fpage_contains(l4_fpage(0x4000, 14, 0), 0x8000, 12), "page behind is not");
}

static void test_max_order(void)
{
	ok(l4_fpage_max_order(12, 0x5000, 0x4000, 0x8000, 0) == 12, "hot spot limits the order");
	ok(l4_fpage_max_order(12, 0x5000, 0x4000, 0x8000, 0x5000) == 14, "region limits the order");
	ok(l4_fpage_max_order(12, 0x5000, 0, ~0UL, 0x5000) == 30, "order ends at 30");
	ok(l4_fpage_max_order(12, 0x5000, 0, ~0UL, ~0UL) == 12, "no growth without hot spot");
}

static void test_rounding(void)
{
	ok(l4_trunc_page(0x1fff) == 0x1000 && l4_round_page(0x1001) == 0x2000, "page rounding");
	ok(l4_trunc_size(0x3fff, 13) == 0x2000 && l4_round_size(1, 13) == 0x2000, "size rounding");
	ok(l4_bytes_to_mwords(0) == 0 && l4_bytes_to_mwords(9) == 2, "bytes to words");
	ok(l4_align_stack_for_direct_fncall(0x1000) == 0xff8, "aligned stack moves down by 8");
	ok(l4_align_stack_for_direct_fncall(0xff8) == 0xff8, "stack as after a call stays");
}

/* Is the timeout for us at least as long, and less than 1/512 longer? */
static int timeout_is_close(l4_uint64_t us)
{
	l4_timeout_s to = l4_timeout_from_us(us);
	l4_uint64_t got = l4_timeout_rel_get(to);

	return !l4_timeout_is_absolute(to) && got >= us && got - us <= us / 512;
}

static void test_timeout(void)
{
	int close = 1;

	for (unsigned bit = 0; bit < 40; bit++)
		for (int delta = -1; delta <= 1; delta++)
			if ((1ULL << bit) + delta)
				close &= timeout_is_close((1ULL << bit) + delta);
	ok(close, "a timeout is as long as asked for, up to 0.2 percent longer");
	ok(l4_timeout_rel_get(l4_timeout_from_us(L4_TIMEOUT_US_MAX)) == 1023ULL << 31,
	   "the longest timeout is cut to the end of the range");
	ok(l4_timeout_from_us(0).t == 0x400, "0 us is the immediate timeout");
	ok(l4_timeout_from_us(L4_TIMEOUT_US_NEVER).t == 0, "never is 0");
	ok(l4_timeout_from_us(L4_TIMEOUT_US_MAX + 1).t == 0, "beyond the maximum is never");
	ok(l4_timeout(L4_IPC_TIMEOUT_0, L4_IPC_TIMEOUT_NEVER).raw == 0x04000000,
	   "send timeout is the high half");
	ok(L4_IPC_RECV_TIMEOUT_0.raw == 0x400 && L4_IPC_BOTH_TIMEOUT_0.raw == 0x04000400 &&
	       L4_IPC_SEND_TIMEOUT_0.raw == 0x04000000 && L4_IPC_NEVER.raw == 0,
	   "timeout constants");
	ok(l4_ipc_timeout(1, 2, 3, 4).raw == (0x0801U << 16 | 0x1003), "mantissas and exponents");
}

static void test_utcb(void)
{
	static l4_utcb_t u;

	ok(l4_timeout_abs_u(1234567, 5, &u).t == 0x8005 && u.br.br[5] == 1234567,
	   "absolute timeout sits in its buffer register");
	ok(l4_bdr(1, 2, 3, L4_UTCB_INHERIT_FPU) == (1 | 2 << 5 | 3 << 10 | 1 << 24),
	   "buffer descriptor fields");
	l4_utcb_inherit_fpu_u(&u, 1);
	ok(u.br.bdr == L4_UTCB_INHERIT_FPU, "FPU flag is set");
	l4_utcb_inherit_fpu_u(&u, 0);
	ok(u.br.bdr == 0, "FPU flag is cleared");
	u.mr.mr[16] = 14;
	u.mr.mr[11] = 0x1237;
	u.mr.mr[17] = 2;
	ok(l4_utcb_exc_is_pf(l4_utcb_exc_u(&u)) && l4_utcb_exc_pfa(l4_utcb_exc_u(&u)) == 0x1232,
	   "exception registers are the message registers");
}

static void test_kip(void)
{
	static union {
		l4_kernel_info_t kip;
		char bytes[4096];
	} page;
	l4_kernel_info_mem_desc_t *md;

	page.kip.offset_version_strings = L4_KIP_OFFS_VERSION_STRING >> 4;
	page.kip.mem_descs = L4_KIP_OFFS_MEM_DESCS;
	page.kip.version = L4_KIP_VERSION_CURRENT;
	memcpy(page.bytes + L4_KIP_OFFS_VERSION_STRING, "Hello\0mapdb\0segments\0", 21);
	ok(l4_kip_version(&page.kip) == L4_KIP_VERSION_FIASCO, "sub-version is masked");
	ok(l4_kip_kernel_has_feature(&page.kip, "segments"), "a feature is found");
	ok(!l4_kip_kernel_has_feature(&page.kip, "Hello"), "the version string is no feature");
	md = l4_kernel_info_get_mem_descs(&page.kip);
	l4_kernel_info_set_mem_desc(md, 0x100000, 0x1fffff, l4_mem_type_bootloader, 0, 5);
	ok(md->l == 0x10005e && l4_kernel_info_get_mem_desc_end(md) == 0x1fffff,
	   "descriptor: start, type, sub type, inclusive end");
	ok(l4_kernel_info_get_mem_desc_subtype(md) == 5 &&
	       !l4_kernel_info_get_mem_desc_is_virtual(md),
	   "sub type and virtual flag");
}

static void test_sched(void)
{
	l4_sched_param_t p = l4_sched_param(2, 0);

	ok(p.affinity.gran_offset == 0xff000000 && p.affinity.map == 1 && p.prio == 2,
	   "default affinity is every CPU");
}

static void test_vmx(void)
{
	static l4_vm_vmx_vcpu_vmcs_t a, b;

	a.offset_table.size = 30;
	a.offset_table.offsets[3][2] = 21;
	a.offset_table.limits[3][2] = 9;
	a.offset_table.index_shifts[3] = 2;
	ok(l4_vm_vmx_field_len(0x0800) == 2 && l4_vm_vmx_field_len(0x2800) == 8 &&
	       l4_vm_vmx_field_len(0x4800) == 4 && l4_vm_vmx_field_len(0x6800) == 8,
	   "field lengths by size class");
	l4_vm_vmx_write(&a, 0x681e, 0x1122334455667788);
	ok(l4_vm_vmx_read_nat(&a, 0x681e) == 0x1122334455667788, "a field is written and read");
	ok(a.dirty_bitmap[(21 * 64 + 0x1e * 4) / 8] == 1 << (0x1e * 4 % 8), "and marked dirty");
	ok(l4_vm_vmx_read(&a, 0x4000) == 0, "a field outside the table reads 0");
	b.offset_table = a.offset_table;
	l4_vm_vmx_ptr_load(&b, &a);
	l4_vm_vmx_write(&b, 0x681e, 7);
	l4_vm_vmx_clear(&b, &a);
	ok(l4_vm_vmx_read(&a, 0x681e) == 7 && b.user_data == 0, "load and clear copy back");
}

static void test_view_entry(void)
{
	l4_zw_view_entry_t e = l4_zw_view_entry(0xffff888000200000, 0x40000000, 21, L4_FPAGE_RW);

	ok(e.guest == (0xffff888000200000 | 9 << 4 | 6) && e.home == 0x40000000, "entry words");
	ok(l4_zw_view_entry_guest(e) == 0xffff888000200000 &&
	       l4_zw_view_entry_home(e) == 0x40000000,
	   "entry gives its addresses back");
	ok(l4_zw_view_entry_order(e) == 21 && l4_zw_view_entry_rights(e) == L4_FPAGE_RW,
	   "entry gives order and rights back");
}

int main(void)
{
	test_tag();
	test_capability();
	test_fpage();
	test_max_order();
	test_rounding();
	test_timeout();
	test_utcb();
	test_kip();
	test_sched();
	test_vmx();
	test_view_entry();
	return tap_done();
}
