/* SPDX-License-Identifier: MIT */
/* Extended state of a vCPU in GDB's registers. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "vmm/gdb_extended.h"

enum { ALL = EXTENDED_X87 | EXTENDED_SSE | EXTENDED_AVX };

static struct extended e;
static struct gdb_registers r;

/* As the processor saves it: the top of the stack is physical register 6. */
static void start(void)
{
	static const uint8_t one[10] = { [7] = 0x80, [8] = 0xff, [9] = 0x3f };
	static const uint8_t infinite[10] = { [7] = 0x80, [8] = 0xff, [9] = 0xff };

	memset(&e, 0, sizeof(e));
	memset(&r, 0, sizeof(r));
	e.parts = ALL;
	e.status = 6 << 11;
	e.tags = 0xc1;
	memcpy(e.st[0], one, sizeof(one));	     /* register 6 */
	memcpy(e.st[2], infinite, sizeof(infinite)); /* register 0; 7 is 0 */
	e.mxcsr = 0x1f80;
	e.mxcsr_mask = 0xffff;
	e.opcode = 0x123;
	memset(e.xmm[15], 0xab, sizeof(e.xmm[15]));
	memset(e.ymm_high[0], 0xcd, sizeof(e.ymm_high[0]));
}

static void what_there_is_is_shown(void **state)
{
	(void)state;
	start();
	extended_get(&e, &r);
	for (unsigned i = 0; i < GDB_REGISTERS; i++)
		assert_int_equal(extended_has(i), r.known[i]);
	assert_true(r.values[GDB_ST0] == ((gdb_value)0x3fff << 64 | 1UL << 63));
	assert_true(r.values[GDB_XMM0 + 15] >> 120 == 0xab && (uint8_t)r.values[GDB_YMM0H] == 0xcd);
	assert_true(r.values[GDB_MXCSR] == 0x1f80 && r.values[GDB_FOP] == 0x123);
	memset(&r, 0, sizeof(r));
	e.parts = EXTENDED_X87 | EXTENDED_SSE;
	extended_get(&e, &r);
	assert_true(r.known[GDB_XMM0] && !r.known[GDB_YMM0H]);
	memset(&r, 0, sizeof(r));
	e.parts = 0;
	extended_get(&e, &r);
	assert_false(r.known[GDB_ST0] || r.known[GDB_XMM0] || r.known[GDB_MXCSR]);
}

static void tags_follow_from_what_registers_have(void **state)
{
	(void)state;
	start();
	extended_get(&e, &r);
	assert_int_equal(0x4ffe, (uint32_t)r.values[GDB_FTAG]); /* 7 zero, 6 valid, 0 special */
	e.st[0][7] = 0;						/* no leading bit */
	extended_get(&e, &r);
	assert_int_equal(0x6ffe, (uint32_t)r.values[GDB_FTAG]);
}

static void what_is_set_is_found_again(void **state)
{
	struct gdb_registers again = { 0 };

	(void)state;
	start();
	extended_get(&e, &r);
	for (unsigned i = 0; i < 8; i++)
		r.values[GDB_ST0 + i] = (gdb_value)(0x4000 + i) << 64 | 1UL << 63 | i;
	r.values[GDB_FTAG] = 0x3ffc;
	r.values[GDB_FSTAT] = 0;
	r.values[GDB_FCTRL] = 0x27f;
	for (unsigned i = 0; i < EXTENDED_REGISTERS; i++)
		r.values[GDB_XMM0 + i] = r.values[GDB_YMM0H + i] = (gdb_value)i << 100 | i;
	r.values[GDB_MXCSR] = 0x1fbf;
	extended_set(&e, &r);
	assert_int_equal(0x81, e.tags);
	extended_get(&e, &again);
	assert_memory_equal(r.values, again.values, sizeof(r.values));
}

static void nothing_is_set_that_cannot_be_loaded(void **state)
{
	struct extended before;

	(void)state;
	start();
	before = e;
	extended_set(&e, &r); /* nothing is known */
	assert_memory_equal(&before, &e, sizeof(e));
	memset(&r, 0xff, sizeof(r));
	for (unsigned i = 0; i < GDB_REGISTERS; i++)
		r.known[i] = true;
	extended_set(&e, &r);
	assert_int_equal(0xffff, e.mxcsr);
	assert_int_equal(0x7ff, e.opcode);
	assert_int_equal(0, e.tags);
	assert_int_equal(0, e.st[7][10]);
	assert_true(!e.reserved && e.present == before.present && e.parts == ALL);
	e.mxcsr_mask = 0;
	extended_set(&e, &r);
	assert_int_equal(0xffbf, e.mxcsr);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_there_is_is_shown),
		cmocka_unit_test(tags_follow_from_what_registers_have),
		cmocka_unit_test(what_is_set_is_found_again),
		cmocka_unit_test(nothing_is_set_that_cannot_be_loaded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
