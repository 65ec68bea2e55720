/* SPDX-License-Identifier: MIT */
/* Paravirtual interface: grant tables, version 1. */
#ifndef GUEST_XEN_GRANT_H
#define GUEST_XEN_GRANT_H

#include "types.h"

enum xen_grant_op {
	XEN_GRANT_MAP = 0,
	XEN_GRANT_UNMAP = 1,
	XEN_GRANT_SETUP_TABLE = 2,
	XEN_GRANT_DUMP_TABLE = 3,
	XEN_GRANT_TRANSFER = 4,
	XEN_GRANT_COPY = 5,
	XEN_GRANT_QUERY_SIZE = 6,
	XEN_GRANT_UNMAP_AND_REPLACE = 7,
	XEN_GRANT_SET_VERSION = 8,
	XEN_GRANT_GET_STATUS_FRAMES = 9,
	XEN_GRANT_GET_VERSION = 10,
	XEN_GRANT_SWAP_REF = 11
};

enum xen_grant_flags {
	XEN_GRANT_INVALID = 0,
	XEN_GRANT_ACCESS = 1,
	XEN_GRANT_ACCEPT = 2, /* a frame that is transferred */
	XEN_GRANT_TYPE_MASK = 3,
	XEN_GRANT_READONLY = 1 << 2,
	XEN_GRANT_READING = 1 << 3,
	XEN_GRANT_WRITING = 1 << 4,
	XEN_GRANT_COMMITTED = 1 << 2, /* of XEN_GRANT_ACCEPT: the frame is on its way */
	XEN_GRANT_COMPLETED = 1 << 3  /* and has come */
};

enum {
	XEN_GRANT_RESERVED = 8, /* entries that have a fixed use: */
	XEN_GRANT_CONSOLE = 0,
	XEN_GRANT_STORE = 1,
	XEN_GRANTS_PER_PAGE = 512
};

struct xen_grant_entry {
	uint16_t flags;
	uint16_t domain;
	uint32_t frame;
};

struct xen_grant_setup {
	uint16_t domain;
	uint16_t pad0;
	uint32_t nr_frames;
	int16_t status; /* out */
	uint16_t pad1[3];
	uint64_t frame_list; /* guest address of 64-bit frame numbers */
};

struct xen_grant_query {
	uint16_t domain;
	uint16_t pad0;
	uint32_t nr_frames; /* out, and what follows */
	uint32_t max_nr_frames;
	int16_t status;
	uint16_t pad1;
};

struct xen_grant_version {
	uint32_t version;
};

struct xen_grant_get_version {
	uint16_t domain;
	uint16_t pad;
	uint32_t version; /* out */
};

enum xen_grant_map_flags {
	XEN_GRANT_MAP_DEVICE = 1 << 0,
	XEN_GRANT_MAP_HOST = 1 << 1,
	XEN_GRANT_MAP_READONLY = 1 << 2,
	XEN_GRANT_MAP_APPLICATION = 1 << 3,
	XEN_GRANT_MAP_ENTRY = 1 << 4 /* the host address is that of a page-table entry */
};

struct xen_grant_map {
	uint64_t host_address;
	uint32_t flags;
	uint32_t ref;
	uint16_t domain;
	int16_t status; /* out, and what follows */
	uint32_t handle;
	uint64_t device_address;
};

struct xen_grant_unmap {
	uint64_t host_address;
	uint64_t device_address;
	uint32_t handle;
	int16_t status; /* out */
	uint16_t pad;
};

struct xen_grant_replace {
	uint64_t host_address;
	uint64_t new_address; /* guest address whose entry takes the place; 0: none */
	uint32_t handle;
	int16_t status; /* out */
	uint16_t pad;
};

struct xen_grant_transfer {
	uint64_t frame;
	uint16_t domain;
	uint16_t pad0;
	uint32_t ref;
	int16_t status; /* out */
	uint16_t pad1[3];
};

struct xen_grant_swap {
	uint32_t first, second;
	int16_t status; /* out */
	uint16_t pad;
};

enum xen_grant_copy_flags { XEN_GRANT_COPY_SOURCE = 1, XEN_GRANT_COPY_DEST = 2 }; /* a reference */

struct xen_grant_side {
	uint64_t frame; /* or in the lower half a reference */
	uint16_t domain;
	uint16_t offset; /* bytes */
	uint32_t pad;
};

struct xen_grant_copy {
	struct xen_grant_side source, dest;
	uint16_t bytes;
	uint16_t flags;
	int16_t status; /* out */
	uint16_t pad;
};

enum xen_grant_status {
	XEN_GRANT_OKAY = 0,
	XEN_GRANT_ERROR = -1,
	XEN_GRANT_BAD_DOMAIN = -2,
	XEN_GRANT_BAD_REF = -3,
	XEN_GRANT_BAD_HANDLE = -4,
	XEN_GRANT_BAD_ADDRESS = -5,
	XEN_GRANT_BAD_PAGE = -9,
	XEN_GRANT_BAD_COPY = -10,
	XEN_GRANT_IN_USE = -12,
	XEN_GRANT_NO_SPACE = -13
};

XEN_AT(xen_grant_map, domain, 16);
XEN_AT(xen_grant_map, handle, 20);
XEN_SIZE(xen_grant_map, 32);
XEN_AT(xen_grant_unmap, status, 20);
XEN_SIZE(xen_grant_unmap, 24);
XEN_AT(xen_grant_side, offset, 10);
XEN_AT(xen_grant_copy, bytes, 32);
XEN_SIZE(xen_grant_copy, 40);

XEN_AT(xen_grant_replace, handle, 16);
XEN_AT(xen_grant_replace, status, 20);
XEN_SIZE(xen_grant_replace, 24);
XEN_AT(xen_grant_transfer, ref, 12);
XEN_AT(xen_grant_transfer, status, 16);
XEN_SIZE(xen_grant_transfer, 24);
XEN_AT(xen_grant_swap, status, 8);
XEN_SIZE(xen_grant_swap, 12);

XEN_AT(xen_grant_entry, frame, 4);
XEN_SIZE(xen_grant_entry, 8);
XEN_AT(xen_grant_setup, nr_frames, 4);
XEN_AT(xen_grant_setup, status, 8);
XEN_AT(xen_grant_setup, frame_list, 16);
XEN_SIZE(xen_grant_setup, 24);
XEN_AT(xen_grant_get_version, version, 4);
XEN_SIZE(xen_grant_get_version, 8);
XEN_AT(xen_grant_query, max_nr_frames, 8);
XEN_AT(xen_grant_query, status, 12);
XEN_SIZE(xen_grant_query, 16);

#endif
