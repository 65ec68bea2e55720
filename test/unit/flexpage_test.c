/* SPDX-License-Identifier: MIT */
/* Promises of flexpage decoding; matching of item and window is compared with a brute-force model.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <l4/sys/types.h>
#include "core/flexpage.h"

/* Where a buffer register's words are: exactly as many as there are, so that a read beyond them
 * is seen. */
static bool decode(const u64 *words, unsigned n, unsigned at, struct rcv_buffer *b)
{
	u64 *br = malloc(n * 8 + 1);
	bool ok;

	for (unsigned i = 0; i < n; i++)
		br[i] = words[i];
	ok = rcv_buffer_decode(br, n, at, b);
	free(br);
	return ok;
}

static void memory_flexpages_are_in_bytes(void **state)
{
	struct fpage f = fpage_decode(l4_fpage(0x12345678000, 14, L4_FPAGE_RW).raw);

	(void)state;
	assert_int_equal(f.type, FPAGE_MEM);
	assert_int_equal(f.order, 14);
	assert_int_equal(f.rights, L4_FPAGE_RW);
	assert_int_equal(f.base, 0x12345678000);
	f = fpage_decode(l4_fpage(0xffff800000000000, 12, L4_FPAGE_RWX).raw);
	assert_int_equal(f.base, 0xffff800000000000);
}

static void ports_and_capabilities_are_in_numbers(void **state)
{
	struct fpage f = fpage_decode(l4_iofpage(0x3f8, 3).raw);

	(void)state;
	assert_int_equal(f.type, FPAGE_IO);
	assert_int_equal(f.base, 0x3f8);
	assert_int_equal(f.order, 3);
	f = fpage_decode(l4_obj_fpage(0x1234UL << L4_CAP_SHIFT, 1, L4_CAP_FPAGE_RWSD).raw);
	assert_int_equal(f.type, FPAGE_OBJ);
	assert_int_equal(f.base, 0x1234);
	assert_int_equal(f.order, 1);
	assert_int_equal(f.rights, L4_CAP_FPAGE_RWSD);
}

/* Bits of the address below the order do not count. */
static void base_is_aligned_to_the_order(void **state)
{
	(void)state;
	for (unsigned type = FPAGE_MEM; type <= FPAGE_OBJ; type++)
		for (u64 order = 0; order < 64; order++) {
			struct fpage f = fpage_decode(~0xfffULL | order << 6 | type << 4 | 5);

			assert_int_equal(f.type, type);
			assert_int_equal(f.order, order);
			assert_int_equal(f.rights, 5);
			assert_int_equal(order < 63 ? f.base & ((1ULL << order) - 1) : f.base, 0);
		}
}

static void everything_is_special_of_order_63(void **state)
{
	(void)state;
	assert_true(fpage_is_all(l4_fpage_all().raw));
	assert_true(fpage_is_all(FPAGE_ALL));
	assert_int_equal(fpage_decode(l4_fpage_all().raw).base, 0);
	assert_false(fpage_is_all(l4_fpage_invalid().raw));
	assert_false(fpage_is_all(l4_fpage(0, 63, 15).raw));
}

static void send_items_have_attributes_and_hot_spot(void **state)
{
	struct snd_item i = { 0x7654321a8 | 8 | 2, l4_fpage(0x400000, 21, L4_FPAGE_RX).raw };

	(void)state;
	assert_true(item_grants(i));
	assert_int_equal(item_attributes(i), 0xa0);
	assert_int_equal(item_hot_spot(i, fpage_type(i.fpage)), 0x765432000);
	i = (struct snd_item){ 0x42008, l4_obj_fpage(0x10UL << L4_CAP_SHIFT, 0, 4).raw };
	assert_false(item_grants(i));
	assert_int_equal(item_hot_spot(i, fpage_type(i.fpage)), 0x42);
}

static void plain_buffer_takes_two_words(void **state)
{
	u64 br[] = { 8, l4_fpage(0x8000, 13, 0).raw };
	struct rcv_buffer b;

	(void)state;
	assert_true(decode(br, 2, 0, &b));
	assert_int_equal(b.words, 2);
	assert_false(b.forward || b.small || b.local_id);
	assert_int_equal(b.window, br[1]);
	assert_false(decode(br, 1, 0, &b));
}

static void small_buffer_is_one_capability(void **state)
{
	u64 br[] = { 0x21000 | 8 | 4 | 2 };
	struct rcv_buffer b;

	(void)state;
	assert_true(decode(br, 1, 0, &b));
	assert_int_equal(b.words, 1);
	assert_true(b.small && b.local_id && !b.forward);
	assert_int_equal(b.window, l4_obj_fpage(0x21UL << L4_CAP_SHIFT, 0, 15).raw);
}

