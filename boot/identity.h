/* SPDX-License-Identifier: MIT */
/* The 1:1 map that the boot stage itself runs in. */
#ifndef BOOT_IDENTITY_H
#define BOOT_IDENTITY_H

#include <stdint.h>

/*
 * Make [phys, phys + size) accessible at its own address. The first 4 GiB always are; above, the
 * number of GiB is limited where the processor has no 1 GiB pages: halts with an error line then.
 */
void identity_map(uint64_t phys, uint64_t size);

#endif
