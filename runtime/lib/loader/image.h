/* SPDX-License-Identifier: MIT */
/* The steps of loader_start(), over two files. Internal to the library. */
#ifndef LOADER_IMAGE_H
#define LOADER_IMAGE_H

#include "loader/elf.h"
#include "loader/loader.h"

/* Addresses of a program if it does not wish others. */
#define IMAGE_KIP	 0x6ffff000UL
#define IMAGE_UTCB_AREA	 0xb3000000UL
#define IMAGE_STACK	 0x80000000UL /* where the search for a place begins */
#define IMAGE_PIE	 0x400000UL   /* the same for programs that can be anywhere */
#define IMAGE_STACK_SIZE 0x200000UL
#define IMAGE_STACK_MAX	 0x40000000UL

enum { IMAGE_PLACES_MAX = 4 + ELF_RESERVED_MAX };

/* Addresses that are taken, of whole pages. */
struct place {
	l4_addr_t start;
	l4_uint64_t bytes;
};

/* A program being loaded. */
struct loading {
	const struct loader_params *params;
	const struct loader_objects *objects;
	struct loader_error error;
	const char *name; /* of the file, for regions: short enough for a message */
	struct elf_file file;
	struct elf_image image;
	struct elf_aux aux;
	unsigned place_count;
	struct place places[IMAGE_PLACES_MAX];
	l4_addr_t base; /* of the image: to be added to addresses in the file */
	l4_addr_t kip;
	l4_fpage_t utcb_area;
	l4_addr_t stack;	  /* lowest usable address */
	unsigned long stack_size; /* bytes, without the guard page */
	l4_addr_t sp;
};

/* Note what went wrong; returns code. */
long loading_fail(struct loading *l, long code, const char *text, const char *subject);

/* Read the file's headers and decide on all addresses that are not left to the region map. */
long image_read(struct loading *l);

/* Empty the window again. */
void image_close_window(struct loading *l);

/* Build the address space in the region map: everything but the stack's content. */
long image_map(struct loading *l);

/* Fill the last pages of the stack, whose dataspace is in the scratch slot. */
long image_fill_stack(struct loading *l);

#endif
