/* SPDX-License-Identifier: MIT */
/* The console ring and its last lines; the arguments of vmm. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "vmm/console.h"
#include "vmm/options.h"

static struct xen_console_ring ring;

/* Output as a guest writes it. */
static void guest_writes(const char *text)
{
	while (*text)
		ring.out[ring.out_prod++ % XEN_CONSOLE_OUT_BYTES] = *text++;
}

static void output_is_taken_in_order(void **state)
{
	char got[16];

	(void)state;
	memset(&ring, 0, sizeof(ring));
	ring.out_cons = ring.out_prod = UINT32_MAX - 3; /* the indices wrap */
	guest_writes("hello world");
	assert_int_equal(console_take(&ring, got, 5), 5);
	assert_memory_equal(got, "hello", 5);
	assert_int_equal(console_take(&ring, got, sizeof(got)), 6);
	assert_memory_equal(got, " world", 6);
	assert_int_equal(console_take(&ring, got, sizeof(got)), 0);
	assert_int_equal(ring.out_cons, ring.out_prod);
}

static void input_is_put_as_far_as_there_is_room(void **state)
{
	char text[XEN_CONSOLE_IN_BYTES + 8];

	(void)state;
	memset(&ring, 0, sizeof(ring));
	memset(text, 'i', sizeof(text));
	ring.in_cons = ring.in_prod = UINT32_MAX - 1;
	assert_int_equal(console_put(&ring, "ab", 2), 2);
	assert_int_equal(ring.in[XEN_CONSOLE_IN_BYTES - 2], 'a');
	assert_int_equal(console_put(&ring, text, sizeof(text)), XEN_CONSOLE_IN_BYTES - 2);
	assert_int_equal(ring.in_prod - ring.in_cons, XEN_CONSOLE_IN_BYTES);
	assert_int_equal(console_put(&ring, "c", 1), 0);
	assert_int_equal(console_room(&ring), 0);
	ring.in_cons += 5;
	assert_int_equal(console_room(&ring), 5);
	assert_int_equal(ring.in[XEN_CONSOLE_IN_BYTES - 1], 'b');
}

static void wrong_indices_lose_text_and_nothing_else(void **state)
{
	static const uint32_t wrong[] = { XEN_CONSOLE_OUT_BYTES + 1, 1U << 31, UINT32_MAX };
	char got[4096];

	(void)state;
	for (unsigned i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		memset(&ring, 0, sizeof(ring));
		ring.out_prod = wrong[i];
		assert_int_equal(console_take(&ring, got, sizeof(got)), 0);
		guest_writes("later");
		assert_int_equal(console_take(&ring, got, sizeof(got)), 5);
		ring.in_cons = ring.in_prod - wrong[i];
		assert_int_equal(console_room(&ring), 0);
		assert_int_equal(console_put(&ring, "x", 1), 0);
	}
}

static struct console_tail tail;

static void tail_has(unsigned lines, const char *want)
{
	char got[CONSOLE_TAIL_BYTES + 1];

	assert_int_equal(console_tail_lines(&tail, lines, got, sizeof(got)), strlen(want));
	assert_string_equal(got, want);
}

static void the_last_lines_are_kept(void **state)
{
	(void)state;
	tail.end = 0;
	tail_has(3, "");
	console_tail_add(&tail, "one\ntwo\nthree", 13);
	tail_has(3, "one\ntwo\nthree");
	tail_has(2, "two\nthree");
	tail_has(1, "three");
	console_tail_add(&tail, "\n", 1);
	tail_has(1, "three\n");
	tail_has(9, "one\ntwo\nthree\n");
}

static void a_full_tail_begins_with_a_whole_line(void **state)
{
	char got[CONSOLE_TAIL_BYTES + 1], small[8];

	(void)state;
	tail.end = 0;
	for (unsigned i = 0; i < CONSOLE_TAIL_BYTES; i++)
		console_tail_add(&tail, "line\n", 5);
	assert_true(console_tail_lines(&tail, 2000, got, sizeof(got)) > CONSOLE_TAIL_BYTES - 10);
	assert_memory_equal(got, "line\nline\n", 10);
	assert_int_equal(console_tail_lines(&tail, 9, small, sizeof(small)), 5);
	assert_string_equal(small, "line\n");
}

/* --- Arguments --- */

static struct options options;

static bool read_options(const char *a, const char *b, const char *c, const char *d)
{
	char *arguments[] = { "vmm", (char *)a, (char *)b, (char *)c, (char *)d };
	int count = 1;

	while (count < 5 && arguments[count])
		count++;
	return options_read(count, arguments, &options);
}

static void arguments_are_read(void **state)
{
	(void)state;
	assert_true(read_options("kernel=rom/vmlinuz", NULL, NULL, NULL));
	assert_string_equal(options.name, "linux");
	assert_int_equal(options.vcpus, 1);
	assert_true(!options.ramdisk && !*options.command_line && options.patch && options.reboot);
	assert_true(read_options("kernel=k", "mem=129", "vcpus=4", "cpus=0xc"));
	assert_int_equal(options.memory, 130UL << 20);
	assert_int_equal(options.vcpus, 4);
	assert_int_equal(options.cpus, 0xc);
	assert_true(read_options("kernel=k", "patch=off", "reboot=end", "initrd=rom/i"));
	assert_false(options.crash);
	assert_true(!options.patch && !options.reboot);
	assert_string_equal(options.ramdisk, "rom/i");
}

static void the_command_line_comes_in_parts(void **state)
{
	(void)state;
	assert_true(
	    read_options("cmdline=console=hvc0", "kernel=k", "cmdline=quiet init=/x", NULL));
	assert_string_equal(options.command_line, "console=hvc0 quiet init=/x");
	assert_true(read_options("kernel=k", "--", "console=hvc0", "name=x"));
	assert_string_equal(options.command_line, "console=hvc0 name=x");
	assert_string_equal(options.name, "linux");
}

static void wrong_arguments_are_named(void **state)
{
	static const char *const wrong[] = { "mem=1",	 "mem=12x",    "mem=",	  "vcpus=0",
					     "vcpus=33", "patch=yes",  "cpus=0",  "name=",
					     "prio=256", "colour=red", "verbose", "vcpus=-1" };
	char line[1100] = "cmdline=";

	(void)state;
	assert_false(read_options("mem=64", NULL, NULL, NULL));
	assert_non_null(strstr(options.message, "kernel="));
	for (unsigned i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		assert_false(read_options("kernel=k", wrong[i], NULL, NULL));
		assert_non_null(strstr(options.message, wrong[i]));
	}
	memset(line + 8, 'c', 1023);
	assert_true(read_options("kernel=k", line, NULL, NULL));
	line[8 + 1023] = 'c';
	assert_false(read_options("kernel=k", line, NULL, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(output_is_taken_in_order),
		cmocka_unit_test(input_is_put_as_far_as_there_is_room),
		cmocka_unit_test(wrong_indices_lose_text_and_nothing_else),
		cmocka_unit_test(the_last_lines_are_kept),
		cmocka_unit_test(a_full_tail_begins_with_a_whole_line),
		cmocka_unit_test(arguments_are_read),
		cmocka_unit_test(the_command_line_comes_in_parts),
		cmocka_unit_test(wrong_arguments_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
