/* SPDX-License-Identifier: MIT */
/*
 * The program's table of attached dataspaces whose server is not that of its region map. They are
 * mapped as a whole when they are attached; the region map only knows of a reserved area.
 *
 * The table is used by all threads without a lock: an entry belongs to the thread that has made its
 * state FOREIGN_BUSY, and readers look at the state again after reading.
 */
#ifndef L4RE_FOREIGN_H
#define L4RE_FOREIGN_H

#include <stdbool.h>
#include <l4/re/c/rm.h>

struct foreign_region {
	l4_addr_t start, end; /* whole pages; end exclusive */
	l4re_ds_t ds;
	l4re_rm_offset_t offset;
	l4re_rm_flags_t flags;
	bool own_area; /* the area was reserved for it alone */
};

/* Remember a region; false if the table is full. */
bool foreign_add(const struct foreign_region *region);

/* The first region that overlaps [addr, addr + size). */
bool foreign_find(l4_addr_t addr, unsigned long size, struct foreign_region *region);

/* Take the region that contains addr out of the table. */
bool foreign_take(l4_addr_t addr, struct foreign_region *region);

#endif
