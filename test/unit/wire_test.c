/* SPDX-License-Identifier: MIT */
/* Promises of the wire format library: layout, alignment, failing closed, items as received. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <l4/sys/err.h>
#include <l4/sys/factory.h>
#include <l4/sys/ipc.h>
#include "wire/wire.h"

static l4_utcb_t utcb;
struct recorded_call recorded;

l4_utcb_t *l4_utcb_wrap(void)
{
	return &utcb;
}

l4_msgtag_t record_call(l4_umword_t selector, l4_utcb_t *u, l4_umword_t slabel, l4_msgtag_t tag,
			l4_umword_t *rlabel, l4_timeout_t timeout)
{
	(void)slabel;
	(void)rlabel;
	recorded.selector = selector;
	recorded.tag = tag;
	recorded.timeout = timeout;
	recorded.utcb = *u;
	recorded.count++;
	memcpy(u->mr.mr, recorded.answer_mr, sizeof(recorded.answer_mr));
	return recorded.answer;
}

static int setup(void **state)
{
	(void)state;
	memset(&utcb, 0xa5, sizeof(utcb));
	memset(&recorded, 0, sizeof(recorded));
	return 0;
}

static const char *bytes(void)
{
	return (const char *)utcb.mr.mr;
}

/* --- Writing --- */

static void values_are_aligned_to_their_size(void **state)
{
	struct wire_out o = { 0 };
	l4_uint32_t u32;
	l4_uint16_t u16;

	(void)state;
	wire_put_u8(&o, 0x11);
	wire_put_u16(&o, 0x2233);
	wire_put_u8(&o, 0x44);
	wire_put_u32(&o, 0x55667788);
	wire_put_u8(&o, 0x99);
	wire_put_u64(&o, 0xaabbccdd00112233);
	memcpy(&u16, bytes() + 2, 2);
	memcpy(&u32, bytes() + 8, 4);
	assert_int_equal(bytes()[0], 0x11);
	assert_int_equal(u16, 0x2233);
	assert_int_equal(bytes()[4], 0x44);
	assert_int_equal(u32, 0x55667788);
	assert_int_equal(utcb.mr.mr[2], 0xaabbccdd00112233);
	assert_int_equal(o.bytes, 24);
	assert_false(o.failed);
}

static void gaps_are_cleared(void **state)
{
	struct wire_out o = { 0 };

	(void)state;
	wire_put_u8(&o, 1);
	wire_put_u64(&o, 2);
	assert_int_equal(utcb.mr.mr[0], 1);
}

/* The message of Rm::attach, with the dataspace as item. */
static void an_attach_request_has_the_documented_layout(void **state)
{
	struct wire_out o = { 0 };
	l4_uint32_t flags;
	l4_msgtag_t tag;

	(void)state;
	wire_put_u32(&o, 0);
	wire_put_word(&o, 0x1000);
	wire_put_word(&o, 0x2000);
	wire_put_u32(&o, 0x20007);
	wire_put_u64(&o, 0x3000);
	wire_put_u8(&o, 12);
	wire_put_word(&o, 0x16000);
	wire_put_string(&o, "abc");
	wire_put_u64(&o, 0x99);
	wire_put_cap(&o, 0x16000, L4_CAP_FPAGE_RW);
	tag = wire_tag(&o, 0x4005);
	memcpy(&flags, bytes() + 24, 4);
	assert_int_equal(utcb.mr.mr[1], 0x1000);
	assert_int_equal(utcb.mr.mr[2], 0x2000);
	assert_int_equal(flags, 0x20007);
	assert_int_equal(utcb.mr.mr[4], 0x3000);
	assert_int_equal(bytes()[40], 12);
	assert_int_equal(utcb.mr.mr[6], 0x16000);
	assert_int_equal(utcb.mr.mr[7], 4);
	assert_string_equal(bytes() + 64, "abc");
	assert_int_equal(utcb.mr.mr[9], 0x99);
	assert_int_equal(utcb.mr.mr[10], L4_ITEM_MAP);
	assert_int_equal(utcb.mr.mr[11], l4_obj_fpage(0x16000, 0, L4_CAP_FPAGE_RW).raw);
	assert_int_equal(l4_msgtag_words(tag), 10);
	assert_int_equal(l4_msgtag_items(tag), 1);
	assert_int_equal(l4_msgtag_label(tag), 0x4005);
}

