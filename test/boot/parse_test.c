/* SPDX-License-Identifier: MIT */
/* Host test: the parsers of the boot stage (ELF, cpio, options) accept what is right and survive
 * what is not. usage: parse_test DIR, with DIR as built by test/boot/test.mk. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <l4/sys/err.h>

#include "cpio.h"
#include "elf64.h"
#include "options.h"

#define FILE_MAX  (4 << 20)
#define SPAN_MAX  (1 << 20)
#define MUTATIONS 20000

static const char *directory;

struct file {
	uint8_t *data;
	size_t size;
};

static struct file read_file(const char *name)
{
	struct file f = { malloc(FILE_MAX), 0 };
	char path[4096];
	FILE *in;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	in = fopen(path, "rb");
	assert_non_null(in);
	f.size = fread(f.data, 1, FILE_MAX, in);
	fclose(in);
	f.data = realloc(f.data, f.size); /* exact, so that the sanitizer sees overruns */
	return f;
}

/* Load into a buffer of exactly the size that was announced. */
static void load(const struct elf_image *image, uint64_t address)
{
	uint64_t span = image->end - image->start;
	uint8_t *memory = malloc(span);

	memset(memory, 0xaa, span);
	elf_load(image, memory, address);
	free(memory);
}

static void fixed_program_is_accepted(void **state)
{
	struct file f = read_file("sigma0");
	struct elf_image image;

	(void)state;
	assert_null(elf_parse(f.data, f.size, &image));
	assert_false(image.relocatable);
	assert_int_equal(image.start, 0x100000);
	assert_int_equal(image.end % 4096, 0);
	load(&image, image.start);
	free(f.data);
}

static void relocations_follow_the_address(void **state)
{
	struct file f = read_file("root.pie");
	struct elf_image image;
	uint64_t record[4];
	uint8_t *memory;

	(void)state;
	assert_null(elf_parse(f.data, f.size, &image));
	assert_true(image.relocatable);
	assert_int_equal(image.relas, 3);
	memory = malloc(image.end - image.start);
	elf_load(&image, memory, 0x12345000);
	memcpy(record, memory + (image.entry - image.start) - sizeof(record), sizeof(record));
	assert_in_range(record[1], 0x12345000, 0x12345000 + image.end - image.start - 16);
	assert_memory_equal(memory + (record[1] - 0x12345000), &record[1], 8);
	free(memory);
	free(f.data);
}

static void short_files_are_refused(void **state)
{
	struct file f = read_file("root");
	struct elf_image image;

	(void)state;
	for (size_t size = 0; size < 4096; size++) {
		uint8_t *copy = malloc(size ? size : 1);

		memcpy(copy, f.data, size);
		assert_non_null(elf_parse(copy, size, &image));
		free(copy);
	}
	free(f.data);
}

/* Damage a few bytes of the headers; whatever is accepted must load inside its own span. */
static void damage(const struct file *original, size_t range)
{
	uint8_t *copy = malloc(original->size);
	struct elf_image image;

	memcpy(copy, original->data, original->size);
	for (unsigned i = 0; i < 3; i++)
		copy[(size_t)random() % range] = random() % 4 ? (uint8_t)random() : 0xff;
	if (!elf_parse(copy, original->size, &image) && image.end - image.start <= SPAN_MAX)
		load(&image, image.relocatable ? 0x7000000 : image.start);
	free(copy);
}

static void damaged_programs_do_no_harm(void **state)
{
	static const char *const names[] = { "root", "root.pie" };

	(void)state;
	srandom(2);
	for (unsigned i = 0; i < 2; i++) {
		struct file f = read_file(names[i]);

		for (unsigned n = 0; n < MUTATIONS; n++)
			damage(&f, n % 2 ? 64 + 56 * 6 : f.size);
		free(f.data);
	}
}

static void archive_lists_its_files(void **state)
{
	static const char *const names[] = { ".",    "sigma0", "modules.list", "root",
					     "mod1", "mod2",   "mod3" };
	struct file f = read_file("modules.cpio");
	struct cpio_file file;
	uint64_t at = 0;

	(void)state;
	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++) {
		assert_int_equal(cpio_next(f.data, f.size, &at, &file), 1);
		assert_string_equal(file.name, names[i]);
		assert_int_equal(file.regular, i > 0);
	}
	assert_int_equal(file.size, 4096);
	assert_int_equal(cpio_next(f.data, f.size, &at, &file), 0);
	free(f.data);
}

static void damaged_archives_end(void **state)
{
	struct file f = read_file("modules.cpio");
	size_t size = 4096 * 5; /* the first few members */
	struct cpio_file file;

	(void)state;
	srandom(3);
	for (unsigned n = 0; n < MUTATIONS; n++) {
		uint8_t *copy = malloc(size);
		uint64_t at = 0;
		unsigned files = 0;

		memcpy(copy, f.data, size);
		copy[random() % 512] = (uint8_t)random();
		while (cpio_next(copy, size, &at, &file) > 0) {
			assert_true(file.offset + file.size <= size);
			assert_true(++files < 512);
		}
		free(copy);
	}
	free(f.data);
}

static void serial_options(void **state)
{
	(void)state;
	assert_int_equal(option_serial_port(NULL), 0x3f8);
	assert_int_equal(option_serial_port("-serial_esc -nohlt"), 0x3f8);
	assert_int_equal(option_serial_port("-serial=com2"), 0x2f8);
	assert_int_equal(option_serial_port("-x -serial=0x3E8 -y"), 0x3e8);
	assert_int_equal(option_serial_port("-serial=2e8 "), 0x2e8);
	assert_int_equal(option_serial_port("-noserial"), 0);
	assert_int_equal(option_serial_port("-noserialx"), 0x3f8);
	assert_int_equal(option_serial_port("-serial=com5"), -L4_EINVAL);
	assert_int_equal(option_serial_port("-serial="), -L4_EINVAL);
	assert_int_equal(option_serial_port("-serial=12345"), -L4_EINVAL);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fixed_program_is_accepted),
		cmocka_unit_test(relocations_follow_the_address),
		cmocka_unit_test(short_files_are_refused),
		cmocka_unit_test(damaged_programs_do_no_harm),
		cmocka_unit_test(archive_lists_its_files),
		cmocka_unit_test(damaged_archives_end),
		cmocka_unit_test(serial_options),
	};

	if (argc != 2)
		return 2;
	directory = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
