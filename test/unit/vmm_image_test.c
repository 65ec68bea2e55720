/* SPDX-License-Identifier: MIT */
/* Kernel files: what is found in them, and that it comes out as it went in. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "vmm/image.h"

enum { SETUP = 1024, UNPACKED = 3000, WORK = 1 << 20 };

/* The text of unpacked(), packed by the tools of that name. */
static const uint8_t gzip_bytes[] = { 0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03,
				      0xab, 0x77, 0xf5, 0x71, 0x4b, 0x54, 0xc8, 0x4e, 0x2d, 0xca,
				      0x4b, 0xcd, 0xd1, 0x51, 0x28, 0x48, 0x4c, 0xce, 0x4e, 0x4d,
				      0xb1, 0x52, 0x18, 0x15, 0x19, 0x15, 0x19, 0x15, 0x19, 0x15,
				      0x19, 0x15, 0x19, 0x15, 0x19, 0x15, 0x19, 0x15, 0x19, 0x15,
				      0x19, 0x15, 0x19, 0x15, 0x19, 0x4c, 0x22, 0x00, 0xc0, 0x9c,
				      0x88, 0x78, 0xb8, 0x0b, 0x00, 0x00 };
static const uint8_t xz_bytes[] = {
	0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00, 0x00, 0x01, 0x69, 0x22, 0xde, 0x36, 0x02, 0x01,
	0x04, 0x00, 0x21, 0x01, 0x08, 0x00, 0xd2, 0xb9, 0x74, 0xcb, 0xe0, 0x0b, 0xb7, 0x00,
	0x2d, 0x5d, 0x00, 0x3f, 0x91, 0x45, 0x84, 0x6b, 0xcf, 0xdb, 0x60, 0x31, 0x34, 0xda,
	0x22, 0x0f, 0xa2, 0xf6, 0x6e, 0xa1, 0x1e, 0x92, 0x7c, 0x58, 0xc1, 0x6b, 0xdb, 0xe5,
	0xe0, 0x82, 0xa4, 0xfb, 0x03, 0x78, 0x25, 0xe9, 0x03, 0x28, 0x20, 0x8e, 0xe7, 0xe8,
	0x7f, 0xfc, 0x55, 0x02, 0xdc, 0x00, 0x00, 0x00, 0x00, 0x00, 0xc0, 0x9c, 0x88, 0x78,
	0x00, 0x01, 0x45, 0xb8, 0x17, 0x00, 0x00, 0x00, 0xf1, 0x63, 0xb9, 0x71, 0x3e, 0x30,
	0x0d, 0x8b, 0x02, 0x00, 0x00, 0x00, 0x00, 0x01, 0x59, 0x5a
};
static const uint8_t lzma_bytes[] = { 0x5d, 0x00, 0x00, 0x01, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff,
				      0xff, 0xff, 0xff, 0x00, 0x3f, 0x91, 0x45, 0x84, 0x6b, 0xcf,
				      0xdb, 0x60, 0x31, 0x34, 0xda, 0x22, 0x0f, 0xa2, 0xf6, 0x6e,
				      0xa1, 0x1e, 0x92, 0x7c, 0x58, 0xc1, 0x6b, 0xdb, 0xe5, 0xe0,
				      0x82, 0xa4, 0xfb, 0x03, 0x78, 0x25, 0xe9, 0x03, 0x28, 0x20,
				      0x8e, 0xe7, 0xe8, 0x7f, 0xfc, 0x5d, 0x13, 0xb6, 0x8f, 0xff,
				      0xfc, 0x91, 0x10, 0x00 };
static const uint8_t lz4_bytes[] = { 0x02, 0x21, 0x4c, 0x18, 0x2c, 0x00, 0x00, 0x00, 0xff,
				     0x07, 0x7f, 0x45, 0x4c, 0x46, 0x61, 0x20, 0x6b, 0x65,
				     0x72, 0x6e, 0x65, 0x6c, 0x2c, 0x20, 0x70, 0x61, 0x63,
				     0x6b, 0x65, 0x64, 0x3a, 0x20, 0x12, 0x00, 0xff, 0xff,
				     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
				     0x95, 0x50, 0x65, 0x72, 0x6e, 0x65, 0x6c };
static const uint8_t zstd_bytes[] = { 0x28, 0xb5, 0x2f, 0xfd, 0x64, 0xb8, 0x0a, 0xf5, 0x00,
				      0x00, 0xb0, 0x7f, 0x45, 0x4c, 0x46, 0x61, 0x20, 0x6b,
				      0x65, 0x72, 0x6e, 0x65, 0x6c, 0x2c, 0x20, 0x70, 0x61,
				      0x63, 0x6b, 0x65, 0x64, 0x3a, 0x20, 0x01, 0x00, 0x3e,
				      0x57, 0xfe, 0x6c, 0x02, 0x47, 0x85, 0x8f, 0x47 };

struct packed {
	const uint8_t *bytes;
	size_t count;
	enum packing packing;
	bool has_size; /* the format ends with the unpacked size anyway */
};

static const struct packed all[] = {
	{ gzip_bytes, sizeof(gzip_bytes), PACKING_GZIP, true },
	{ xz_bytes, sizeof(xz_bytes), PACKING_XZ, false },
	{ lzma_bytes, sizeof(lzma_bytes), PACKING_LZMA, false },
	{ lz4_bytes, sizeof(lz4_bytes), PACKING_LZ4, false },
	{ zstd_bytes, sizeof(zstd_bytes), PACKING_ZSTD, false },
};
enum { FORMATS = sizeof(all) / sizeof(*all) };

static uint8_t file[8192], out[UNPACKED + 1], work[WORK];