static void a_value_that_does_not_fit_is_sticky_and_changes_nothing(void **state)
{
	struct wire_out o = { 0 };
	char block[WIRE_MAX_BYTES - 4] = { 0 };
	l4_utcb_t before;

	(void)state;
	wire_put_bytes(&o, block, sizeof(block));
	before = utcb;
	wire_put_word(&o, 1);
	assert_true(o.failed);
	wire_put_u8(&o, 1);
	wire_put_cap(&o, 0x1000, L4_CAP_FPAGE_RW);
	assert_true(o.failed);
	assert_memory_equal(&before, &utcb, sizeof(utcb));
	assert_int_equal(wire_tag(&o, 5).raw, l4_msgtag(5, 0, 0, 0).raw);
}

static void a_length_near_the_end_of_the_numbers_does_not_wrap(void **state)
{
	struct wire_out o = { 0 };

	(void)state;
	wire_put_u8(&o, 1);
	wire_put_bytes(&o, bytes(), SIZE_MAX);
	assert_true(o.failed);
}

static void the_last_byte_and_the_last_item_fit(void **state)
{
	struct wire_out o = { 0 }, p = { 0 };
	char block[WIRE_MAX_BYTES] = { 0 };

	(void)state;
	wire_put_bytes(&o, block, sizeof(block));
	assert_false(o.failed);
	assert_int_equal(l4_msgtag_words(wire_tag(&o, 0)), 63);
	wire_put_bytes(&p, block, 61 * 8);
	wire_put_cap(&p, 0x1000, L4_CAP_FPAGE_RO);
	assert_false(p.failed);
	wire_put_cap(&p, 0x1000, L4_CAP_FPAGE_RO);
	assert_true(p.failed);
	assert_int_equal(utcb.self, 0xa5a5a5a5a5a5a5a5);
}

static void no_value_follows_an_item(void **state)
{
	struct wire_out o = { 0 };

	(void)state;
	wire_put_u32(&o, 1);
	wire_put_cap(&o, 0x1000, L4_CAP_FPAGE_RO);
	wire_put_u32(&o, 1);
	assert_true(o.failed);
}

static void an_invalid_capability_is_a_void_item(void **state)
{
	struct wire_out o = { 0 };

	(void)state;
	wire_put_cap(&o, L4_INVALID_CAP, L4_CAP_FPAGE_RWS);
	assert_int_equal(o.items, 1);
	assert_int_equal(utcb.mr.mr[0], 0);
}

static void extended_rights_are_in_the_first_word_of_an_item(void **state)
{
	struct wire_out o = { 0 };

	(void)state;
	wire_put_cap(&o, 0x5000, L4_CAP_FPAGE_RWS | L4_FPAGE_C_OBJ_RIGHT1);
	assert_int_equal(utcb.mr.mr[0], L4_ITEM_MAP | L4_FPAGE_C_OBJ_RIGHT1);
	assert_int_equal(utcb.mr.mr[1], l4_obj_fpage(0x5000, 0, L4_CAP_FPAGE_RWS).raw);
}

/* --- Reading --- */

static void what_is_written_is_read(void **state)
{
	static const unsigned char odd[3] = { 1, 2, 3 };
	struct wire_out o = { 0 };
	struct wire_in in;
	size_t n;

	(void)state;
	wire_put_u8(&o, 7);
	wire_put_u16(&o, 8);
	wire_put_u32(&o, 9);
	wire_put_array(&o, odd, sizeof(odd));
	wire_put_string(&o, "text");
	wire_put_u64(&o, ~0UL);
	in = wire_in_init(wire_tag(&o, 0));
	assert_int_equal(wire_get_u8(&in), 7);
	assert_int_equal(wire_get_u16(&in), 8);
	assert_int_equal(wire_get_u32(&in), 9);
	assert_memory_equal(wire_get_array(&in, &n), odd, sizeof(odd));
	assert_int_equal(n, sizeof(odd));
	assert_string_equal(wire_get_string(&in), "text");
	assert_int_equal(wire_get_u64(&in), ~0UL);
	assert_false(in.failed);
	assert_int_equal(in.bytes, in.end);
}

