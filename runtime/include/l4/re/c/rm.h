/* SPDX-License-Identifier: MIT */
/*
 * Region maps: what is where in an address space. Sizes are bytes, rounded to pages; align is log2
 * bytes. Functions without _srv use the program's own region map.
 *
 * Dataspaces of other servers than the region map's are mapped as a whole by l4re_rm_attach(), into
 * a reserved area; see doc/decisions/0010-runtime-structure.md. At most L4RE_RM_FOREIGN_MAX of them
 * can be attached at a time.
 */
#ifndef L4_RE_C_RM_H
#define L4_RE_C_RM_H

#include <l4/re/c/dataspace.h>
#include <l4/re/env.h>

EXTERN_C_BEGIN

enum l4re_rm_flags_values {
	L4RE_RM_F_R = L4RE_DS_F_R,
	L4RE_RM_F_W = L4RE_DS_F_W,
	L4RE_RM_F_X = L4RE_DS_F_X,
	L4RE_RM_F_RX = L4RE_DS_F_RX,
	L4RE_RM_F_RW = L4RE_DS_F_RW,
	L4RE_RM_F_RWX = L4RE_DS_F_RWX,
	L4RE_RM_F_RIGHTS_MASK = L4RE_DS_F_RIGHTS_MASK,

	L4RE_RM_CACHING_SHIFT = 4,
	L4RE_RM_F_CACHING = L4RE_DS_F_CACHING_MASK,
	L4RE_RM_F_CACHE_NORMAL = L4RE_DS_F_NORMAL,
	L4RE_RM_F_CACHE_BUFFERED = L4RE_DS_F_BUFFERABLE,
	L4RE_RM_F_CACHE_UNCACHED = L4RE_DS_F_UNCACHEABLE,

	L4RE_RM_F_KERNEL = 0x100,   /* backed by the kernel (UTCBs), without dataspace */
	L4RE_RM_F_PAGER = 0x400,    /* faults go to a pager of its own */
	L4RE_RM_F_RESERVED = 0x800, /* nothing is mapped here by faults */
	L4RE_RM_F_PRIVATE = 0x1000, /* copy on write */
	L4RE_RM_F_ANONYMOUS = 0x2000,
	L4RE_RM_REGION_FLAGS = 0xffff,

	L4RE_RM_F_SEARCH_ADDR = 0x20000, /* find a place from the start address on */
	L4RE_RM_F_IN_AREA = 0x40000,	 /* in a reserved area */
	L4RE_RM_F_EAGER_MAP = 0x80000,	 /* map all of it now */
	L4RE_RM_F_NO_EAGER_MAP = 0x100000,
	L4RE_RM_F_ATTACH_FLAGS = 0x1f0000
};

/* Results of detach, or-ed. */
enum l4re_rm_detach_result {
	L4RE_RM_DETACHED_DS = 0,
	L4RE_RM_KEPT_DS = 1,  /* the dataspace is used by other regions */
	L4RE_RM_SPLIT_DS = 2, /* a region was cut in two */
	L4RE_RM_DETACH_RESULT_MASK = 3,
	L4RE_RM_DETACH_AGAIN = 4,  /* more regions are in the range */
	L4RE_RM_UNMAPPED_RANGE = 8 /* the server has unmapped the pages */
};

/* Which regions detach takes. */
enum l4re_rm_detach_flags { L4RE_RM_DETACH_EXACT = 1, L4RE_RM_DETACH_OVERLAP = 2 };

enum { L4RE_RM_FOREIGN_MAX = 256 };

typedef l4_uint32_t l4re_rm_flags_t;
typedef l4_uint64_t l4re_rm_offset_t;

/*
 * Reserve an address range, at *start or (L4RE_RM_F_SEARCH_ADDR) from there on. Only attaches with
 * L4RE_RM_F_IN_AREA go there. 0, -L4_EADDRNOTAVAIL, -L4_EINVAL.
 */
L4_CV int l4re_rm_reserve_area_srv(l4_cap_idx_t rm, l4_addr_t *start, unsigned long size,
				   l4re_rm_flags_t flags, unsigned char align) L4_NOTHROW;

/* Give the area at addr back; regions in it stay. 0, -L4_ENOENT. */
L4_CV int l4re_rm_free_area_srv(l4_cap_idx_t rm, l4_addr_t addr) L4_NOTHROW;

/*
 * Attach size bytes of mem from offs on, with rights and other flags. mem's low bits are the rights
 * passed to the region map; a capability without any is passed with those that the flags need.
 * 0, -L4_EADDRNOTAVAIL, -L4_EINVAL, -L4_EPERM, -L4_ENOENT, -L4_ENOMEM.
 */
L4_CV int l4re_rm_attach_srv(l4_cap_idx_t rm, void **start, unsigned long size,
			     l4re_rm_flags_t flags, l4re_ds_t mem, l4re_rm_offset_t offs,
			     unsigned char align) L4_NOTHROW;

/* The same, with a name and an offset in a file, which l4re_rm_get_info() returns. */
L4_CV int l4re_rm_attach_w_info_srv(l4_cap_idx_t rm, void **start, unsigned long size,
				    l4re_rm_flags_t flags, l4re_ds_t mem, l4re_rm_offset_t offs,
				    unsigned char align, char const *name,
				    l4re_rm_offset_t backing_offset) L4_NOTHROW;