/* A forwarded item is not for the receiver itself: it cannot be a local label. */
static void forwarding_names_a_task_in_the_last_word(void **state)
{
	u64 small[] = { 0x21000 | 8 | 4 | 2 | 1, 0x7000 };
	u64 plain[] = { 8 | 1, l4_fpage(0x8000, 12, 0).raw, 0x9000 };
	struct rcv_buffer b;

	(void)state;
	assert_true(decode(small, 2, 0, &b));
	assert_int_equal(b.words, 2);
	assert_int_equal(b.task_sel, 0x7000);
	assert_true(b.forward && !b.local_id);
	assert_false(decode(small, 1, 0, &b));
	assert_true(decode(plain, 3, 0, &b));
	assert_int_equal(b.words, 3);
	assert_int_equal(b.task_sel, 0x9000);
	assert_false(decode(plain, 2, 0, &b));
}

static void void_buffer_is_no_buffer(void **state)
{
	u64 br[] = { 8, 0, 0, 7 };
	struct rcv_buffer b;

	(void)state;
	assert_false(decode(br, 4, 2, &b));
	assert_false(decode(br, 4, 3, &b));
	assert_false(decode(br, 4, 4, &b));
	assert_false(decode(br, 4, ~0u, &b));
	assert_false(decode(br, 0, 0, &b));
}

/*
 * The model works on sets of units. The hot spot is a position: within the window (modulo its
 * size) it says where a smaller item lands, as a block of the item's size; within the item it says
 * which part of it, of the window's size, a smaller window gets.
 */
static void check_match(struct fpage s, struct fpage w, u64 hot)
{
	u64 snd = 1ULL << s.order, rcv = 1ULL << w.order, from, to, want_from, want_to;
	u8 order, want_order;

	if (rcv >= snd) {
		want_order = s.order;
		want_from = s.base;
		want_to = w.base + hot % rcv / snd * snd;
	} else {
		want_order = w.order;
		want_from = s.base + hot % snd / rcv * rcv;
		want_to = w.base;
	}
	fpage_match(s, w, hot, &from, &to, &order);
	assert_int_equal(order, want_order);
	assert_int_equal(from, want_from);
	assert_int_equal(to, want_to);
	assert_true(from >= s.base && from + (1ULL << order) <= s.base + snd);
	assert_true(to >= w.base && to + (1ULL << order) <= w.base + rcv);
}

static void hot_spot_chooses_the_place(void **state)
{
	(void)state;
	for (u8 so = 0; so < 6; so++)
		for (u8 wo = 0; wo < 6; wo++)
			for (u64 hot = 0; hot < 70; hot++) {
				struct fpage s = { 64, FPAGE_OBJ, so, 15 };
				struct fpage w = { 192, FPAGE_OBJ, wo, 15 };

				check_match(s, w, hot);
				check_match(s, w, ~hot);
			}
}

static void matching_holds_for_all_orders(void **state)
{
	(void)state;
	srandom(1);
	for (unsigned n = 0; n < 200000; n++) {
		u64 hot = (u64)random() << 33 ^ (u64)random() << 12 ^ (u64)random();
		u64 a = (u64)random() << 33 ^ (u64)random() << 5, b = ~a << 7;
		u8 so = (u8)(random() % 63), wo = (u8)(random() % 63);
		struct fpage s = { align_down(a, 1ULL << so), FPAGE_MEM, so, 7 };
		struct fpage w = { align_down(b, 1ULL << wo), FPAGE_MEM, wo, 7 };

		if (s.base + ((1ULL << so) - 1) == ~0ULL || w.base + ((1ULL << wo) - 1) == ~0ULL)
			continue; /* the model's own sums would overflow */
		check_match(s, w, hot);
	}
}

static void window_of_everything_takes_the_hot_spot(void **state)
{
	struct fpage all = fpage_decode(l4_fpage_all().raw);
	struct fpage s = { 0x5000, FPAGE_MEM, 12, 7 };
	u64 from, to;
	u8 order;

	(void)state;
	fpage_match(s, all, 0x7654321fff, &from, &to, &order);
	assert_int_equal(order, 12);
	assert_int_equal(from, 0x5000);
	assert_int_equal(to, 0x7654321000);
	fpage_match(all, all, 0x7654321000, &from, &to, &order);
	assert_int_equal(order, FPAGE_ALL_ORDER);
	assert_int_equal(from, 0);
	assert_int_equal(to, 0);
	fpage_match(all, s, 0x7654321fff, &from, &to, &order);
	assert_int_equal(order, 12);
	assert_int_equal(from, 0x7654321000);
	assert_int_equal(to, 0x5000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_flexpages_are_in_bytes),
		cmocka_unit_test(ports_and_capabilities_are_in_numbers),
		cmocka_unit_test(base_is_aligned_to_the_order),
		cmocka_unit_test(everything_is_special_of_order_63),
		cmocka_unit_test(send_items_have_attributes_and_hot_spot),
		cmocka_unit_test(plain_buffer_takes_two_words),
		cmocka_unit_test(small_buffer_is_one_capability),
		cmocka_unit_test(forwarding_names_a_task_in_the_last_word),
		cmocka_unit_test(void_buffer_is_no_buffer),
		cmocka_unit_test(hot_spot_chooses_the_place),
		cmocka_unit_test(matching_holds_for_all_orders),
		cmocka_unit_test(window_of_everything_takes_the_hot_spot),
	};

	return cmocka_run_group_tests_name("flexpage", tests, NULL, NULL);
}