static void a_missing_value_is_zero_and_sticky(void **state)
{
	struct wire_in in = wire_in_init(l4_msgtag(0, 1, 0, 0));

	(void)state;
	assert_int_equal(wire_get_u32(&in), 0xa5a5a5a5);
	assert_int_equal(wire_get_u64(&in), 0);
	assert_true(in.failed);
	assert_int_equal(wire_get_u32(&in), 0);
	assert_int_equal(wire_get_string(&in)[0], 0);
	assert_int_equal(wire_get_cap(&in).kind, WIRE_NOTHING);
}

static void an_optional_value_is_asked_for_without_failing(void **state)
{
	struct wire_in in = wire_in_init(l4_msgtag(0, 1, 0, 0));

	(void)state;
	wire_get_u8(&in);
	assert_true(wire_has(&in, 4, 4));
	assert_false(wire_has(&in, 8, 8));
	assert_false(wire_has(&in, SIZE_MAX, 1));
	assert_false(in.failed);
}

static void an_array_longer_than_the_message_is_not_there(void **state)
{
	static const l4_umword_t bad[] = { 9, 16, 504, SIZE_MAX, SIZE_MAX - 7 };
	size_t n;

	(void)state;
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct wire_in in = wire_in_init(l4_msgtag(0, 2, 0, 0));

		utcb.mr.mr[0] = bad[i];
		assert_null(wire_get_array(&in, &n));
		assert_int_equal(n, 0);
		assert_true(in.failed);
	}
}

static void a_string_ends_with_nul_whatever_was_sent(void **state)
{
	struct wire_in in = wire_in_init(l4_msgtag(0, 2, 0, 0));

	(void)state;
	utcb.mr.mr[0] = 8;
	memcpy(&utcb.mr.mr[1], "abcdefgh", 8);
	assert_string_equal(wire_get_string(&in), "abcdefg");
	assert_false(in.failed);
}

static void a_string_of_length_zero_is_refused(void **state)
{
	struct wire_in in = wire_in_init(l4_msgtag(0, 2, 0, 0));

	(void)state;
	utcb.mr.mr[0] = 0;
	assert_string_equal(wire_get_string(&in), "");
	assert_true(in.failed);
}

static void a_tag_with_more_than_63_words_is_refused(void **state)
{
	struct wire_in in = wire_in_init(l4_msgtag(0, 62, 1, 0));

	(void)state;
	assert_int_equal(wire_get_word(&in), 0);
	assert_true(in.failed);
}

/* --- Variable arguments --- */

static void variable_arguments_come_back_with_type_and_length(void **state)
{
	struct wire_out o = { 0 };
	struct wire_varg v;
	struct wire_in in;

	(void)state;
	wire_put_varg_string(&o, "name");
	wire_put_varg_int(&o, -5);
	wire_put_varg_uint(&o, 6);
	wire_put_varg_fpage(&o, l4_fpage_all());
	assert_int_equal(utcb.mr.mr[0], L4_VARG_TYPE_STRING | 5 << 16);
	assert_int_equal(utcb.mr.mr[2], L4_VARG_TYPE_MWORD | 8 << 16);
	in = wire_in_init(wire_tag(&o, L4_PROTO_FACTORY));
	assert_true(wire_get_varg(&in, &v));
	assert_int_equal(v.type, L4_VARG_TYPE_STRING);
	assert_int_equal(v.length, 5);
	assert_string_equal(v.data, "name");
	assert_true(wire_get_varg(&in, &v));
	assert_int_equal(v.type, L4_VARG_TYPE_MWORD);
	assert_int_equal((l4_mword_t)v.value, -5);
	assert_true(wire_get_varg(&in, &v));
	assert_int_equal(v.value, 6);
	assert_true(wire_get_varg(&in, &v));
	assert_int_equal(v.value, l4_fpage_all().raw);
	assert_false(wire_get_varg(&in, &v));
	assert_false(in.failed);
}

