/* SPDX-License-Identifier: MIT */
/* Checks and loads ELF64 programs for x86-64 (System V gABI, chapters 4 and 5). Pure code. */
#ifndef BOOT_ELF64_H
#define BOOT_ELF64_H

#include <stdbool.h>
#include <stdint.h>

#define ELF_SEGMENTS 16

#define ELF_X 1u
#define ELF_W 2u
#define ELF_R 4u

struct elf_segment {
	uint64_t vaddr, offset, filesz, memsz; /* bytes */
	uint32_t flags;			       /* ELF_R, ELF_W, ELF_X */
};

/* A program whose file was found valid; addresses are as linked. */
struct elf_image {
	const uint8_t *file;
	uint64_t start, end; /* of all segments, whole pages */
	uint64_t align;	     /* greatest segment alignment, at least a page */
	uint64_t entry;
	uint64_t kip;	      /* address of the kernel info page (program header 0x10), or 0 */
	uint64_t rela, relas; /* file offset and number of relocations */
	bool relocatable;     /* ET_DYN */
	unsigned segments;
	struct elf_segment segment[ELF_SEGMENTS]; /* ascending, none empty, no overlap */
};

/*
 * Check everything that elf_load() relies on, including each relocation.
 * @file: whole file in memory, any alignment; must stay until elf_load(). @size: bytes.
 * Returns NULL if the file is valid, else what is wrong with it, for an error message.
 */
const char *elf_parse(const void *file, uint64_t size, struct elf_image *image);

/*
 * Copy the segments, clear the rest of their pages and apply the relocations.
 * @memory: where image->start goes; writable for image->end - image->start bytes. Pages that
 * belong to no segment are not touched.
 * @address: where the program will see @memory; must be image->start unless relocatable.
 */
void elf_load(const struct elf_image *image, uint8_t *memory, uint64_t address);

#endif
