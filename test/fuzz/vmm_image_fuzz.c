/* SPDX-License-Identifier: MIT */
/* Kernel files: whatever comes, nothing outside of the file and the given memory is touched. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "vmm/image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { UNPACKED_MAX = 1 << 16, WORK = 1 << 19, SETUP = 0x400 };

static void unpack(const uint8_t *data, size_t size)
{
	struct image image;
	uint8_t *out, *work;
	size_t work_bytes = WORK;

	if (image_find(data, size, &image))
		return;
	if (image.offset > size || image.bytes > size - image.offset)
		abort();
	if (image.unpacked > UNPACKED_MAX)
		return;
	out = malloc(image.unpacked);
	work = malloc(WORK);
	image_unpack(data, &image, out, work, &work_bytes);
	if (work_bytes > WORK)
		abort();
	free(out);
	free(work);
}

/* As it is; then as the payload of a bzImage that is right. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *file = calloc(1, SETUP + size);
	uint32_t bytes = (uint32_t)size, version = 0x20f;

	unpack(data, size);
	file[0x1f1] = SETUP / 512 - 1;
	memcpy(file + 0x202, "HdrS", 4);
	memcpy(file + 0x206, &version, sizeof(version));
	memcpy(file + 0x24c, &bytes, sizeof(bytes));
	memcpy(file + SETUP, data, size);
	unpack(file, SETUP + size);
	free(file);
	return 0;
}
