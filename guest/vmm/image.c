/* SPDX-License-Identifier: MIT */
/* Kernel files: find out what they are. */
#include "vmm/image.h"

#include <string.h>

/* The setup header of a bzImage. */
enum {
	SETUP_SECTORS = 0x1f1,
	SETUP_MAGIC = 0x202,
	SETUP_VERSION = 0x206,
	SETUP_PAYLOAD = 0x248, /* offset behind the setup sectors, then length */
	SETUP_END = 0x250,
	SETUP_VERSION_MIN = 0x208,
	SECTOR_BYTES = 512,
	SIZE_BYTES = 4 /* of the unpacked size, at the end of the payload */
};

#define UNPACKED_MAX (1UL << 30)

static uint32_t get32(const uint8_t *p)
{
	uint32_t value;

	memcpy(&value, p, sizeof(value));
	return value;
}

static bool begins(const uint8_t *p, size_t bytes, const char *magic, size_t magic_bytes)
{
	return bytes >= magic_bytes && !memcmp(p, magic, magic_bytes);
}

static const char *find_packing(const uint8_t *p, struct image *image)
{
	static const struct {
		const char *magic;
		size_t bytes;
		enum packing packing;
	} known[] = {
		{ "\177ELF", 4, PACKING_NONE },		{ "\037\213", 2, PACKING_GZIP },
		{ "\3757zXZ\0", 6, PACKING_XZ },	{ "\135\0\0", 3, PACKING_LZMA },
		{ "\002\041\114\030", 4, PACKING_LZ4 }, { "\050\265\057\375", 4, PACKING_ZSTD }
	};

	for (unsigned i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (begins(p, image->bytes, known[i].magic, known[i].bytes)) {
			image->packing = known[i].packing;
			return NULL;
		}
	return "is packed in a way that is not known here (known: gzip, xz, lzma, lz4, zstd)";
}

static const char *find_payload(const uint8_t *p, size_t bytes, struct image *image)
{
	size_t sectors = p[SETUP_SECTORS] ? p[SETUP_SECTORS] : 4;
	size_t behind = (sectors + 1) * SECTOR_BYTES;
	const char *wrong;

	if ((p[SETUP_VERSION] | p[SETUP_VERSION + 1] << 8) < SETUP_VERSION_MIN)
		return "is a bzImage of too old a format: 2.08 is wanted";
	image->offset = behind + get32(p + SETUP_PAYLOAD);
	image->bytes = get32(p + SETUP_PAYLOAD + 4);
	if (image->offset > bytes || image->bytes > bytes - image->offset ||
	    image->bytes <= SIZE_BYTES)
		return "is cut off: its payload is not all there";
	wrong = find_packing(p + image->offset, image);
	if (wrong)
		return wrong;
	image->unpacked = image->bytes;
	if (image->packing != PACKING_NONE)
		image->unpacked = get32(p + image->offset + image->bytes - SIZE_BYTES);
	if (!image->unpacked || image->unpacked > UNPACKED_MAX)
		return "says that it has no sensible size when unpacked";
	return NULL;
}

const char *image_find(const void *file, size_t bytes, struct image *image)
{
	const uint8_t *p = file;

	*image = (struct image){ .bytes = bytes, .unpacked = bytes };
	if (begins(p, bytes, "\177ELF", 4))
		return bytes > UNPACKED_MAX ? "is too large" : NULL;
	if (bytes < SETUP_END || memcmp(p + SETUP_MAGIC, "HdrS", 4))
		return "is neither an ELF file nor a bzImage";
	return find_payload(p, bytes, image);
}
