/* SPDX-License-Identifier: MIT */
/*
 * The requests to servers that the loader makes, one function an operation of the protocols. All
 * return 0 or a negative error of the server or of the IPC.
 */
#ifndef LOADER_SERVICE_H
#define LOADER_SERVICE_H

#include <stdbool.h>
#include <l4/sys/types.h>

/* Rights and flags of region maps and dataspaces on the wire. */
enum service_flags {
	SERVICE_X = 1,
	SERVICE_W = 2,
	SERVICE_R = 4,
	SERVICE_RM_KERNEL = 0x100,    /* pages that the kernel provides */
	SERVICE_RM_RESERVED = 0x800,  /* never resolved */
	SERVICE_RM_SEARCH = 0x20000,  /* find a free place from start on */
	SERVICE_RM_IN_AREA = 0x40000, /* the place is in a reserved area */
	SERVICE_DS_PINNED = 2
};

/* What to attach: start is a user address, of the place found in the end; sizes in bytes. */
struct service_region {
	l4_addr_t start;
	unsigned long size;
	unsigned flags;
	unsigned align;		/* log2, with SERVICE_RM_SEARCH */
	l4_cap_idx_t dataspace; /* L4_INVALID_CAP: none */
	l4_uint64_t offset;
	const char *name;	    /* for reports */
	l4_uint64_t backing_offset; /* in the file of that name */
};

/* Size of a dataspace in bytes. */
long service_ds_size(l4_cap_idx_t ds, l4_uint64_t *size);

/* Map [offset, offset + bytes) of a dataspace to the address; all page-aligned. */
long service_ds_map(l4_cap_idx_t ds, l4_uint64_t offset, unsigned long bytes, unsigned rights,
		    l4_addr_t address);

/* Copy bytes of the dataspace from, copy-on-write where the server can. */
long service_ds_copy_in(l4_cap_idx_t to, l4_uint64_t to_offset, l4_cap_idx_t from,
			l4_uint64_t from_offset, l4_uint64_t bytes);

/* Back the first bytes with memory now. */
long service_ds_allocate(l4_cap_idx_t ds, l4_uint64_t bytes);

/* New dataspace in an empty slot. */
long service_create_ds(l4_cap_idx_t factory, l4_cap_idx_t slot, unsigned long bytes,
		       unsigned flags);

/* New region map in an empty slot; upper: of a task that can have the upper half. */
long service_create_rm(l4_cap_idx_t factory, l4_cap_idx_t slot, bool upper);

long service_rm_attach(l4_cap_idx_t rm, struct service_region *region);

/* Keep an area free of what does not name it by SERVICE_RM_IN_AREA. */
long service_rm_reserve(l4_cap_idx_t rm, struct service_region *area);

/* Name the program and the interrupt of its parent: abi/l4/zwinger/rm.h. */
long service_rm_set_parent(l4_cap_idx_t rm, const char *name, l4_cap_idx_t fault);

#endif
