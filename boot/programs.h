/* SPDX-License-Identifier: MIT */
/* Loads sigma0 and the root task. */
#ifndef BOOT_PROGRAMS_H
#define BOOT_PROGRAMS_H

#include <stdint.h>

#include "handover.h"
#include "memmap.h"
#include "modules.h"
#include "params.h"

struct programs {
	struct module_range sigma0, root; /* memory of the programs */
	uint64_t sigma0_entry, root_entry;
};

/*
 * Load modules 0 and 1 to their addresses, or to free memory if they are position independent,
 * and mark the memory (MEM_SIGMA0, MEM_ROOT). Moves other modules out of the way.
 * Halts with an error line if a program is invalid or its place is not free memory.
 */
struct programs programs_load(const struct handover *handover, struct boot_params *params,
			      struct memmap *map);

#endif
