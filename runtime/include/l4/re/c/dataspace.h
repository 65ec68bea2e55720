/* SPDX-License-Identifier: MIT */
/*
 * Dataspaces: memory as an object. Offsets and sizes are bytes. Results are 0 or more, or a
 * negative error; each function is one call of the dataspace's server, or several where it says so.
 */
#ifndef L4_RE_C_DATASPACE_H
#define L4_RE_C_DATASPACE_H

#include <l4/sys/compiler.h>
#include <l4/sys/types.h>
#include <l4/sys/__l4_fpage.h>

EXTERN_C_BEGIN

/*
 * Capability of a dataspace. Where a function passes it on to another server, its low bits are the
 * rights that are passed on (L4_CAP_FPAGE_*).
 */
typedef l4_cap_idx_t l4re_ds_t;
typedef l4_uint64_t l4re_ds_size_t;
typedef l4_uint64_t l4re_ds_offset_t;
typedef l4_uint64_t l4re_ds_map_addr_t; /* user address */
typedef unsigned long l4re_ds_flags_t;	/* of l4re_ds_map_flags */

typedef struct {
	l4re_ds_size_t size;   /* as asked for when it was made, not rounded to pages */
	l4re_ds_flags_t flags; /* rights that the capability gives */
} l4re_ds_stats_t;

enum l4re_ds_map_flags {
	L4RE_DS_F_R = L4_FPAGE_RO,
	L4RE_DS_F_W = L4_FPAGE_W,
	L4RE_DS_F_X = L4_FPAGE_X,
	L4RE_DS_F_RW = L4_FPAGE_RW,
	L4RE_DS_F_RX = L4_FPAGE_RX,
	L4RE_DS_F_RWX = L4_FPAGE_RWX,
	L4RE_DS_F_RIGHTS_MASK = 0x0f,

	L4RE_DS_F_NORMAL = 0x00,
	L4RE_DS_F_CACHEABLE = L4RE_DS_F_NORMAL,
	L4RE_DS_F_BUFFERABLE = 0x10, /* write combining */
	L4RE_DS_F_UNCACHEABLE = 0x20,
	L4RE_DS_F_CACHING_MASK = 0x30,
	L4RE_DS_F_CACHING_SHIFT = 4
};

/*
 * Map a piece of the dataspace with those flags so that the byte at offset comes to local_addr. The
 * piece is the largest aligned power of two that the server gives and that lies within [min_addr,
 * max_addr). -L4_ERANGE, -L4_EPERM, -L4_EINVAL if there is no room for a page.
 */
L4_CV long l4re_ds_map(l4re_ds_t ds, l4re_ds_offset_t offset, l4re_ds_flags_t flags,
		       l4re_ds_map_addr_t local_addr, l4re_ds_map_addr_t min_addr,
		       l4re_ds_map_addr_t max_addr) L4_NOTHROW;

/* Map the whole of [min_addr, max_addr), from offset on, by as many calls as it takes. */
L4_CV long l4re_ds_map_region(l4re_ds_t ds, l4re_ds_offset_t offset, l4re_ds_flags_t flags,
			      l4re_ds_map_addr_t min_addr, l4re_ds_map_addr_t max_addr) L4_NOTHROW;

/* Fill with zeros. -L4_EACCESS without the W right, -L4_ERANGE. */
L4_CV long l4re_ds_clear(l4re_ds_t ds, l4re_ds_offset_t offset, l4re_ds_size_t size) L4_NOTHROW;

/* Give the range memory now, not at the first access. */
L4_CV long l4re_ds_allocate(l4re_ds_t ds, l4re_ds_offset_t offset, l4re_ds_size_t size) L4_NOTHROW;

/*
 * Copy from src, which must be a dataspace of the same server (-L4_EINVAL), and whose low bits are
 * the rights passed on (none: read only).
 */
L4_CV long l4re_ds_copy_in(l4re_ds_t ds, l4re_ds_offset_t dst_offs, l4re_ds_t src,
			   l4re_ds_offset_t src_offs, l4re_ds_size_t size) L4_NOTHROW;

/* Size; 0 for an error. */
L4_CV l4re_ds_size_t l4re_ds_size(l4re_ds_t ds) L4_NOTHROW;

/* Flags; 0 for an error. */
L4_CV l4re_ds_flags_t l4re_ds_flags(l4re_ds_t ds) L4_NOTHROW;

/* Size and flags. */
L4_CV long l4re_ds_info(l4re_ds_t ds, l4re_ds_stats_t *stats) L4_NOTHROW;

/* 0: can be mapped anywhere; 1: only at [*start_addr, *end_addr], for systems without an MMU. */
L4_CV long l4re_ds_map_info(l4re_ds_t ds, l4_addr_t *start_addr, l4_addr_t *end_addr) L4_NOTHROW;

EXTERN_C_END

#endif
