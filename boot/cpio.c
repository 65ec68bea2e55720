/* SPDX-License-Identifier: MIT */
/* Reads cpio archives in the "newc" form. Pure code. */
#include "cpio.h"

#include <string.h>

#include <l4/sys/err.h>

#define HEADER_SIZE 110
#define MAGIC	    "070701"
#define MAGIC_SIZE  6
#define TRAILER	    "TRAILER!!!"

/* Fields of the header after the magic: 8 hexadecimal digits each. */
enum { FIELD_MODE = 1, FIELD_FILESIZE = 6, FIELD_NAMESIZE = 11 };

#define MODE_TYPE    0170000
#define MODE_REGULAR 0100000

bool cpio_is(const void *archive, uint64_t size)
{
	return size >= HEADER_SIZE && memcmp(archive, MAGIC, MAGIC_SIZE) == 0;
}

/* Value of a field, -L4_EINVAL if it has another character than a hexadecimal digit. */
static int64_t header_field(const char *header, unsigned field)
{
	const char *digit = header + MAGIC_SIZE + field * 8;
	int64_t value = 0;

	for (unsigned i = 0; i < 8; i++) {
		char c = digit[i] | 0x20;

		if (c >= '0' && c <= '9')
			value = value << 4 | (c - '0');
		else if (c >= 'a' && c <= 'f')
			value = value << 4 | (c - 'a' + 10);
		else
			return -L4_EINVAL;
	}
	return value;
}

static uint64_t align4(uint64_t v)
{
	return (v + 3) & ~3ULL;
}

int cpio_next(const void *archive, uint64_t size, uint64_t *at, struct cpio_file *file)
{
	const char *header = (const char *)archive + *at;
	int64_t mode, file_size, name_size;
	uint64_t data, left = size - *at;

	if (*at > size || !cpio_is(header, left))
		return -L4_EINVAL;
	mode = header_field(header, FIELD_MODE);
	file_size = header_field(header, FIELD_FILESIZE);
	name_size = header_field(header, FIELD_NAMESIZE);
	if (mode < 0 || file_size < 0 || name_size < 1)
		return -L4_EINVAL;
	data = align4(HEADER_SIZE + (uint64_t)name_size);
	if (data > left || (uint64_t)file_size > left - data || header[HEADER_SIZE + name_size - 1])
		return -L4_EINVAL;
	file->name = header + HEADER_SIZE;
	if (name_size == sizeof(TRAILER) && memcmp(file->name, TRAILER, sizeof(TRAILER)) == 0)
		return 0;
	file->name += file->name[0] == '.' && file->name[1] == '/' ? 2 : 0;
	file->offset = *at + data;
	file->size = (uint64_t)file_size;
	file->regular = (mode & MODE_TYPE) == MODE_REGULAR;
	*at = align4(*at + data + (uint64_t)file_size);
	return 1;
}
