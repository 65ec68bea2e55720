/* SPDX-License-Identifier: MIT */
/* Privileged instructions of a guest's kernel are carried out, all others are left alone. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "shim/emulate.h"
#include "unit/host/processor_fake.h"

static const struct guest_start start;
static struct machine machine = { .start = &start };
static struct vcpu vcpu;
static l4_vcpu_regs_t regs;

enum { IP = 0x1000 };

static int begin(void **state)
{
	(void)state;
	fake_xcr0 = 0x602e7;
	vcpu = (struct vcpu){ .machine = &machine };
	policy_reset(&vcpu);
	regs = (l4_vcpu_regs_t){ .ip = IP, .fs_base = 0x500, .gs_base = 0x600 };
	return 0;
}

/* The bytes of one instruction; what is behind them is something else. */
#define RUN(...) run((const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }))

static enum emulate_result run(const uint8_t *code, unsigned length)
{
	uint8_t bytes[INSTRUCTION_BYTES_MAX];
	enum emulate_result result;

	memset(bytes, 0x90, sizeof(bytes));
	memcpy(bytes, code, length);
	regs.ip = IP;
	result = emulate(&vcpu, &regs, bytes, sizeof(bytes));
	assert_int_equal(result == EMULATE_REFUSED ? IP : IP + length, regs.ip);
	return result;
}

static void control_registers_go_to_and_from_any_register(void **state)
{
	(void)state;
	assert_int_equal(EMULATE_DONE, RUN(0x0f, 0x20, 0xc0)); /* mov cr0, rax */
	assert_int_equal(POLICY_CR0, regs.ax);
	assert_int_equal(EMULATE_DONE, RUN(0x41, 0x0f, 0x20, 0xe7)); /* mov cr4, r15 */
	assert_int_equal(0x40620, regs.r15);
	regs.r8 = POLICY_CR0 | 8;
	assert_int_equal(EMULATE_DONE, RUN(0x41, 0x0f, 0x22, 0xc0)); /* mov r8, cr0 */
	assert_int_equal(POLICY_CR0 | 8, vcpu.cr0);
	assert_int_equal(EMULATE_DONE, RUN(0x0f, 0x06)); /* clts */
	assert_int_equal(POLICY_CR0, vcpu.cr0);
	regs.sp = 0x40624;
	assert_int_equal(EMULATE_DONE, RUN(0x0f, 0x22, 0xe4)); /* mov rsp, cr4 */
	assert_int_equal(0x40624, vcpu.cr4);
	assert_int_equal(EMULATE_DONE, RUN(0x44, 0x0f, 0x20, 0xc3)); /* mov cr8, rbx */
	assert_int_equal(0, regs.bx);
	assert_int_equal(EMULATE_REFUSED, RUN(0x0f, 0x20, 0xd8)); /* mov cr3, rax */
	assert_int_equal(5, (int)vcpu.counters.emulated - 1);
}

static void registers_of_the_model_are_read_and_written(void **state)
{
	(void)state;
	regs.cx = 0xdead0000c0000080UL; /* the upper half is ignored */
	regs.ax = regs.dx = ~0UL;
	assert_int_equal(EMULATE_DONE, RUN(0x0f, 0x32)); /* rdmsr */
	assert_int_equal(0xd01, regs.ax);
	assert_int_equal(0, regs.dx);
	regs.cx = 0xc0000101;
	regs.ax = 0xaaaaaaaa83000000UL;
	regs.dx = 0xbbbbbbbbffffffffUL;
	assert_int_equal(EMULATE_DONE, RUN(0x0f, 0x30)); /* wrmsr */
	assert_int_equal(0xffffffff83000000UL, vcpu.gs_kernel);
	assert_int_equal(0xffffffff83000000UL, regs.gs_base);
	assert_int_equal(0x500, regs.fs_base);
	regs.cx = 0x48;
	assert_int_equal(EMULATE_REFUSED, RUN(0x0f, 0x30));
	assert_int_equal(EMULATE_REFUSED, RUN(0x0f, 0x32));
	assert_int_equal(0xaaaaaaaa83000000UL, regs.ax);
}

static void bases_read_as_the_processor_has_them(void **state)
{
	(void)state;
	vcpu.gs_kernel = 1; /* a load of the selector has changed it since */
	regs.cx = 0xc0000101;
	assert_int_equal(EMULATE_DONE, RUN(0x0f, 0x32));
	assert_int_equal(0x600, regs.ax);
	regs.cx = 0xc0000100;
	assert_int_equal(EMULATE_DONE, RUN(0x0f, 0x32));
	assert_int_equal(0x500, regs.ax);
}

static void cpuid_is_answered_behind_its_prefix(void **state)
{
	(void)state;
	regs.ax = 0x40000000;
	regs.cx = 0;
	assert_int_equal(EMULATE_DONE, RUN(0x0f, 0x0b, 'x', 'e', 'n', 0x0f, 0xa2));
	assert_int_equal(0x566e6558, regs.bx);
	regs.ax = 0x40000000;
	assert_int_equal(EMULATE_DONE, RUN(0x0f, 0xa2)); /* if it ever faults */
	assert_int_equal(0x566e6558, regs.bx);
	assert_int_equal(EMULATE_REFUSED, RUN(0x0f, 0x0b, 'x', 'e', 'n', 0x0f, 0xa3));
	assert_int_equal(EMULATE_REFUSED, RUN(0x0f, 0x0b)); /* ud2: BUG() */
}

