/* SPDX-License-Identifier: MIT */
/* Promises of the L4Re C library, with servers that are functions of this test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <l4/re/c/mem_alloc.h>
#include <l4/re/c/namespace.h>
#include <l4/re/c/rm.h>
#include <l4/re/c/util/kumem_alloc.h>
#include <l4/re/protocols.h>
#include <l4/sys/factory.h>
#include <l4/sys/task.h>
#include "wire/wire.h"

enum { RM = 0x10000, MEM = 0x11000, DS = 0x77000, NS = 0x50000, FIRST_SLOT = 0x30 };

static _Thread_local l4_utcb_t utcb;
static l4re_env_t env;
l4re_env_t *l4re_global_env;

l4_utcb_t *l4_utcb_wrap(void)
{
	return &utcb;
}

/* --- Servers --- */

struct message {
	l4_cap_idx_t object;
	long label;
	struct wire_in in;
};

typedef long answer_fn(struct message *m, struct wire_out *out);

static answer_fn *server;
static unsigned unmapped_objects, sleeps;
static struct {
	l4_addr_t start, end;
} unmapped[16];
static unsigned unmapped_ranges;
static long ku_mem_result;

/* The own task: unmap of capabilities and memory, new kernel-user memory. */
static long task_answer(struct message *m)
{
	l4_umword_t op = wire_get_word(&m->in);
	l4_fpage_t f;

	if (op == L4_TASK_ADD_KU_MEM_OP)
		return ku_mem_result;
	if (op != L4_TASK_UNMAP_OP)
		return 0;
	wire_get_word(&m->in);
	f.raw = wire_get_word(&m->in);
	if (l4_fpage_type(f) == L4_FPAGE_OBJ) {
		__atomic_fetch_add(&unmapped_objects, 1, __ATOMIC_RELAXED);
		return 0;
	}
	unmapped[unmapped_ranges].start = l4_fpage_memaddr(f);
	unmapped[unmapped_ranges++].end = l4_fpage_memaddr(f) + (1UL << l4_fpage_size(f));
	return 0;
}

l4_msgtag_t record_call(l4_umword_t selector, l4_utcb_t *u, l4_umword_t slabel, l4_msgtag_t tag,
			l4_umword_t *rlabel, l4_timeout_t timeout)
{
	struct message m = { .object = selector & L4_CAP_MASK, .label = l4_msgtag_label(tag) };
	struct wire_out out = { 0 };
	long label;

	(void)u;
	(void)slabel;
	(void)rlabel;
	(void)timeout;
	if (!l4_is_valid_cap(selector & ~0xfUL)) {
		sleeps++;
		return l4_msgtag(0, 0, 0, L4_MSGTAG_ERROR);
	}
	m.in = wire_in_init(tag);
	if (m.object == L4_BASE_TASK_CAP)
		return l4_msgtag(task_answer(&m), 0, 0, 0);
	label = server(&m, &out);
	assert_false(m.in.failed);
	return wire_tag(&out, label);
}

static int setup(void **state)
{
	(void)state;
	memset(&utcb, 0, sizeof(utcb));
	env = (l4re_env_t){ .rm = RM, .mem_alloc = MEM, .first_free_cap = FIRST_SLOT };
	l4re_global_env = &env;
	unmapped_objects = unmapped_ranges = sleeps = 0;
	ku_mem_result = 0;
	return 0;
}

/* --- Dataspaces: a server that maps pieces of at most 2^ds_order bytes --- */

static unsigned ds_order, ds_calls, ds_fail_at;
static l4_uint64_t ds_next_offset;
static l4_addr_t ds_next_addr;

