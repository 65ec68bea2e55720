/* SPDX-License-Identifier: MIT */
/* Information structures of the boot protocols: Multiboot 0.6.96, Multiboot2 2.0, Xen PVH. */
#ifndef BOOT_PROTOCOL_H
#define BOOT_PROTOCOL_H

#include <stdint.h>

#define BOOT_MAGIC_MB1 0x2badb002
#define BOOT_MAGIC_MB2 0x36d76289
#define BOOT_MAGIC_PVH 0x336ec578

#define MB1_HAS_MEM	0x0001
#define MB1_HAS_CMDLINE 0x0004
#define MB1_HAS_MODULES 0x0008
#define MB1_HAS_MMAP	0x0040
#define MB1_HAS_FB	0x1000

/* Frame-buffer part, the same in both Multiboot versions. */
struct mb_fb {
	uint64_t addr;
	uint32_t pitch, width, height;
	uint8_t bpp, type; /* 1 direct colour, 2 EGA text */
} __attribute__((packed));

struct mb_fb_colour {
	uint8_t red_pos, red_size, green_pos, green_size, blue_pos, blue_size;
};

struct mb1_info {
	uint32_t flags, mem_lower, mem_upper, boot_device, cmdline;
	uint32_t modules, modules_addr, symbols[4], mmap_length, mmap_addr;
	uint32_t drives_length, drives_addr, config_table, loader_name, apm_table;
	uint32_t vbe_control, vbe_mode_info;
	uint16_t vbe_mode, vbe_segment, vbe_offset, vbe_length;
	struct mb_fb fb;
	struct mb_fb_colour colour;
} __attribute__((packed));

struct mb1_module {
	uint32_t start, end, string, reserved;
};

struct mb1_mmap {
	uint32_t size; /* bytes after this field */
	uint64_t addr, length;
	uint32_t type;
} __attribute__((packed));

enum mb2_tag_type {
	MB2_END = 0,
	MB2_CMDLINE = 1,
	MB2_MODULE = 3,
	MB2_MEMINFO = 4,
	MB2_MMAP = 6,
	MB2_FB = 8,
	MB2_EFI64 = 12,
	MB2_ACPI_OLD = 14,
	MB2_ACPI_NEW = 15,
};

struct mb2_info {
	uint32_t total_size, reserved;
};

struct mb2_tag {
	uint32_t type, size; /* size includes this header; the next tag is 8-byte aligned */
};

struct mb2_module {
	struct mb2_tag tag;
	uint32_t start, end;
	char string[];
};

struct mb2_meminfo {
	struct mb2_tag tag;
	uint32_t lower, upper; /* KiB */
};

struct mb2_mmap_entry {
	uint64_t addr, length;
	uint32_t type, reserved;
};

struct mb2_mmap {
	struct mb2_tag tag;
	uint32_t entry_size, entry_version;
};

struct mb2_fb {
	struct mb2_tag tag;
	struct mb_fb fb;
	uint16_t reserved;
	struct mb_fb_colour colour;
} __attribute__((packed));

struct mb2_efi64 {
	struct mb2_tag tag;
	uint64_t system_table;
};

struct pvh_info {
	uint32_t magic, version, flags, modules;
	uint64_t modules_addr, cmdline, rsdp;
	uint64_t mmap_addr; /* from version 1 */
	uint32_t mmap_entries, reserved;
};

struct pvh_module {
	uint64_t start, size, cmdline, reserved;
};

struct pvh_mmap {
	uint64_t addr, size;
	uint32_t type, reserved;
};

/*
 * Command line of the protocol, or NULL. It is not copied, and it is NULL too where it lies
 * above 4 GiB. May be called in 32-bit and 64-bit mode.
 * @magic: BOOT_MAGIC_*; @info: physical address of the information structure.
 */
const char *protocol_cmdline(uint32_t magic, uintptr_t info);

#endif