static void extended_control_register_is_the_guests_own(void **state)
{
	(void)state;
	regs.cx = 0;
	regs.ax = 7;
	regs.dx = 0;
	assert_int_equal(EMULATE_DONE, RUN(0x0f, 0x01, 0xd1)); /* xsetbv */
	assert_int_equal(7, vcpu.xcr0);
	regs.ax = 5;
	assert_int_equal(EMULATE_REFUSED, RUN(0x0f, 0x01, 0xd1));
	regs.ax = 7;
	regs.cx = 1;
	assert_int_equal(EMULATE_REFUSED, RUN(0x0f, 0x01, 0xd1));
	regs.cx = 0;
	assert_int_equal(EMULATE_REFUSED, RUN(0x0f, 0x01, 0xd0)); /* xgetbv */
	assert_int_equal(EMULATE_REFUSED, RUN(0x0f, 0x01, 0xca)); /* clac */
	assert_int_equal(EMULATE_REFUSED, RUN(0x0f, 0x01, 0xf8)); /* swapgs */
	assert_int_equal(EMULATE_REFUSED, RUN(0x0f, 0x01, 0x11)); /* lgdt */
}

static void ports_have_nothing_behind_them(void **state)
{
	(void)state;
	regs.ax = 0x1122334455667788UL;
	regs.dx = 0xcf8;
	assert_int_equal(EMULATE_DONE, RUN(0xec)); /* in al, dx */
	assert_int_equal(0x11223344556677ffUL, regs.ax);
	assert_int_equal(EMULATE_DONE, RUN(0x66, 0xed)); /* in ax, dx */
	assert_int_equal(0x112233445566ffffUL, regs.ax);
	assert_int_equal(EMULATE_DONE, RUN(0xe5, 0x70)); /* in eax, 0x70 */
	assert_int_equal(0xffffffffUL, regs.ax);
	assert_int_equal(EMULATE_DONE, RUN(0xe4, 0x42)); /* in al, 0x42 */
	assert_int_equal(0xffffff00UL, regs.ax);
	assert_int_equal(EMULATE_DONE, RUN(0x66, 0xe7, 0x80)); /* out 0x80, ax */
	assert_int_equal(EMULATE_DONE, RUN(0xee));
	assert_int_equal(0xffffff00UL, regs.ax);
}

static void interrupt_flag_and_caches_are_no_affair_of_the_guest(void **state)
{
	l4_vcpu_regs_t before = regs;

	(void)state;
	assert_int_equal(EMULATE_DONE, RUN(0xfa));
	assert_int_equal(EMULATE_DONE, RUN(0xfb));
	assert_int_equal(EMULATE_DONE, RUN(0x0f, 0x09));
	assert_int_equal(EMULATE_HALT, RUN(0xf4));
	regs.ip = before.ip;
	assert_memory_equal(&before, &regs, sizeof(regs));
}

static void other_instructions_keep_their_fault(void **state)
{
	(void)state;
	assert_int_equal(EMULATE_REFUSED, RUN(0x0f, 0x08));		/* invd */
	assert_int_equal(EMULATE_REFUSED, RUN(0x0f, 0x33));		/* rdpmc */
	assert_int_equal(EMULATE_REFUSED, RUN(0x0f, 0x23, 0xc0));	/* mov rax, dr0 */
	assert_int_equal(EMULATE_REFUSED, RUN(0xf0, 0x0f, 0x30));	/* lock wrmsr */
	assert_int_equal(EMULATE_REFUSED, RUN(0x48, 0x89, 0x00));	/* mov [rax], rax */
	assert_int_equal(EMULATE_REFUSED, RUN(0xc5, 0xf8, 0x30, 0xc0)); /* not wrmsr: vector */
}

static void an_instruction_that_ends_too_early_is_none(void **state)
{
	static const uint8_t mov[] = { 0x41, 0x0f, 0x22, 0xc0 };

	(void)state;
	for (unsigned n = 0; n < sizeof(mov); n++)
		assert_int_equal(EMULATE_REFUSED, emulate(&vcpu, &regs, mov, n));
	assert_int_equal(EMULATE_DONE, emulate(&vcpu, &regs, mov, sizeof(mov)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(control_registers_go_to_and_from_any_register, begin),
		cmocka_unit_test_setup(registers_of_the_model_are_read_and_written, begin),
		cmocka_unit_test_setup(bases_read_as_the_processor_has_them, begin),
		cmocka_unit_test_setup(cpuid_is_answered_behind_its_prefix, begin),
		cmocka_unit_test_setup(extended_control_register_is_the_guests_own, begin),
		cmocka_unit_test_setup(ports_have_nothing_behind_them, begin),
		cmocka_unit_test_setup(interrupt_flag_and_caches_are_no_affair_of_the_guest, begin),
		cmocka_unit_test_setup(other_instructions_keep_their_fault, begin),
		cmocka_unit_test_setup(an_instruction_that_ends_too_early_is_none, begin),
	};

	return cmocka_run_group_tests_name("guest_emulate", tests, NULL, NULL);
}