static long ds_answer(struct message *m, struct wire_out *out)
{
	l4_fpage_t window = { .raw = l4_utcb_br()->br[1] };
	l4_uint64_t offset, spot;

	assert_int_equal(wire_get_u32(&m->in), 0);
	offset = wire_get_u64(&m->in);
	spot = wire_get_u64(&m->in);
	assert_int_equal(wire_get_word(&m->in), L4RE_DS_F_RW);
	if (ds_calls++ == ds_fail_at)
		return -L4_ERANGE;
	assert_int_equal(offset, ds_next_offset);
	assert_int_equal(l4_fpage_memaddr(window) + spot, ds_next_addr);
	assert_int_equal(l4_fpage_memaddr(window) & ((1UL << l4_fpage_size(window)) - 1), 0);
	spot = 1UL << (ds_order < l4_fpage_size(window) ? ds_order : l4_fpage_size(window));
	spot = ((ds_next_addr & ~(spot - 1)) + spot) - ds_next_addr;
	ds_next_offset += spot;
	ds_next_addr += spot;
	wire_put_item(out, 0x18 | (l4_umword_t)ds_order << 6, l4_fpage_invalid());
	return 0;
}

static void expect_ds(unsigned order, l4_uint64_t offset, l4_addr_t at)
{
	server = ds_answer;
	ds_order = order;
	ds_calls = 0;
	ds_fail_at = ~0U;
	ds_next_offset = offset;
	ds_next_addr = at;
}

static void a_region_is_mapped_piece_by_piece_without_gap(void **state)
{
	static const unsigned orders[] = { 12, 13, 16, 21, 30 };

	(void)state;
	for (unsigned i = 0; i < 5; i++) {
		expect_ds(orders[i], 0x3000, 0x403000);
		assert_int_equal(l4re_ds_map_region(DS, 0x3000, L4RE_DS_F_RW, 0x403000, 0x451001),
				 0);
		assert_int_equal(ds_next_addr, 0x452000);
	}
}

static void the_window_is_the_largest_aligned_piece(void **state)
{
	(void)state;
	expect_ds(21, 0, 0x600000);
	assert_int_equal(l4re_ds_map(DS, 0, L4RE_DS_F_RW, 0x600000, 0x600000, 0x800000), 0);
	assert_int_equal(l4_utcb_br()->br[1], l4_fpage(0x600000, 21, L4_FPAGE_RWX).raw);
	expect_ds(21, 0, 0x603000);
	assert_int_equal(l4re_ds_map(DS, 0, L4RE_DS_F_RW, 0x603000, 0x603000, 0x800000), 0);
	assert_int_equal(l4_utcb_br()->br[1], l4_fpage(0x603000, 12, L4_FPAGE_RWX).raw);
}

static void an_empty_or_wrapping_range_is_refused(void **state)
{
	(void)state;
	expect_ds(12, 0, 0);
	assert_int_equal(l4re_ds_map_region(DS, 0, L4RE_DS_F_RW, 0x5000, 0x5000), -L4_EINVAL);
	assert_int_equal(l4re_ds_map_region(DS, 0, L4RE_DS_F_RW, 0x5000, ~0UL), -L4_EINVAL);
	assert_int_equal(l4re_ds_map(DS, 0, L4RE_DS_F_RW, 0x9000, 0x5000, 0x9000), -L4_EINVAL);
	assert_int_equal(ds_calls, 0);
}

/* --- Region map: knows no dataspaces, only areas --- */

static unsigned rm_reserved, rm_freed;
static l4_uint32_t attach_flags;
static l4_fpage_t attach_item;
static l4_umword_t attach_client_cap;
static long attach_result;

static long rm_attach_answer(struct message *m, struct wire_out *out)
{
	wire_get_word(&m->in);
	assert_int_equal(wire_get_word(&m->in), 0x3000);
	attach_flags = wire_get_u32(&m->in);
	wire_get_u64(&m->in);
	wire_get_u8(&m->in);
	attach_client_cap = wire_get_word(&m->in);
	wire_get_string(&m->in);
	wire_get_u64(&m->in);
	attach_item.raw = m->in.items_left ? l4_utcb_mr()->mr[m->in.item_at + 1] : 0;
	if (attach_result >= 0)
		wire_put_word(out, 0x800000);
	return attach_result;
}

