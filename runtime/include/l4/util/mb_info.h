/* SPDX-License-Identifier: MIT */
/* Information of Multiboot (version 1) loaders, and of VESA BIOSes in it. Addresses are physical.
 */
#ifndef L4_UTIL_MB_INFO_H
#define L4_UTIL_MB_INFO_H

#include <l4/sys/compiler.h>
#include <l4/sys/l4int.h>

#define L4UTIL_MB_VALID 0x2BADB002UL /* in eax at the start */

/* What of the structure is filled: its field flags. */
#define L4UTIL_MB_MEMORY	   0x001
#define L4UTIL_MB_BOOTDEV	   0x002
#define L4UTIL_MB_CMDLINE	   0x004
#define L4UTIL_MB_MODS		   0x008
#define L4UTIL_MB_AOUT_SYMS	   0x010
#define L4UTIL_MB_ELF_SHDR	   0x020
#define L4UTIL_MB_MEM_MAP	   0x040
#define L4UTIL_MB_DRIVE_INFO	   0x080
#define L4UTIL_MB_CONFIG_TABLE	   0x100
#define L4UTIL_MB_BOOT_LOADER_NAME 0x200
#define L4UTIL_MB_APM_TABLE	   0x400
#define L4UTIL_MB_VIDEO_INFO	   0x800

/* Types of memory ranges, as ACPI numbers them. */
#define MB_ARD_MEMORY	1
#define MB_ART_MEMORY	1
#define MB_ART_RESERVED 2
#define MB_ART_ACPI	3
#define MB_ART_NVS	4
#define MB_ART_UNUSABLE 5

typedef struct {
	l4_uint32_t mod_start;
	l4_uint32_t mod_end; /* exclusive */
	l4_uint32_t cmdline;
	l4_uint32_t pad;
} l4util_mb_mod_t;

/* A memory range; struct_size counts the bytes after itself. */
typedef struct __attribute__((packed)) {
	l4_uint32_t struct_size;
	l4_uint64_t addr;
	l4_uint64_t size;
	l4_uint32_t type;
} l4util_mb_addr_range_t;

typedef struct {
	l4_uint32_t flags;
	l4_uint32_t mem_lower; /* KiB below 1 MiB */
	l4_uint32_t mem_upper; /* KiB from 1 MiB on */
	l4_uint32_t boot_device;
	l4_uint32_t cmdline;
	l4_uint32_t mods_count;
	l4_uint32_t mods_addr;
	union {
		struct {
			l4_uint32_t tabsize, strsize, addr, pad;
		} a;
		struct {
			l4_uint32_t num, size, addr, shndx;
		} e;
	} syms;
	l4_uint32_t mmap_length; /* bytes */
	l4_uint32_t mmap_addr;
	l4_uint32_t drives_length;
	l4_uint32_t drives_addr;
	l4_uint32_t config_table;
	l4_uint32_t boot_loader_name;
	l4_uint32_t apm_table;
	l4_uint32_t vbe_ctrl_info;
	l4_uint32_t vbe_mode_info;
	l4_uint16_t vbe_mode;
	l4_uint16_t vbe_interface_seg;
	l4_uint16_t vbe_interface_off;
	l4_uint16_t vbe_interface_len;
} l4util_mb_info_t;

L4_STATIC_ASSERT(sizeof(l4util_mb_info_t) == 88);

/* The video controller, as VESA BIOS extensions 2.0 describe it. */
typedef struct __attribute__((packed)) {
	l4_uint8_t signature[4];
	l4_uint16_t version;
	l4_uint32_t oem_string;
	l4_uint32_t capabilities;
	l4_uint32_t video_mode;
	l4_uint16_t total_memory; /* 64 KiB */
	l4_uint16_t oem_software_rev;
	l4_uint32_t oem_vendor_name;
	l4_uint32_t oem_product_name;
	l4_uint32_t oem_product_rev;
	l4_uint8_t reserved[222];
	l4_uint8_t oem_data[256];
} l4util_mb_vbe_ctrl_t;

L4_STATIC_ASSERT(sizeof(l4util_mb_vbe_ctrl_t) == 512);

/* A video mode, as VESA BIOS extensions 3.0 describe it. */
typedef struct __attribute__((packed)) {
	l4_uint16_t mode_attributes;
	l4_uint8_t win_a_attributes;
	l4_uint8_t win_b_attributes;
	l4_uint16_t win_granularity;
	l4_uint16_t win_size;
	l4_uint16_t win_a_segment;
	l4_uint16_t win_b_segment;
	l4_uint32_t win_func;
	l4_uint16_t bytes_per_scanline;
	l4_uint16_t x_resolution;
	l4_uint16_t y_resolution;
	l4_uint8_t x_char_size;
	l4_uint8_t y_char_size;
	l4_uint8_t number_of_planes;
	l4_uint8_t bits_per_pixel;
	l4_uint8_t number_of_banks;
	l4_uint8_t memory_model;
	l4_uint8_t bank_size;
	l4_uint8_t number_of_image_pages;
	l4_uint8_t reserved0;
	l4_uint8_t red_mask_size;
	l4_uint8_t red_field_position;
	l4_uint8_t green_mask_size;
	l4_uint8_t green_field_position;
	l4_uint8_t blue_mask_size;
	l4_uint8_t blue_field_position;
	l4_uint8_t reserved_mask_size;
	l4_uint8_t reserved_field_position;
	l4_uint8_t direct_color_mode_info;
	l4_uint32_t phys_base;
	l4_uint32_t reserved1;
	l4_uint16_t reversed2;
	l4_uint16_t linear_bytes_per_scanline;
	l4_uint8_t banked_number_of_image_pages;
	l4_uint8_t linear_number_of_image_pages;
	l4_uint8_t linear_red_mask_size;
	l4_uint8_t linear_red_field_position;
	l4_uint8_t linear_green_mask_size;
	l4_uint8_t linear_green_field_position;
	l4_uint8_t linear_blue_mask_size;
	l4_uint8_t linear_blue_field_position;
	l4_uint8_t linear_reserved_mask_size;
	l4_uint8_t linear_reserved_field_position;
	l4_uint32_t max_pixel_clock;
	l4_uint8_t reserved3[190];
} l4util_mb_vbe_mode_t;

L4_STATIC_ASSERT(sizeof(l4util_mb_vbe_mode_t) == 256);

/* First range of the memory map. */
L4_INLINE l4util_mb_addr_range_t *l4util_mb_first_mmap_entry(l4util_mb_info_t *mbi)
{
	return (l4util_mb_addr_range_t *)(l4_addr_t)mbi->mmap_addr;
}

/* The range after e; can be behind the end of the map. */
L4_INLINE l4util_mb_addr_range_t *l4util_mb_next_mmap_entry(l4util_mb_addr_range_t *e)
{
	return (l4util_mb_addr_range_t *)((char *)e + e->struct_size + sizeof(e->struct_size));
}

/* Loop over the memory map; i is a l4util_mb_addr_range_t *. */
#define l4util_mb_for_each_mmap_entry(i, mbi)                                   \
	for ((i) = l4util_mb_first_mmap_entry(mbi);                             \
	     (l4_addr_t)(i) < (l4_addr_t)(mbi)->mmap_addr + (mbi)->mmap_length; \
	     (i) = l4util_mb_next_mmap_entry(i))

#endif
