/* SPDX-License-Identifier: MIT */
/* Finds the ACPI root pointer (ACPI 6.5, 5.2.5). */
#ifndef BOOT_RSDP_H
#define BOOT_RSDP_H

#include <stdint.h>

#include "params.h"

/*
 * Physical address of the RSDP: as told by the boot loader, from the EFI system table, or by a
 * scan of the BIOS areas. 0 if there is none (the loader's copy may still exist then).
 */
uint64_t rsdp_find(const struct boot_params *params);

#endif