static void an_empty_argument_ends_the_list(void **state)
{
	struct wire_in in = wire_in_init(l4_msgtag(0, 3, 0, 0));
	struct wire_varg v;

	(void)state;
	utcb.mr.mr[0] = 0;
	utcb.mr.mr[1] = L4_VARG_TYPE_UMWORD | 8 << 16;
	assert_false(wire_get_varg(&in, &v));
	assert_false(wire_get_varg(&in, &v));
	assert_false(in.failed);
}

static void a_variable_argument_that_lies_about_its_length_is_refused(void **state)
{
	static const l4_umword_t bad[] = { L4_VARG_TYPE_UMWORD | 4 << 16,
					   L4_VARG_TYPE_STRING | 17 << 16,
					   L4_VARG_TYPE_STRING | 0xffffUL << 16,
					   L4_VARG_TYPE_STRING | 1UL << 32, ~0UL };

	(void)state;
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct wire_in in = wire_in_init(l4_msgtag(0, 3, 0, 0));
		struct wire_varg v;

		utcb.mr.mr[0] = bad[i];
		assert_false(wire_get_varg(&in, &v));
		assert_true(in.failed);
		assert_int_equal(v.length, 0);
		assert_non_null(v.data);
	}
}

/* --- Items --- */

static struct wire_item receive(struct wire_in *in, l4_umword_t w0, l4_umword_t w1)
{
	utcb.mr.mr[in->item_at] = w0;
	utcb.mr.mr[in->item_at + 1] = w1;
	return wire_get_item(in);
}

static void items_are_told_apart(void **state)
{
	struct wire_in in = wire_in_init(l4_msgtag(0, 1, 6, 0));
	struct wire_item i;

	(void)state;
	i = receive(&in, 0x38, 0);
	assert_int_equal(i.kind, WIRE_CAP);
	assert_int_equal(i.buffer, 0);
	i = receive(&in, 0x3c, 0x12343);
	assert_int_equal(i.kind, WIRE_OWN_LABEL);
	assert_int_equal(i.label, 0x12340);
	assert_int_equal(i.rights, L4_CAP_FPAGE_W | L4_CAP_FPAGE_S);
	i = receive(&in, 0x3e, 0x77035);
	assert_int_equal(i.kind, WIRE_LOCAL);
	assert_int_equal(i.fpage.raw, 0x77035);
	assert_int_equal(receive(&in, 0, 0).kind, WIRE_NOTHING);
	assert_int_equal(receive(&in, 0x3a, 0).kind, WIRE_NOTHING);
	i = receive(&in, 0x1018 | 13 << 6, 0);
	assert_int_equal(i.kind, WIRE_MEMORY);
	assert_int_equal(i.order, 13);
	assert_false(in.failed);
	assert_int_equal(wire_get_item(&in).kind, WIRE_NOTHING);
	assert_true(in.failed);
}

static void a_capability_names_its_receive_buffer(void **state)
{
	struct wire_in in = wire_in_init(l4_msgtag(0, 0, 6, 0));

	(void)state;
	receive(&in, 0, 0);					    /* void: uses no buffer */
	assert_int_equal(receive(&in, 0x3a, 0).kind, WIRE_NOTHING); /* empty slot: uses one */
	assert_int_equal(receive(&in, 0x3c, 0).kind, WIRE_OWN_LABEL);
	assert_int_equal(receive(&in, 0x39, 0).buffer, 2); /* continued: the same buffer again */
	assert_int_equal(receive(&in, 0x38, 0).buffer, 2);
	assert_int_equal(receive(&in, 0x38, 0).buffer, 3);
}

static void memory_is_no_capability(void **state)
{
	struct wire_in in = wire_in_init(l4_msgtag(0, 0, 1, 0));

	(void)state;
	utcb.mr.mr[0] = 0x318;
	utcb.mr.mr[1] = 0;
	assert_int_equal(wire_get_cap(&in).kind, WIRE_NOTHING);
	assert_true(in.failed);
}

