/* SPDX-License-Identifier: MIT */
/* What the 32-bit entry code (entry.S) leaves for the 64-bit part. */
#ifndef BOOT_HANDOVER_H
#define BOOT_HANDOVER_H

#include <stdint.h>

/* All addresses are physical. The layout is known to entry.S. */
struct handover {
	uint64_t tsc;	       /* time stamp at the first instruction */
	uint32_t magic;	       /* protocol, BOOT_MAGIC_* */
	uint32_t info;	       /* information structure of the protocol */
	uint32_t kernel_start; /* embedded kernel ELF file */
	uint32_t kernel_end;
	uint32_t image_start; /* the whole boot image, page multiples */
	uint32_t image_end;
	uint32_t modules_start; /* embedded archive of modules; empty if there is none */
	uint32_t modules_end;
};

#endif
