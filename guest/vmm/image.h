/* SPDX-License-Identifier: MIT */
/*
 * Kernel files as distributions ship them: an ELF file, or a bzImage that has one in it, packed.
 * Pure; nothing in the file is trusted. Functions return NULL, or what is wrong as a constant text.
 */
#ifndef VMM_IMAGE_H
#define VMM_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum packing {
	PACKING_NONE,
	PACKING_GZIP,
	PACKING_XZ,
	PACKING_LZMA,
	PACKING_LZ4, /* legacy frames */
	PACKING_ZSTD
};

/* Where in the file the ELF file is. */
struct image {
	enum packing packing;
	size_t offset, bytes; /* in the file */
	size_t unpacked;      /* bytes of the ELF file */
};

/* Look at a kernel file. */
const char *image_find(const void *file, size_t bytes, struct image *image);

/*
 * Unpack to out (image->unpacked bytes) with working memory that the decoder may use: *work_bytes
 * of it; afterwards, those that it has used, from the start on. On errors the contents of both are
 * undefined.
 */
const char *image_unpack(const void *file, const struct image *image, void *out, void *work,
			 size_t *work_bytes);

#endif