static long rm_answer(struct message *m, struct wire_out *out)
{
	if (m->label == L4RE_PROTO_DATASPACE)
		return ds_answer(m, out);
	assert_int_equal(m->object, RM);
	assert_int_equal(m->label, L4RE_PROTO_RM);
	switch (wire_get_u32(&m->in)) {
	case 0:
		return rm_attach_answer(m, out);
	case 1:
		return -L4_ENOENT;
	case 2:
		return -L4_EPERM;
	case 3:
		rm_reserved++;
		wire_put_word(out, 0x403000);
		return 0;
	default:
		assert_int_equal(wire_get_word(&m->in), 0x403000);
		rm_freed++;
		return 0;
	}
}

static void expect_rm(long result)
{
	expect_ds(12, 0x5000, 0x403000);
	server = rm_answer;
	attach_result = result;
	rm_reserved = rm_freed = 0;
}

static int attach(void **start)
{
	*start = NULL;
	return l4re_rm_attach(start, 0x3000, L4RE_RM_F_SEARCH_ADDR | L4RE_RM_F_RW, DS, 0x5000, 12);
}

static void a_dataspace_of_the_own_server_is_left_to_it(void **state)
{
	void *start;

	(void)state;
	expect_rm(0);
	assert_int_equal(attach(&start), 0);
	assert_ptr_equal(start, (void *)0x800000);
	assert_int_equal(attach_client_cap, DS);
	assert_int_equal(attach_item.raw, l4_obj_fpage(DS, 0, L4_CAP_FPAGE_RW).raw);
	assert_int_equal(ds_calls, 0);
	assert_int_equal(rm_reserved, 0);
}

static void a_foreign_dataspace_is_mapped_as_a_whole(void **state)
{
	l4re_rm_offset_t offset;
	l4re_rm_flags_t flags;
	unsigned long size = 1;
	l4_addr_t at = 0x404567;
	void *start;
	l4re_ds_t ds;

	(void)state;
	expect_rm(-L4_ENOENT);
	assert_int_equal(attach(&start), 0);
	assert_ptr_equal(start, (void *)0x403000);
	assert_int_equal(ds_calls, 3);
	assert_int_equal(l4re_rm_find(&at, &size, &offset, &flags, &ds), 0);
	assert_int_equal(at, 0x403000);
	assert_int_equal(size, 0x3000);
	assert_int_equal(offset, 0x5000);
	assert_int_equal(flags, L4RE_RM_F_RW);
	assert_int_equal(ds, DS);
	ds = 0;
	assert_int_equal(l4re_rm_detach_ds((void *)0x405fff, &ds), L4RE_RM_DETACHED_DS);
	assert_int_equal(ds, DS);
	assert_int_equal(rm_freed, 1);
	assert_int_equal(unmapped[0].start, 0x403000);
	assert_int_equal(unmapped[unmapped_ranges - 1].end, 0x406000);
	assert_int_equal(l4re_rm_detach((void *)0x403000), -L4_ENOENT);
	size = 1;
	assert_int_equal(l4re_rm_find(&at, &size, &offset, &flags, &ds), -L4_EPERM);
}

static void a_foreign_dataspace_that_fails_to_map_leaves_nothing(void **state)
{
	void *start;

	(void)state;
	expect_rm(-L4_ENOENT);
	ds_fail_at = 1;
	assert_int_equal(attach(&start), -L4_ERANGE);
	assert_null(start);
	assert_int_equal(rm_freed, 1);
	assert_int_equal(unmapped[0].start, 0x403000);
	assert_int_equal(unmapped[unmapped_ranges - 1].end, 0x406000);
	assert_int_equal(l4re_rm_detach((void *)0x403000), -L4_ENOENT);
}

static void a_copy_of_a_foreign_dataspace_is_refused(void **state)
{
	void *start = NULL;

	(void)state;
	expect_rm(-L4_ENOENT);
	assert_int_equal(l4re_rm_attach(&start, 0x3000,
					L4RE_RM_F_SEARCH_ADDR | L4RE_RM_F_RW | L4RE_RM_F_PRIVATE,
					DS, 0, 12),
			 -L4_ENOENT);
	assert_int_equal(rm_reserved, 0);
}

static void a_reserved_region_has_no_dataspace(void **state)
{
	void *start = NULL;

	(void)state;
	expect_rm(0);
	assert_int_equal(l4re_rm_attach(&start, 0x3000, L4RE_RM_F_RESERVED, DS, 0, 12), 0);
	assert_int_equal(attach_client_cap, L4_INVALID_CAP);
	assert_int_equal(attach_item.raw, 0);
}

