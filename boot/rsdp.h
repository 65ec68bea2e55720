/* SPDX-License-Identifier: MIT */
/* The ACPI root pointer (ACPI 6.5, 5.2.5). */
#ifndef BOOT_RSDP_H
#define BOOT_RSDP_H

#include <stdint.h>

#include "memmap.h"
#include "params.h"

/*
 * Copy the RSDP to params->rsdp_copy: from the place that the boot loader told, or the EFI system
 * table, or that a scan of the BIOS areas finds. If there is none, the loader's copy stays. To be
 * called before any memory is written to.
 */
void rsdp_read(struct boot_params *params);

/*
 * Put the copy at the start of a page of its own, because a memory descriptor of the kernel info
 * page can only name multiples of 1 KiB. Returns its physical address; 0: there is no RSDP. Halts
 * if there is no memory.
 */
uint64_t rsdp_place(const struct boot_params *params, struct memmap *map);

#endif
