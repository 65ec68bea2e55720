/* SPDX-License-Identifier: MIT */
/* Memory descriptors of the KIP; a later one overrides earlier ones for the same range. */
#ifndef L4_SYS_MEMDESC_H
#define L4_SYS_MEMDESC_H

#include <l4/sys/kip.h>

enum l4_mem_type_t {
	l4_mem_type_undefined = 0x0,	/* unused slot */
	l4_mem_type_conventional = 0x1, /* RAM; virtual: user address range */
	l4_mem_type_reserved = 0x2,	/* the kernel's, see l4_mem_reserved_sub_type_t */
	l4_mem_type_dedicated = 0x3,	/* sigma0 */
	l4_mem_type_shared = 0x4,
	l4_mem_type_kernel_tmp = 0x7, /* only until user land runs */
	l4_mem_type_info = 0xd,
	l4_mem_type_bootloader = 0xe, /* root task, modules; sub type = L4_fpage_rights */
	l4_mem_type_archspecific = 0xf
};

enum l4_mem_reserved_sub_type_t {
	l4_mem_reserved_kernel = 0,
	l4_mem_reserved_heap = 1,
	l4_mem_reserved_mmio = 2
};

enum l4_mem_info_sub_type_t { l4_mem_info_acpi_rsdp = 0 };

enum l4_mem_archspecific_sub_type_common_t {
	l4_mem_archspecific_acpi_tables = 3,
	l4_mem_archspecific_acpi_nvs = 4
};

/* Bits of the low word beside the start address (bits 10 up). */
enum l4_mem_desc_bits {
	l4_mem_desc_type_mask = 0x00f,
	l4_mem_desc_sub_type_shift = 4,
	l4_mem_desc_eager = 0x100,
	l4_mem_desc_virtual = 0x200,
	l4_mem_desc_unit = 0x400 /* bytes: granularity of addresses */
};

typedef struct l4_kernel_info_mem_desc_t {
	l4_umword_t l; /* start | bits of l4_mem_desc_bits */
	l4_umword_t h; /* last byte; its low 10 bits count as ones */
} l4_kernel_info_mem_desc_t;

L4_STATIC_ASSERT(sizeof(l4_kernel_info_mem_desc_t) == 16);

/* First descriptor of the KIP. */
L4_INLINE l4_kernel_info_mem_desc_t *
l4_kernel_info_get_mem_descs(l4_kernel_info_t const *kip) L4_NOTHROW
{
	return (l4_kernel_info_mem_desc_t *)((l4_addr_t)kip + kip->mem_descs);
}

/* Number of descriptor slots, unused ones included. */
L4_INLINE unsigned l4_kernel_info_get_num_mem_descs(l4_kernel_info_t const *kip) L4_NOTHROW
{
	return kip->mem_descs_num;
}

/* Fill in a descriptor: addresses in bytes, end = last byte, virt not 0 for a virtual range. */
L4_INLINE void l4_kernel_info_set_mem_desc(l4_kernel_info_mem_desc_t *md, l4_addr_t start,
					   l4_addr_t end, unsigned type, unsigned virt,
					   unsigned sub_type) L4_NOTHROW
{
	md->l = (start & ~(l4_mem_desc_unit - 1UL)) | (type & l4_mem_desc_type_mask) |
		((sub_type & 0xf) << l4_mem_desc_sub_type_shift) | (virt ? l4_mem_desc_virtual : 0);
	md->h = end;
}

/* First byte of the range. */
L4_INLINE l4_umword_t l4_kernel_info_get_mem_desc_start(l4_kernel_info_mem_desc_t const *md)
    L4_NOTHROW
{
	return md->l & ~(l4_mem_desc_unit - 1UL);
}

/* Last byte of the range. */
L4_INLINE l4_umword_t l4_kernel_info_get_mem_desc_end(l4_kernel_info_mem_desc_t const *md)
    L4_NOTHROW
{
	return md->h | (l4_mem_desc_unit - 1UL);
}

/* Type, as in l4_mem_type_t. */
L4_INLINE l4_umword_t l4_kernel_info_get_mem_desc_type(l4_kernel_info_mem_desc_t const *md)
    L4_NOTHROW
{
	return md->l & l4_mem_desc_type_mask;
}

/* Sub type; its meaning depends on the type. */
L4_INLINE l4_umword_t l4_kernel_info_get_mem_desc_subtype(l4_kernel_info_mem_desc_t const *md)
    L4_NOTHROW
{
	return (md->l >> l4_mem_desc_sub_type_shift) & 0xf;
}

/* Not 0 for a range of virtual addresses. */
L4_INLINE l4_umword_t l4_kernel_info_get_mem_desc_is_virtual(l4_kernel_info_mem_desc_t const *md)
    L4_NOTHROW
{
	return md->l & l4_mem_desc_virtual;
}

#endif
