/* SPDX-License-Identifier: MIT */
/* Boot modules: where they lie, archives, and the list that the root task gets. */
#ifndef BOOT_MODULES_H
#define BOOT_MODULES_H

#include <stdint.h>

#include "memmap.h"
#include "params.h"

#define MODULE_SIGMA0 0
#define MODULE_ROOT   1
#define MODULE_OTHER  2 /* first of the further modules */

/*
 * Check that all modules are in memory and claim their pages (MEM_TEMP). A single module that is
 * a cpio archive is replaced by its files in their order; a file named modules.list gives command
 * lines ("NAME ARGUMENTS" a line). Halts with an error line if fewer than two are left.
 */
void modules_claim(struct boot_params *params, struct memmap *map);

/*
 * Move the modules out of the way of programs with fixed addresses (MEM_SIGMA0, MEM_ROOT so far),
 * and those for the root task to page boundaries. Halts if there is no place.
 */
void modules_move(struct boot_params *params, struct memmap *map);

/* Hand the further modules to the root task and clear what follows them in their last page. */
void modules_finish(const struct boot_params *params, struct memmap *map);

/* Ranges of loaded base modules, for the list. */
struct module_range {
	uint64_t start, end; /* physical */
};

struct module_list {
	struct module_range kernel, sigma0, root;
	uint64_t address; /* out: of the list */
};

/* Build the module list (spec section 11) in memory of its own. Halts if there is no memory. */
void modules_list(const struct boot_params *params, struct memmap *map, struct module_list *list);

#endif