static void the_foreign_table_is_used_again(void **state)
{
	void *start;

	(void)state;
	for (unsigned i = 0; i < 3 * L4RE_RM_FOREIGN_MAX; i++) {
		unmapped_ranges = 0;
		expect_rm(-L4_ENOENT);
		assert_int_equal(attach(&start), 0);
		assert_int_equal(l4re_rm_detach(start), L4RE_RM_DETACHED_DS);
	}
}

static void a_full_foreign_table_is_an_error_without_trace(void **state)
{
	void *start;

	(void)state;
	for (unsigned i = 0; i < L4RE_RM_FOREIGN_MAX; i++) {
		expect_rm(-L4_ENOENT);
		assert_int_equal(attach(&start), 0);
	}
	expect_rm(-L4_ENOENT);
	assert_int_equal(attach(&start), -L4_ENOMEM);
	assert_int_equal(rm_freed, 1);
	for (unsigned i = 0; i < L4RE_RM_FOREIGN_MAX; i++) {
		unmapped_ranges = 0;
		assert_int_equal(l4re_rm_detach((void *)0x403000), L4RE_RM_DETACHED_DS);
	}
}

/* --- Kernel-user memory --- */

static unsigned kumem_detached;

static long kumem_answer(struct message *m, struct wire_out *out)
{
	if (wire_get_u32(&m->in) == 1) {
		kumem_detached++;
		wire_put_word(out, 0x800000);
		wire_put_word(out, 0x1000);
		wire_put_word(out, L4_INVALID_CAP);
		return 0;
	}
	wire_get_word(&m->in);
	assert_int_equal(wire_get_word(&m->in), 0x4000);
	assert_true(wire_get_u32(&m->in) & L4RE_RM_F_KERNEL);
	wire_get_u64(&m->in);
	assert_int_equal(wire_get_u8(&m->in), 14);
	wire_put_word(out, 0x800000);
	return 0;
}

static void kernel_user_memory_that_the_kernel_refuses_leaves_nothing(void **state)
{
	l4_addr_t at = 0;

	(void)state;
	server = kumem_answer;
	kumem_detached = 0;
	assert_int_equal(l4re_util_kumem_alloc(&at, 2, L4_BASE_TASK_CAP, RM), 0);
	assert_int_equal(at, 0x800000);
	ku_mem_result = -L4_ENOMEM;
	assert_int_equal(l4re_util_kumem_alloc(&at, 2, L4_BASE_TASK_CAP, RM), -L4_ENOMEM);
	assert_int_equal(kumem_detached, 1);
	assert_int_equal(unmapped_ranges, 0);
	assert_int_equal(l4re_util_kumem_alloc(&at, 60, L4_BASE_TASK_CAP, RM), -L4_EINVAL);
}

/* --- Memory --- */

static long mem_answer(struct message *m, struct wire_out *out)
{
	struct wire_varg v;

	(void)out;
	assert_int_equal(m->object, MEM);
	assert_int_equal(m->label, L4_PROTO_FACTORY);
	assert_int_equal(wire_get_word(&m->in), L4RE_PROTO_DATASPACE);
	assert_true(wire_get_varg(&m->in, &v));
	assert_int_equal(v.type, L4_VARG_TYPE_MWORD);
	assert_int_equal(v.value, 0x12345);
	assert_true(wire_get_varg(&m->in, &v));
	assert_int_equal(v.value, L4RE_MA_CONTINUOUS);
	assert_true(wire_get_varg(&m->in, &v));
	assert_int_equal(v.value, 21);
	assert_int_equal(l4_utcb_br()->br[0], DS | L4_RCV_ITEM_SINGLE_CAP);
	return 0;
}

static void an_allocation_names_size_flags_and_alignment(void **state)
{
	(void)state;
	server = mem_answer;
	assert_int_equal(l4re_ma_alloc_align(0x12345, DS, L4RE_MA_CONTINUOUS, 21), 0);
}

