/* SPDX-License-Identifier: MIT */
/* Promises of the recognition of I/O instructions (Intel SDM vol. 2: IN, OUT, INS, OUTS). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "core/insn_io.h"
#include "core/memory.h"
#include "mm/mapdb.h"
#include "obj/thread.h"

/* --- Stand-ins: two pages of user memory with code, followed by none --- */

enum { CODE_PAGES = 2 };
#define CODE_START 0x400000UL

static u8 code_page[CODE_PAGES][PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
static bool code_is_ram;

bool space_lookup(struct space *s, uaddr_t va, phys_t *pa, unsigned *order, u8 *rights)
{
	u64 off = va.v - CODE_START;

	(void)s;
	*order = PAGE_SHIFT;
	*rights = MAP_R | MAP_X;
	/* The pages lie apart, and in reverse order. */
	*pa = phys((u64)code_page[CODE_PAGES - 1 - off / PAGE_SIZE % CODE_PAGES] + off % PAGE_SIZE);
	return off < sizeof(code_page);
}

bool phys_is_ram(phys_t pa)
{
	(void)pa;
	return code_is_ram;
}

void *phys_to_virt(phys_t pa)
{
	return (void *)pa.v;
}

/* --- Parsing --- */

static bool parse(const u8 *code, unsigned len, unsigned *port, unsigned *bytes)
{
	u8 *copy = malloc(len ? len : 1);
	bool ok;

	memcpy(copy, code, len);
	ok = insn_io_parse(copy, len, 0x1234, port, bytes);
	free(copy);
	return ok;
}

/* prefix (0: none), opcode, and the number of the port after it. */
static void expect(u8 prefix, u8 op, unsigned want_port, unsigned want_bytes)
{
	u8 code[3] = { prefix, op, 0x71 };
	unsigned port = ~0u, bytes = ~0u;
	const u8 *start = prefix ? code : code + 1;

	assert_true(parse(start, (unsigned)(code + 3 - start), &port, &bytes));
	assert_int_equal(port, want_port);
	assert_int_equal(bytes, want_bytes);
}

static void port_is_immediate_or_in_dx(void **state)
{
	(void)state;
	expect(0, 0xe4, 0x71, 1); /* in al, imm8 */
	expect(0, 0xe5, 0x71, 4);
	expect(0, 0xe6, 0x71, 1); /* out imm8, al */
	expect(0, 0xe7, 0x71, 4);
	expect(0, 0xec, 0x1234, 1); /* in al, dx */
	expect(0, 0xed, 0x1234, 4);
	expect(0, 0xee, 0x1234, 1); /* out dx, al */
	expect(0, 0xef, 0x1234, 4);
	expect(0, 0x6c, 0x1234, 1); /* insb */
	expect(0, 0x6d, 0x1234, 4);
	expect(0, 0x6e, 0x1234, 1); /* outsb */
	expect(0, 0x6f, 0x1234, 4);
}

static void operand_size_prefix_makes_words(void **state)
{
	(void)state;
	for (unsigned op = 0xe4; op <= 0xe7; op++)
		expect(0x66, (u8)op, 0x71, op & 1 ? 2 : 1);
	for (unsigned op = 0xec; op <= 0xef; op++)
		expect(0x66, (u8)op, 0x1234, op & 1 ? 2 : 1);
	for (unsigned op = 0x6c; op <= 0x6f; op++)
		expect(0x66, (u8)op, 0x1234, op & 1 ? 2 : 1);
}

static void other_prefixes_change_nothing(void **state)
{
	static const u8 prefixes[] = { 0x67, 0xf2, 0xf3, 0x2e, 0x36, 0x3e,
				       0x26, 0x64, 0x65, 0x40, 0x44, 0x4f };
	u8 many[] = { 0xf3, 0x66, 0x67, 0x65, 0x40, 0x6f };
	unsigned port, bytes;

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(prefixes); i++)
		expect(prefixes[i], 0xed, 0x1234, 4);
	assert_true(parse(many, sizeof(many), &port, &bytes));
	assert_int_equal(bytes, 2);
}

/* One-byte opcodes that are I/O; everything else is not. */
static void no_other_instruction_is_io(void **state)
{
	(void)state;
	for (unsigned op = 0; op < 256; op++) {
		u8 code[15] = { (u8)op };
		unsigned port, bytes;
		bool io = (op >= 0xe4 && op <= 0xe7) || (op >= 0xec && op <= 0xef) ||
			  (op >= 0x6c && op <= 0x6f);

		assert_int_equal(parse(code, sizeof(code), &port, &bytes), io);
		code[0] = 0x0f; /* and no two-byte opcode */
		code[1] = (u8)op;
		assert_false(parse(code, sizeof(code), &port, &bytes));
	}
}

static void cut_instructions_are_not_read_beyond(void **state)
{
	u8 in[] = { 0x66, 0xe4 }, prefixes[15];
	unsigned port, bytes;

	(void)state;
	assert_false(parse(in, 0, &port, &bytes));
	assert_false(parse(in, 1, &port, &bytes));
	assert_false(parse(in, 2, &port, &bytes));
	memset(prefixes, 0x66, sizeof(prefixes));
	assert_false(parse(prefixes, sizeof(prefixes), &port, &bytes));
}

/* --- Through the address space --- */

static struct thread thread;

static bool decode(u64 at, const u8 *code, unsigned len, unsigned *port, unsigned *bytes)
{
	for (unsigned i = 0; i < len && at + i < CODE_START + sizeof(code_page); i++) {
		u64 off = at + i - CODE_START;

		code_page[CODE_PAGES - 1 - off / PAGE_SIZE][off % PAGE_SIZE] = code[i];
	}
	thread.regs.rip = at;
	thread.regs.rdx = 0xabcd03f8;
	return insn_io_decode(&thread, port, bytes);
}

static void instruction_may_cross_pages(void **state)
{
	static const u8 out[] = { 0xf3, 0x66, 0xe7, 0x80 };
	unsigned port, bytes;

	(void)state;
	code_is_ram = true;
	for (u64 back = 0; back <= sizeof(out); back++) {
		assert_true(decode(CODE_START + PAGE_SIZE - back, out, sizeof(out), &port, &bytes));
		assert_int_equal(port, 0x80);
		assert_int_equal(bytes, 2);
	}
}

static void memory_may_end_behind_it(void **state)
{
	static const u8 out[] = { 0x66, 0xef };
	unsigned port, bytes;
	u64 end = CODE_START + sizeof(code_page);

	(void)state;
	code_is_ram = true;
	assert_true(decode(end - 2, out, 2, &port, &bytes));
	assert_int_equal(port, 0x3f8);
	assert_false(decode(end - 1, out, 2, &port, &bytes));
	assert_false(decode(end, out, 2, &port, &bytes));
}

/* To read device memory could have an effect. */
static void code_in_device_memory_is_not_read(void **state)
{
	static const u8 out[] = { 0xef };
	unsigned port, bytes;

	(void)state;
	code_is_ram = false;
	assert_false(decode(CODE_START, out, 1, &port, &bytes));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(port_is_immediate_or_in_dx),
		cmocka_unit_test(operand_size_prefix_makes_words),
		cmocka_unit_test(other_prefixes_change_nothing),
		cmocka_unit_test(no_other_instruction_is_io),
		cmocka_unit_test(cut_instructions_are_not_read_beyond),
		cmocka_unit_test(instruction_may_cross_pages),
		cmocka_unit_test(memory_may_end_behind_it),
		cmocka_unit_test(code_in_device_memory_is_not_read),
	};

	return cmocka_run_group_tests_name("insn_io", tests, NULL, NULL);
}
