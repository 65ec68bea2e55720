/* SPDX-License-Identifier: MIT */
/* User mode's questions for the processor's tables get Linux's answers, where they want them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "shim/spoof.h"

enum { IP = 0x401000, BYTES = 15, CR0 = 0x80050033 };

#define GDT "\0\0\0\0\xfe\xff\xff\xff\xff\xff"
#define IDT "\0\0\0\0\xff\xff\xff\xff\xff\xff"

static struct spoof_caller process;
static l4_vcpu_regs_t regs;
static struct spoof_store store;

static int begin(void **state)
{
	(void)state;
	process = (struct spoof_caller){ .wide = true, .fs_base = 0x500000, .gs_base = 0x600000 };
	regs = (l4_vcpu_regs_t){ .ax = 0x1000,
				 .cx = 0x2000,
				 .dx = 0x3000,
				 .bx = 0x4000,
				 .sp = 0x5000,
				 .bp = 0x6000,
				 .si = 0x7000,
				 .di = 0x8000,
				 .r8 = 0x9000,
				 .r12 = 0xa000,
				 .r13 = 0xb000,
				 .r15 = 0xc000,
				 .ip = IP };
	return 0;
}

static int begin_narrow(void **state)
{
	begin(state);
	process.wide = false;
	process.flat = true;
	return 0;
}

/* The bytes of one instruction; what is behind them is something else. */
#define RUN(...)     run((const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }))
#define REFUSED(...) assert_false(RUN(__VA_ARGS__))
/* An instruction that stores: where, and what. */
#define STORED(at, what, ...)                                       \
	do {                                                        \
		assert_true(RUN(__VA_ARGS__));                      \
		assert_int_equal(at, store.address);                \
		assert_int_equal(sizeof(what) - 1, store.bytes);    \
		assert_memory_equal(what, store.data, store.bytes); \
	} while (0)

static bool run(const uint8_t *code, unsigned length)
{
	uint8_t bytes[BYTES];
	l4_vcpu_regs_t before = regs;
	bool answered;

	memset(bytes, 0x90, sizeof(bytes));
	memcpy(bytes, code, length);
	answered = spoof(&process, &regs, bytes, sizeof(bytes), &store);
	if (!answered || store.bytes)
		assert_memory_equal(&before, &regs, sizeof(regs));
	if (answered)
		assert_int_equal(IP + length, store.behind);
	return answered;
}

static void tables_are_stored_at_the_end_of_memory(void **state)
{
	(void)state;
	STORED(0x1000, GDT, 0x0f, 0x01, 0x00); /* sgdt [rax] */
	STORED(0x8000, IDT, 0x0f, 0x01, 0x0f); /* sidt [rdi] */
}

static void the_kernel_gets_its_own_table_wherever_it_wants_it(void **state)
{
	(void)state;
	process.gdt_base = 0x1234567890000;
	process.gdt_limit = 0x7f;
	STORED(0x1000, GDT, 0x0f, 0x01, 0x00); /* no process gets it */
	process.kernel = true;
	STORED(0x1000, "\x7f\0\0\0\x89\x67\x45\x23\x01\0", 0x0f, 0x01, 0x00);
	STORED(0x8000, IDT, 0x0f, 0x01, 0x0f);
	regs.ax = 0xffffc900007d3e5e;
	STORED(0xffffc900007d3e5e, "\x7f\0\0\0\x89\x67\x45\x23\x01\0", 0x0f, 0x01, 0x00);
	process.kernel = false;
	REFUSED(0x0f, 0x01, 0x00);
}

static void values_go_to_registers_of_each_width(void **state)
{
	(void)state;
	regs.ax = regs.r15 = regs.cx = ~0UL;
	assert_true(RUN(0x0f, 0x01, 0xe0)); /* smsw eax */
	assert_int_equal(CR0, regs.ax);
	assert_int_equal(0, store.bytes);
	assert_true(RUN(0x49, 0x0f, 0x01, 0xe7)); /* smsw r15 */
	assert_int_equal(CR0, regs.r15);
	assert_true(RUN(0x66, 0x0f, 0x01, 0xe1)); /* smsw cx */
	assert_int_equal(0xffffffffffff0033UL, regs.cx);
	assert_true(RUN(0x0f, 0x00, 0xc9)); /* str ecx */
	assert_int_equal(0x40, regs.cx);
	assert_true(RUN(0x0f, 0x00, 0xc0)); /* sldt eax */
	assert_int_equal(0, regs.ax);
	process.ldt = true;
	assert_true(RUN(0x0f, 0x00, 0xc4)); /* sldt esp */
	assert_int_equal(0x50, regs.sp);
}

static void values_in_memory_are_two_bytes(void **state)
{
	(void)state;
	STORED(0x1000, "\x33\x00", 0x48, 0x0f, 0x01, 0x20); /* smsw [rax] */
	STORED(0x1000, "\x40\x00", 0x0f, 0x00, 0x08);	    /* str [rax] */
	STORED(0x1000, "\x00\x00", 0x0f, 0x00, 0x00);	    /* sldt [rax] */
}