/* --- Namespaces: NS resolves "a", what it returns "b", and so on --- */

static unsigned ns_calls, ns_busy;
static l4_cap_idx_t ns_object[8], ns_slot[8];
static char ns_name[8][32];

static long ns_answer(struct message *m, struct wire_out *out)
{
	const char *name, *slash;
	size_t n;

	wire_get_u32(&m->in);
	name = wire_get_array(&m->in, &n);
	ns_object[ns_calls] = m->object;
	ns_slot[ns_calls] = l4_utcb_br()->br[0] & L4_CAP_MASK;
	memcpy(ns_name[ns_calls], name, n);
	ns_name[ns_calls][n] = 0;
	slash = strchr(ns_name[ns_calls++], '/');
	if (ns_busy && ns_busy--)
		return -L4_EAGAIN;
	if (!strcmp(ns_name[ns_calls - 1], "missing"))
		return -L4_ENOENT;
	if (!slash)
		return 0;
	wire_put_u32(out, 0);
	wire_put_array(out, slash + 1, strlen(slash + 1));
	wire_put_item(out, 0x38, l4_fpage_invalid());
	return 0x20;
}

static void a_path_is_followed_without_overwriting_a_station(void **state)
{
	(void)state;
	server = ns_answer;
	ns_calls = 0;
	assert_int_equal(l4re_ns_query_srv(NS, "a/b/c", 0x90000), 0);
	assert_int_equal(ns_calls, 3);
	assert_string_equal(ns_name[1], "b/c");
	assert_string_equal(ns_name[2], "c");
	assert_int_equal(ns_object[0], NS);
	assert_int_equal(ns_slot[0], 0x90000);
	for (unsigned i = 1; i < 3; i++) {
		assert_int_equal(ns_object[i], ns_slot[i - 1]);
		assert_true(ns_object[i] != ns_slot[i]);
	}
	assert_int_equal(ns_slot[2], 0x90000);
}

static void a_path_that_breaks_off_leaves_the_slot_empty(void **state)
{
	(void)state;
	server = ns_answer;
	ns_calls = 0;
	assert_int_equal(l4re_ns_query_srv(NS, "a/missing", 0x90000), -L4_ENOENT);
	assert_int_equal(unmapped_objects, 2);
}

static void a_query_waits_for_the_object_but_not_for_ever(void **state)
{
	(void)state;
	server = ns_answer;
	ns_calls = 0;
	ns_busy = 3;
	assert_int_equal(l4re_ns_query_to_srv(NS, "late", 0x90000, 1000), 0);
	assert_int_equal(sleeps, 3);
	ns_calls = sleeps = 0;
	ns_busy = 8;
	assert_int_equal(l4re_ns_query_to_srv(NS, "late", 0x90000, 40), -L4_EAGAIN);
	assert_int_equal(sleeps, 3); /* 10, 20 and the last 10 milliseconds */
	ns_calls = sleeps = 0;
	assert_int_equal(l4re_ns_query_to_srv(NS, "late", 0x90000, 0), -L4_EAGAIN);
	assert_int_equal(sleeps, 0);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_region_is_mapped_piece_by_piece_without_gap),
		TEST(the_window_is_the_largest_aligned_piece),
		TEST(an_empty_or_wrapping_range_is_refused),
		TEST(a_dataspace_of_the_own_server_is_left_to_it),
		TEST(a_foreign_dataspace_is_mapped_as_a_whole),
		TEST(a_foreign_dataspace_that_fails_to_map_leaves_nothing),
		TEST(a_copy_of_a_foreign_dataspace_is_refused),
		TEST(a_reserved_region_has_no_dataspace),
		TEST(the_foreign_table_is_used_again),
		TEST(a_full_foreign_table_is_an_error_without_trace),
		TEST(kernel_user_memory_that_the_kernel_refuses_leaves_nothing),
		TEST(an_allocation_names_size_flags_and_alignment),
		TEST(a_path_is_followed_without_overwriting_a_station),
		TEST(a_path_that_breaks_off_leaves_the_slot_empty),
		TEST(a_query_waits_for_the_object_but_not_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
