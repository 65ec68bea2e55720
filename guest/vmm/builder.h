/* SPDX-License-Identifier: MIT */
/*
 * What a paravirtual kernel finds in its memory at its first instruction: page tables, frame list,
 * start info, rings, ramdisk. Pure: plans with numbers, then writes into an array that is the
 * guest's memory. Frames are pages of 4 KiB, numbers are those of the guest, machine and guest
 * frame numbers are equal.
 */
#ifndef VMM_BUILDER_H
#define VMM_BUILDER_H

#include "vmm/kernel.h"

/* What the guest is to have. */
struct builder_wish {
	const struct kernel *kernel;
	uint64_t ram_frames;
	uint64_t ramdisk_bytes; /* 0: none */
	const char *command_line;
	uint64_t shared_frame; /* frame of the shared page, not RAM */
	uint32_t console_port, store_port;
};

/* A run of frames. */
struct builder_run {
	uint64_t first, count;
};

/* Where everything is. */
struct builder_plan {
	struct builder_run ramdisk, info, store, console, tables, stack, list, list_tables;
	uint64_t mapped;       /* frames 0 to here are mapped at the kernel's base */
	uint64_t list_address; /* guest-virtual */
	uint64_t needed;       /* frames of RAM that it takes */
};

/*
 * Find a place for everything. NULL, or what is wrong as a constant text; plan->needed is valid if
 * there is too little memory.
 */
const char *builder_plan(const struct builder_wish *wish, struct builder_plan *plan);

/* Write everything but kernel and ramdisk; memory is that of the guest, all zero there. */
void builder_write(const struct builder_wish *wish, const struct builder_plan *plan, void *memory);

/* Guest-virtual address of a frame that is mapped at the kernel's base. */
uint64_t builder_address(const struct builder_wish *wish, uint64_t frame);

#endif
