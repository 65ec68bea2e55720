/* SPDX-License-Identifier: MIT */
/* Paravirtual interface: reservations of memory, the memory map, the range of the M2P list. */
#ifndef GUEST_XEN_MEMORY_H
#define GUEST_XEN_MEMORY_H

#include "types.h"

enum xen_memory_op {
	XEN_MEMORY_INCREASE_RESERVATION = 0,
	XEN_MEMORY_DECREASE_RESERVATION = 1,
	XEN_MEMORY_MAXIMUM_RAM_PAGE = 2,
	XEN_MEMORY_CURRENT_RESERVATION = 3,
	XEN_MEMORY_MAXIMUM_RESERVATION = 4,
	XEN_MEMORY_MACHPHYS_LIST = 5,
	XEN_MEMORY_POPULATE_PHYSMAP = 6,
	XEN_MEMORY_ADD_TO_PHYSMAP = 7,
	XEN_MEMORY_MEMORY_MAP = 9,
	XEN_MEMORY_EXCHANGE = 11,
	XEN_MEMORY_MACHPHYS_MAPPING = 12,
	XEN_MEMORY_MAXIMUM_FRAME = 14,
	XEN_MEMORY_REMOVE_FROM_PHYSMAP = 15,
	XEN_MEMORY_OP_MASK = 0x3f /* the bits above continue an earlier call */
};

struct xen_memory_reservation {
	uint64_t extents; /* guest address of frame numbers */
	uint64_t nr_extents;
	uint32_t extent_order; /* log2 pages */
	uint32_t flags;
	uint16_t domain;
	uint16_t pad[3];
};

enum { XEN_MEMORY_ADDRESS_BITS = 0xff }; /* part of the flags: frames below 2^bits bytes; 0: any */

struct xen_memory_exchange {
	struct xen_memory_reservation in, out;
	uint64_t nr_exchanged; /* out: extents of `in` */
};

struct xen_machphys_list {
	uint32_t max_extents;
	uint32_t pad0;
	uint64_t extents;    /* guest address of frame numbers */
	uint32_t nr_extents; /* out */
	uint32_t pad1;
};

struct xen_machphys_mapping {
	uint64_t v_start, v_end; /* guest addresses of the list */
	uint64_t max_mfn;
};

struct xen_memory_map {
	uint32_t nr_entries; /* in: room; out: entries there are */
	uint32_t pad;
	uint64_t buffer; /* guest address */
};

enum xen_e820_type { XEN_E820_RAM = 1, XEN_E820_RESERVED = 2 };

struct xen_e820_entry {
	uint64_t start;
	uint64_t bytes;
	uint32_t type;
} __attribute__((packed));

XEN_AT(xen_memory_reservation, extent_order, 16);
XEN_AT(xen_memory_reservation, domain, 24);
XEN_SIZE(xen_memory_reservation, 32);
XEN_AT(xen_memory_exchange, out, 32);
XEN_SIZE(xen_memory_exchange, 72);
XEN_AT(xen_machphys_list, nr_extents, 16);
XEN_SIZE(xen_machphys_list, 24);
XEN_SIZE(xen_machphys_mapping, 24);
XEN_AT(xen_memory_map, buffer, 8);
XEN_SIZE(xen_memory_map, 16);
XEN_SIZE(xen_e820_entry, 20);

#endif