/*
 * Put mem in the place of a part of one region, or of all of it and the free space behind it, so
 * that other threads do not find the place empty. L4RE_RM_F_RESERVED: nothing. Rights that the new
 * flags lack are taken from the pages there; mem must be what was there before. An extension
 * (<l4/zwinger/rm.h>). 0, -L4_ENOENT if no region is at start or mem is of another server,
 * -L4_EADDRNOTAVAIL, -L4_EINVAL, -L4_EPERM, -L4_ENOMEM.
 */
L4_CV int l4re_zw_rm_replace(void *start, unsigned long size, l4re_rm_flags_t flags, l4re_ds_t mem,
			     l4re_rm_offset_t offs) L4_NOTHROW;

/*
 * Detach the region at addr and unmap it from task (L4_INVALID_CAP: do not unmap). *ds, unless ds
 * is NULL, becomes the caller's selector of the dataspace. Results of l4re_rm_detach_result, or
 * -L4_ENOENT.
 */
L4_CV int l4re_rm_detach_srv(l4_cap_idx_t rm, l4_addr_t addr, l4re_ds_t *ds,
			     l4_cap_idx_t task) L4_NOTHROW;

/*
 * The first region that overlaps [*addr, *addr + *size): its place, the offset of its first byte in
 * the dataspace, its flags (L4RE_RM_F_IN_AREA: it is an area) and the caller's selector of the
 * dataspace. 0, -L4_ENOENT, -L4_EPERM if the region map does not tell.
 */
L4_CV int l4re_rm_find_srv(l4_cap_idx_t rm, l4_addr_t *addr, unsigned long *size,
			   l4re_rm_offset_t *offset, l4re_rm_flags_t *flags,
			   l4re_ds_t *m) L4_NOTHROW;

/* Name (cut to len - 1 characters) and file offset of the region. -L4_ENOSYS if none are kept. */
L4_CV int l4re_rm_get_info_srv(l4_cap_idx_t rm, l4_addr_t addr, char *name, unsigned len,
			       l4re_rm_offset_t *backing_offset) L4_NOTHROW;

/* Let the region map print its lists. */
L4_CV void l4re_rm_show_lists_srv(l4_cap_idx_t rm) L4_NOTHROW;

/* --- With the program's own region map --- */

L4_INLINE int l4re_rm_reserve_area(l4_addr_t *start, unsigned long size, l4re_rm_flags_t flags,
				   unsigned char align) L4_NOTHROW
{
	return l4re_rm_reserve_area_srv(l4re_env()->rm, start, size, flags, align);
}

L4_INLINE int l4re_rm_free_area(l4_addr_t addr) L4_NOTHROW
{
	return l4re_rm_free_area_srv(l4re_env()->rm, addr);
}

L4_INLINE int l4re_rm_attach(void **start, unsigned long size, l4re_rm_flags_t flags, l4re_ds_t mem,
			     l4re_rm_offset_t offs, unsigned char align) L4_NOTHROW
{
	return l4re_rm_attach_srv(l4re_env()->rm, start, size, flags, mem, offs, align);
}

L4_INLINE int l4re_rm_attach_w_info(void **start, unsigned long size, l4re_rm_flags_t flags,
				    l4re_ds_t mem, l4re_rm_offset_t offs, unsigned char align,
				    char const *name, l4re_rm_offset_t backing_offset) L4_NOTHROW
{
	return l4re_rm_attach_w_info_srv(l4re_env()->rm, start, size, flags, mem, offs, align, name,
					 backing_offset);
}

L4_INLINE int l4re_rm_detach_ds_unmap(void *addr, l4re_ds_t *ds, l4_cap_idx_t task) L4_NOTHROW
{
	return l4re_rm_detach_srv(l4re_env()->rm, (l4_addr_t)addr, ds, task);
}

L4_INLINE int l4re_rm_detach_unmap(l4_addr_t addr, l4_cap_idx_t task) L4_NOTHROW
{
	return l4re_rm_detach_srv(l4re_env()->rm, addr, NULL, task);
}

L4_INLINE int l4re_rm_detach_ds(void *addr, l4re_ds_t *ds) L4_NOTHROW
{
	return l4re_rm_detach_ds_unmap(addr, ds, L4RE_THIS_TASK_CAP);
}

L4_INLINE int l4re_rm_detach(void *addr) L4_NOTHROW
{
	return l4re_rm_detach_ds_unmap(addr, NULL, L4RE_THIS_TASK_CAP);
}

L4_INLINE int l4re_rm_find(l4_addr_t *addr, unsigned long *size, l4re_rm_offset_t *offset,
			   l4re_rm_flags_t *flags, l4re_ds_t *m) L4_NOTHROW
{
	return l4re_rm_find_srv(l4re_env()->rm, addr, size, offset, flags, m);
}

L4_INLINE int l4re_rm_get_info(l4_addr_t addr, char *name, unsigned len,
			       l4re_rm_offset_t *backing_offset) L4_NOTHROW
{
	return l4re_rm_get_info_srv(l4re_env()->rm, addr, name, len, backing_offset);
}

L4_INLINE void l4re_rm_show_lists(void) L4_NOTHROW
{
	l4re_rm_show_lists_srv(l4re_env()->rm);
}

EXTERN_C_END

#endif
