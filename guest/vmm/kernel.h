/* SPDX-License-Identifier: MIT */
/*
 * The kernel's ELF file: its segments, and what its notes say about how it wants to be started.
 * Pure; nothing in the file is trusted. What kernel_read() lets pass has no arithmetic that can
 * wrap, no range outside the file, no overlapping segments, and an entry inside of them.
 */
#ifndef VMM_KERNEL_H
#define VMM_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { KERNEL_SEGMENTS_MAX = 16 };

/* A part of the file and its place in guest-physical memory. */
struct kernel_segment {
	uint64_t offset, file_bytes; /* in the file */
	uint64_t start, bytes;	     /* in memory; what the file does not have is zero */
	uint64_t code_bytes;	     /* code is in so many of the file's bytes at most; 0: none */
};

struct kernel {
	unsigned count;
	struct kernel_segment segments[KERNEL_SEGMENTS_MAX]; /* by ascending start */
	uint64_t start, end;				     /* of all of them, bytes */
	uint64_t entry;					     /* guest-virtual */
	uint64_t virt_base;	 /* guest-virtual address of guest-physical 0 */
	uint64_t hypercall_page; /* guest-virtual; 0: none is asked for */
	uint64_t p2m;		 /* guest-virtual address for the frame list; 0: anywhere */
	bool module_frame;	 /* the ramdisk need not be mapped */
	uint64_t alternatives, alternatives_bytes; /* table in memory (alternatives.h); 0: none */
};

/* Read the file. NULL, or what is wrong as a constant text. */
const char *kernel_read(const void *file, size_t bytes, struct kernel *k);

/*
 * Put the segments into place, in memory that has k->end bytes. The file may lie in the same
 * memory, if kernel_can_move() says so.
 */
void kernel_load(const void *file, const struct kernel *k, void *memory);

/* Is every byte of the file used before kernel_load() writes to it, if the file lies at offset
 * (less than 2^62) in the same memory? */
bool kernel_can_move(const struct kernel *k, uint64_t offset);

#endif
