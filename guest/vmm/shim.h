/* SPDX-License-Identifier: MIT */
/* The shim's image, which vmm has in it. Its first page is left to the start record. */
#ifndef VMM_SHIM_H
#define VMM_SHIM_H

#include <stdbool.h>
#include <stdint.h>

/* Pages with the same rights; offset from GUEST_SHIM. */
struct shim_part {
	uint64_t offset, bytes; /* multiples of a page */
	unsigned rights;	/* of L4_fpage_rights */
	unsigned next;		/* for shim_next_part() */
};

/* Bytes in memory, a multiple of a page. */
uint64_t shim_bytes(void);

/* Write the image to memory that is all zero. */
void shim_load(uint8_t *to);

/* Go on to the next part; *part is all zeros before the first one. False: that was the last. */
bool shim_next_part(struct shim_part *part);

#endif
