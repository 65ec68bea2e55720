/* SPDX-License-Identifier: MIT */
/* Initial stacks: read back as a program's start-up code does it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include <l4/sys/err.h>
#include "loader/stack.h"

enum { BYTES = 4096 };

static unsigned char buffer[BYTES] __attribute__((aligned(16)));
static const char *const arguments[] = { "rom/hello", "a b", "" };
static const char *const variables[] = { "HOME=/", "X=1" };
static const struct loader_named_cap caps[] = { { "rom", { 0, 0 } },
						{ "jdb", { 0, 0 } },
						{ "sixteen_letters_", { 0, 0 } } };

static struct stack_input input(void)
{
	return (
	    struct stack_input){ .argc = 3,
				 .argv = arguments,
				 .envc = 2,
				 .envp = variables,
				 .cap_count = 3,
				 .caps = caps,
				 .env = { .parent = 0x13000, .first_free_cap = 0x18 },
				 .aux = { .kip_ds = 0x14000, .dbg_lvl = 2, .ldr_base = 0x400000 },
				 .headers = 0x400040,
				 .header_count = 9,
				 .kip = 0x6ffff000,
				 .random = "0123456789abcde" };
}

/* Build where it will be: then the addresses are those of the buffer. */
static uint64_t *build(const struct stack_input *in, size_t bytes)
{
	l4_addr_t sp = 0;

	memset(buffer, 0xee, sizeof(buffer));
	assert_int_equal(
	    0, stack_build(in, buffer + BYTES - bytes, bytes, (l4_addr_t)(buffer + BYTES), &sp));
	return (uint64_t *)sp;
}

static uint64_t *skip_vector(uint64_t *at)
{
	while (*at)
		at++;
	return at + 1;
}

static uint64_t aux_value(uint64_t *sp, uint64_t type)
{
	uint64_t *at = skip_vector(skip_vector(sp + 1));

	while (at[0] && at[0] != type)
		at += 2;
	return at[0] ? at[1] : ~0UL;
}

static void arguments_and_environment_are_there(void **state)
{
	struct stack_input in = input();
	uint64_t *sp = build(&in, BYTES);
	uint64_t *env = skip_vector(sp + 1);

	(void)state;
	assert_int_equal(0, (uintptr_t)sp % 16);
	assert_int_equal(3, sp[0]);
	for (int i = 0; i < 3; i++)
		assert_string_equal(arguments[i], (char *)sp[1 + i]);
	assert_int_equal(0, sp[4]);
	assert_string_equal("HOME=/", (char *)env[0]);
	assert_string_equal("X=1", (char *)env[1]);
	assert_int_equal(0, env[2]);
}

static void the_auxiliary_vector_tells_what_libc_needs(void **state)
{
	struct stack_input in = input();
	uint64_t *sp = build(&in, BYTES);
	l4re_aux_t *aux = (void *)aux_value(sp, STACK_AT_L4_AUX);

	(void)state;
	assert_int_equal(0x400040, aux_value(sp, STACK_AT_PHDR));
	assert_int_equal(56, aux_value(sp, STACK_AT_PHENT));
	assert_int_equal(9, aux_value(sp, STACK_AT_PHNUM));
	assert_int_equal(4096, aux_value(sp, STACK_AT_PAGESZ));
	assert_int_equal(0, aux_value(sp, STACK_AT_UID));
	assert_int_equal(0, aux_value(sp, STACK_AT_EGID));
	assert_int_equal(0x6ffff000, aux_value(sp, STACK_AT_L4_KIP));
	assert_string_equal("0123456789abcde", (char *)aux_value(sp, STACK_AT_RANDOM));
	assert_string_equal("rom/hello", aux->binary);
	assert_int_equal(0x14000, aux->kip_ds);
	assert_int_equal(2, aux->dbg_lvl);
	assert_int_equal(0x400000, aux->ldr_base);
	in.headers = 0;
	assert_int_equal(~0UL, aux_value(build(&in, BYTES), STACK_AT_PHDR));
}

static void capabilities_are_listed_with_their_slots(void **state)
{
	struct stack_input in = input();
	l4re_env_t *env = (void *)aux_value(build(&in, BYTES), STACK_AT_L4_ENV);
	const l4re_env_cap_entry_t *table = env->caps;

	(void)state;
	assert_int_equal(0x13000, env->parent);
	assert_int_equal(0x18, env->first_free_cap);
	assert_string_equal("rom", table[0].name);
	assert_int_equal(0x16000, table[0].cap);
	assert_string_equal("jdb", table[1].name);
	assert_int_equal(0x0a000, table[1].cap);
	assert_memory_equal("sixteen_letters_", table[2].name, 16);
	assert_int_equal(0x17000, table[2].cap);
	assert_int_equal(~0UL, table[3].flags);
	assert_int_equal(0x18, stack_cap_slot(caps, 3, 3));
}

static void a_buffer_that_is_too_small_stays_as_it_is(void **state)
{
	struct stack_input in = input();
	size_t needed = stack_bytes(&in);
	l4_addr_t sp = 1;

	(void)state;
	build(&in, needed);
	for (size_t i = 0; i < BYTES - needed; i++)
		assert_int_equal(0xee, buffer[i]);
	memset(buffer, 0xee, sizeof(buffer));
	assert_int_equal(-L4_E2BIG, stack_build(&in, buffer, needed - 16, 0x1000, &sp));
	assert_int_equal(1, sp);
	for (size_t i = 0; i < BYTES; i++)
		assert_int_equal(0xee, buffer[i]);
}

static void a_program_without_anything_has_a_stack_too(void **state)
{
	struct stack_input in = { 0 };
	uint64_t *sp = build(&in, stack_bytes(&in));
	l4re_env_t *env = (void *)aux_value(sp, STACK_AT_L4_ENV);

	(void)state;
	assert_int_equal(0, sp[0]);
	assert_int_equal(0, sp[1]);
	assert_int_equal(0, sp[2]);
	assert_int_equal(~0UL, env->caps[0].flags);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arguments_and_environment_are_there),
		cmocka_unit_test(the_auxiliary_vector_tells_what_libc_needs),
		cmocka_unit_test(capabilities_are_listed_with_their_slots),
		cmocka_unit_test(a_buffer_that_is_too_small_stays_as_it_is),
		cmocka_unit_test(a_program_without_anything_has_a_stack_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