static void operands_are_found_in_each_way(void **state)
{
	(void)state;
	STORED(0xffd, GDT, 0x0f, 0x01, 0x40, 0xfd);			 /* [rax - 3] */
	STORED(0x13000, GDT, 0x0f, 0x01, 0x82, 0x00, 0x00, 0x01, 0x00);	 /* [rdx + 0x10000] */
	STORED(IP + 7 + 0x100, GDT, 0x0f, 0x01, 0x05, 0x00, 0x01, 0, 0); /* [rip + 0x100] */
	STORED(0x5008, GDT, 0x0f, 0x01, 0x44, 0x24, 0x08);		 /* [rsp + 8] */
	STORED(0x4000 + 4 * 0x7000, GDT, 0x0f, 0x01, 0x04, 0xb3);	 /* [rbx + rsi * 4] */
	STORED(0x9000 + 8 * 0xa000, GDT, 0x43, 0x0f, 0x01, 0x04, 0xe0);	 /* [r8 + r12 * 8] */
	STORED(0xa000, GDT, 0x41, 0x0f, 0x01, 0x04, 0x24);		 /* [r12] */
	STORED(0xb001, GDT, 0x41, 0x0f, 0x01, 0x45, 0x01);		 /* [r13 + 1] */
	STORED(0x1234, GDT, 0x0f, 0x01, 0x04, 0x25, 0x34, 0x12, 0, 0);	 /* [0x1234] */
	STORED(2 * 0x8000 + 16, GDT, 0x0f, 0x01, 0x04, 0x7d, 16, 0, 0, 0);
	STORED(0x501000, GDT, 0x64, 0x0f, 0x01, 0x00);		   /* fs:[rax] */
	STORED(0x601000, GDT, 0x65, 0x0f, 0x01, 0x00);		   /* gs:[rax] */
	STORED(0x601000, GDT, 0x64, 0x65, 0x2e, 0x0f, 0x01, 0x00); /* only gs: counts */
	regs.ax = 0x100001000;
	STORED(0x1000, GDT, 0x67, 0x0f, 0x01, 0x00); /* [eax] */
}

static void code_of_32_bits_has_short_bases_and_addresses(void **state)
{
	(void)state;
	STORED(0x1000, "\0\0\0\0\xfe\xff", 0x0f, 0x01, 0x00);
	STORED(0x1234, "\0\0\0\0\xff\xff", 0x0f, 0x01, 0x0d, 0x34, 0x12, 0, 0); /* [0x1234] */
	STORED(0xfffffff0, "\x33\x00", 0x0f, 0x01, 0x25, 0xf0, 0xff, 0xff, 0xff);
	STORED(0x501000, "\x33\x00", 0x64, 0x0f, 0x01, 0x20);
	STORED(0x1000, "\x33\x00", 0x64, 0x3e, 0x0f, 0x01, 0x20); /* ds: is the last one */
	REFUSED(0x2e, 0x0f, 0x01, 0x20);			  /* code */
	regs.ax = 0xffffffff;
	STORED(0x3fff, "\x33\x00", 0x0f, 0x01, 0x24, 0x03 | 0 << 3); /* [ebx + eax] */
	assert_true(RUN(0x0f, 0x01, 0xe0));
	assert_int_equal(CR0, regs.ax);
	REFUSED(0x67, 0x0f, 0x01, 0x00); /* an address of 16 bits */
	process.flat = false;
	REFUSED(0x0f, 0x01, 0x00);
	STORED(0x603000, "\x33\x00", 0x65, 0x0f, 0x01, 0x22);
}

static void other_instructions_are_left_alone(void **state)
{
	(void)state;
	REFUSED(0x0f, 0x01, 0x10);	 /* lgdt */
	REFUSED(0x0f, 0x01, 0x18);	 /* lidt */
	REFUSED(0x0f, 0x01, 0x30);	 /* lmsw [rax] */
	REFUSED(0x0f, 0x01, 0xf0);	 /* lmsw ax */
	REFUSED(0x0f, 0x01, 0x38);	 /* invlpg */
	REFUSED(0x0f, 0x01, 0xc8);	 /* monitor */
	REFUSED(0x0f, 0x01, 0xc1);	 /* vmcall */
	REFUSED(0x0f, 0x01, 0xd0);	 /* xgetbv */
	REFUSED(0x0f, 0x00, 0x10);	 /* lldt */
	REFUSED(0x0f, 0x00, 0x18);	 /* ltr */
	REFUSED(0xf0, 0x0f, 0x01, 0x00); /* lock */
	REFUSED(0x01, 0x00);		 /* add */
	REFUSED(0xf4);
	assert_false(spoof(&process, &regs, (const uint8_t[]){ 0x0f, 0x01 }, 2, &store));
}

static void the_kernels_half_is_nowhere(void **state)
{
	(void)state;
	regs.ax = 0xffff888000000000UL;
	REFUSED(0x0f, 0x01, 0x00);
	regs.ax = 0x800000000000UL;
	REFUSED(0x0f, 0x01, 0x20);
	regs.ax = 0x7fffffffeff0UL;
	STORED(0x7fffffffeff0UL, GDT, 0x0f, 0x01, 0x00);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(tables_are_stored_at_the_end_of_memory, begin),
		cmocka_unit_test_setup(the_kernel_gets_its_own_table_wherever_it_wants_it, begin),
		cmocka_unit_test_setup(values_go_to_registers_of_each_width, begin),
		cmocka_unit_test_setup(values_in_memory_are_two_bytes, begin),
		cmocka_unit_test_setup(operands_are_found_in_each_way, begin),
		cmocka_unit_test_setup(code_of_32_bits_has_short_bases_and_addresses, begin_narrow),
		cmocka_unit_test_setup(other_instructions_are_left_alone, begin),
		cmocka_unit_test_setup(the_kernels_half_is_nowhere, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