/* --- Calling --- */

static void a_call_returns_the_label_and_the_values(void **state)
{
	struct wire_out o = { 0 };
	struct wire_in in;

	(void)state;
	recorded.answer = l4_msgtag(32, 1, 0, 0);
	recorded.answer_mr[0] = 77;
	wire_put_u32(&o, 3);
	wire_expect_cap(0x9000);
	assert_int_equal(wire_call(0x4000, &o, 0x4001, &in), 32);
	assert_int_equal(wire_get_word(&in), 77);
	assert_int_equal(recorded.tag.raw, l4_msgtag(0x4001, 1, 0, 0).raw);
	assert_int_equal(recorded.selector & L4_CAP_MASK, 0x4000);
	assert_int_equal(recorded.utcb.br.bdr, 0);
	assert_int_equal(recorded.utcb.br.br[0], 0x9000 | L4_RCV_ITEM_SINGLE_CAP);
	assert_int_equal(recorded.utcb.br.br[1], 0);
}

static void a_window_is_the_two_words_of_a_receive_buffer(void **state)
{
	(void)state;
	wire_expect_fpage(l4_fpage(0x400000, 16, L4_FPAGE_RWX));
	assert_int_equal(utcb.br.br[0], L4_ITEM_MAP);
	assert_int_equal(utcb.br.br[1], l4_fpage(0x400000, 16, L4_FPAGE_RWX).raw);
	assert_int_equal(utcb.br.br[2], 0);
	wire_expect_nothing();
	assert_int_equal(utcb.br.br[0], 0);
}

static void an_ipc_error_becomes_an_error_number(void **state)
{
	struct wire_out o = { 0 };
	struct wire_in in;

	(void)state;
	recorded.answer = l4_msgtag(0, 0, 0, L4_MSGTAG_ERROR);
	utcb.tcr.error = L4_IPC_ENOT_EXISTENT;
	assert_int_equal(wire_call(0x4000, &o, 1, &in), -L4_EIPC_LO - L4_IPC_ENOT_EXISTENT);
	assert_int_equal(wire_get_word(&in), 0);
	assert_true(in.failed);
}

static void a_message_that_does_not_fit_is_not_sent(void **state)
{
	struct wire_out o = { .failed = true };
	struct wire_in in;

	(void)state;
	assert_int_equal(wire_call(0x4000, &o, 1, &in), -L4_EMSGTOOLONG);
	assert_int_equal(recorded.count, 0);
	assert_true(in.failed);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(values_are_aligned_to_their_size),
		TEST(gaps_are_cleared),
		TEST(an_attach_request_has_the_documented_layout),
		TEST(a_value_that_does_not_fit_is_sticky_and_changes_nothing),
		TEST(a_length_near_the_end_of_the_numbers_does_not_wrap),
		TEST(the_last_byte_and_the_last_item_fit),
		TEST(no_value_follows_an_item),
		TEST(an_invalid_capability_is_a_void_item),
		TEST(extended_rights_are_in_the_first_word_of_an_item),
		TEST(what_is_written_is_read),
		TEST(a_missing_value_is_zero_and_sticky),
		TEST(an_optional_value_is_asked_for_without_failing),
		TEST(an_array_longer_than_the_message_is_not_there),
		TEST(a_string_ends_with_nul_whatever_was_sent),
		TEST(a_string_of_length_zero_is_refused),
		TEST(a_tag_with_more_than_63_words_is_refused),
		TEST(variable_arguments_come_back_with_type_and_length),
		TEST(an_empty_argument_ends_the_list),
		TEST(a_variable_argument_that_lies_about_its_length_is_refused),
		TEST(items_are_told_apart),
		TEST(a_capability_names_its_receive_buffer),
		TEST(memory_is_no_capability),
		TEST(a_call_returns_the_label_and_the_values),
		TEST(a_window_is_the_two_words_of_a_receive_buffer),
		TEST(an_ipc_error_becomes_an_error_number),
		TEST(a_message_that_does_not_fit_is_not_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