static const uint8_t *unpacked(void)
{
	static const char text[] = "a kernel, packed: ";
	static uint8_t want[UNPACKED];

	memcpy(want, "\177ELF", 4);
	for (unsigned i = 4; i < UNPACKED; i++)
		want[i] = (uint8_t)text[(i - 4) % (sizeof(text) - 1)];
	return want;
}

static void put32(size_t at, uint32_t value)
{
	memcpy(file + at, &value, sizeof(value));
}

/* A bzImage with the payload, which says that it unpacks to that size. Returns its bytes. */
static size_t make(const struct packed *p, uint32_t size)
{
	size_t bytes = p->count + (p->has_size ? 0 : 4);

	memset(file, 0, sizeof(file));
	file[0x1f1] = SETUP / 512 - 1;
	memcpy(file + 0x202, "HdrS", 4);
	put32(0x206, 0x20f);
	put32(0x248, 0x40);
	put32(0x24c, (uint32_t)bytes);
	memcpy(file + SETUP + 0x40, p->bytes, p->count);
	put32(SETUP + 0x40 + bytes - 4, size);
	return SETUP + 0x40 + bytes;
}

static size_t work_used;

static const char *unpack(size_t bytes, size_t work_bytes)
{
	struct image image;
	const char *wrong = image_find(file, bytes, &image);
	uint8_t *result;

	if (wrong)
		return wrong;
	result = malloc(image.unpacked); /* so that the sanitizer sees what is behind */
	wrong = image_unpack(file, &image, result, work, &work_bytes);
	work_used = work_bytes;
	memcpy(out, result, image.unpacked < UNPACKED ? image.unpacked : UNPACKED);
	free(result);
	return wrong;
}

static void every_format_is_unpacked(void **state)
{
	(void)state;
	for (unsigned i = 0; i < FORMATS; i++) {
		memset(out, 0, sizeof(out));
		assert_null(unpack(make(&all[i], UNPACKED), WORK));
		assert_memory_equal(out, unpacked(), UNPACKED);
	}
}

static void what_is_behind_the_used_working_memory_is_not_touched(void **state)
{
	(void)state;
	for (unsigned i = 0; i < FORMATS; i++) {
		memset(work, 0x77, WORK);
		assert_null(unpack(make(&all[i], UNPACKED), WORK));
		assert_true(work_used < WORK);
		for (size_t at = work_used; at < WORK; at++)
			assert_int_equal(work[at], 0x77);
	}
}

static void an_elf_file_is_taken_as_it_is(void **state)
{
	struct image image;

	(void)state;
	memcpy(file, unpacked(), UNPACKED);
	assert_null(image_find(file, UNPACKED, &image));
	assert_int_equal(image.packing, PACKING_NONE);
	assert_int_equal(image.unpacked, UNPACKED);
	assert_null(unpack(UNPACKED, 0));
	assert_memory_equal(out, unpacked(), UNPACKED);
}

static void other_files_are_refused(void **state)
{
	static const struct packed unknown = { (const uint8_t *)"BZh91AY&SY", 10, 0, false };
	struct image image;

	(void)state;
	memset(file, 0x5a, sizeof(file));
	assert_non_null(image_find(file, sizeof(file), &image));
	assert_non_null(image_find(file, 0, &image));
	assert_non_null(image_find(file, make(&unknown, UNPACKED), &image));
	make(&all[0], UNPACKED);
	put32(0x206, 0x207);
	assert_non_null(image_find(file, sizeof(file), &image));
}

static void a_file_that_is_cut_off_is_refused(void **state)
{
	(void)state;
	for (unsigned i = 0; i < FORMATS; i++) {
		size_t bytes = make(&all[i], UNPACKED);

		for (size_t cut = 0; cut < bytes; cut++)
			assert_non_null(unpack(cut, WORK));
	}
}

static void a_wrong_size_is_found(void **state)
{
	static const uint32_t sizes[] = { 0, 1, UNPACKED - 1, UNPACKED + 1, UNPACKED + 4096, ~0U };

	(void)state;
	for (unsigned i = 0; i < FORMATS; i++)
		for (unsigned s = 0; s < sizeof(sizes) / sizeof(*sizes); s++)
			assert_non_null(unpack(make(&all[i], sizes[s]), WORK));
}

/* Each bit in turn; what still unpacks is the same text, or has no checksum. */
static void damage_does_no_harm(void **state)
{
	(void)state;
	for (unsigned i = 0; i < FORMATS; i++) {
		size_t bytes = make(&all[i], UNPACKED), from = SETUP + 0x40;

		for (size_t bit = from * 8; bit < bytes * 8; bit++) {
			const char *wrong;

			file[bit / 8] ^= 1 << bit % 8;
			wrong = unpack(bytes, WORK);
			if (!wrong && all[i].packing == PACKING_GZIP)
				assert_memory_equal(out, unpacked(), UNPACKED);
			file[bit / 8] ^= 1 << bit % 8;
		}
	}
}

static void too_little_working_memory_is_an_error(void **state)
{
	(void)state;
	for (unsigned i = 0; i < FORMATS; i++)
		for (size_t bytes = 0; bytes < 7000; bytes += 1000) {
			const char *wrong = unpack(make(&all[i], UNPACKED), bytes);

			assert_true(wrong || all[i].packing == PACKING_LZ4);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_format_is_unpacked),
		cmocka_unit_test(what_is_behind_the_used_working_memory_is_not_touched),
		cmocka_unit_test(an_elf_file_is_taken_as_it_is),
		cmocka_unit_test(other_files_are_refused),
		cmocka_unit_test(a_file_that_is_cut_off_is_refused),
		cmocka_unit_test(a_wrong_size_is_found),
		cmocka_unit_test(damage_does_no_harm),
		cmocka_unit_test(too_little_working_memory_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
