/* SPDX-License-Identifier: MIT */
/*
 * Reading ELF files of programs. Pure: works on copies of the file's headers and has no effect.
 * Nothing in the file is trusted; what these functions let pass has no arithmetic that can wrap, no
 * range outside the file, and no two segments on one page.
 *
 * Each function returns NULL, or what is wrong with the file as a constant text.
 */
#ifndef LOADER_ELF_H
#define LOADER_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <l4/sys/l4int.h>

enum elf_limits {
	ELF_HEADER_BYTES = 64,
	ELF_PROGRAM_HEADER_BYTES = 56,
	ELF_PROGRAM_HEADERS_MAX = 64,
	ELF_SEGMENTS_MAX = 16,
	ELF_AUX_BYTES_MAX = 1024,
	ELF_RESERVED_MAX = 8
};

enum elf_segment_rights { ELF_EXECUTE = 1, ELF_WRITE = 2, ELF_READ = 4 };

/* What the ELF header says. */
struct elf_file {
	l4_uint64_t size;    /* bytes of the file */
	l4_uint64_t headers; /* offset of the program headers, within the file */
	unsigned header_count;
	l4_addr_t entry;  /* as linked */
	bool relocatable; /* static PIE: can be anywhere */
};

/* A segment to be loaded. Address and offset have the same offset within their pages. */
struct elf_segment {
	l4_addr_t start;	/* as linked */
	l4_uint64_t bytes;	/* in memory, not 0 */
	l4_uint64_t offset;	/* in the file */
	l4_uint64_t file_bytes; /* at most bytes; the rest is zero */
	unsigned rights;	/* enum elf_segment_rights, never 0 */
};

/* What is to be loaded: segments in ascending order. */
struct elf_image {
	l4_addr_t entry;      /* as linked; in an executable segment */
	l4_addr_t start, end; /* pages of all segments; end is the first byte behind */
	l4_addr_t headers;    /* address of the program headers, 0 if not in a segment */
	unsigned header_count;
	bool relocatable;
	bool executable_stack; /* the file asks for it, or does not say */
	unsigned count;
	struct elf_segment segments[ELF_SEGMENTS_MAX];
	l4_uint64_t aux_offset, aux_bytes; /* ELF AUX section in the file; 0, 0: none */
};

/* An area of addresses that the program wants kept free; end is the last byte. */
struct elf_reserved {
	l4_addr_t start, end;
};

/* Wishes of the program (ELF AUX elements); 0: none. */
struct elf_aux {
	l4_umword_t stack_size, stack_address, kip_address, ex_regs_flags;
	unsigned reserved_count;
	struct elf_reserved reserved[ELF_RESERVED_MAX];
};

/* Read the ELF header: the first bytes (ELF_HEADER_BYTES of them, or the whole file). */
const char *elf_read_header(const void *bytes, size_t count, l4_uint64_t file_size,
			    struct elf_file *file);

/* Read the program headers: file->header_count of them, one after the other. */
const char *elf_read_program_headers(const void *headers, const struct elf_file *file,
				     struct elf_image *image);

/* Read the AUX section: count bytes of it. */
const char *elf_read_aux(const void *bytes, size_t count, struct elf_aux *aux);

/*
 * Can a program have the pages from start on (page-aligned, bytes not 0)? Not the first page, not
 * outside of the half: the lower one, or if upper either half without what is the kernel's.
 */
bool elf_place_ok(l4_addr_t start, l4_uint64_t bytes, bool upper);

/* Do two ranges of addresses overlap? Neither wraps. */
bool elf_overlap(l4_addr_t a, l4_uint64_t a_bytes, l4_addr_t b, l4_uint64_t b_bytes);

#endif
