/* SPDX-License-Identifier: MIT */
/* What the boot loader told us, whatever its protocol. */
#ifndef BOOT_PARAMS_H
#define BOOT_PARAMS_H

#include <stdint.h>

#include "handover.h"
#include "kernel/bootinfo.h"
#include "memmap.h"
#include "protocol.h"

#define MODULES_MAX  128
#define STRINGS_SIZE 16384
#define RSDP_SIZE    36

struct boot_module {
	uint64_t start, end; /* physical, end exclusive */
	const char *cmdline; /* never NULL */
};

struct boot_params {
	const char *cmdline; /* without the image name, never NULL */
	struct memmap raw;   /* memory map as given by the firmware */
	unsigned modules;
	struct boot_module module[MODULES_MAX];
	uint64_t rsdp;		      /* 0 if not told */
	uint64_t efi_system_table;    /* 0 if not told */
	uint8_t rsdp_copy[RSDP_SIZE]; /* Multiboot2 gives a copy, not the place; rsdp_read */
	unsigned rsdp_copy_size;      /* 0 if not told */
	struct bootinfo_fb fb;
	unsigned strings_used;
	char strings[STRINGS_SIZE];
};

/*
 * Fill the parameters from the structures of the protocol. Everything is copied: no memory of the
 * boot loader but the modules is needed afterwards. Halts with an error line if there is too much.
 * The image's own archive of modules counts if the boot loader gives no module.
 */
void params_read(const struct handover *handover, struct boot_params *params);

/*
 * For the protocols: add a module, a memory map entry (firmware type as in the ACPI address map:
 * 1 RAM, 3 ACPI, 4 NVS, else reserved), the old style memory sizes, a frame buffer.
 */
void params_add_module(struct boot_params *params, uint64_t start, uint64_t end,
		       const char *cmdline);
void params_add_memory(struct boot_params *params, uint64_t start, uint64_t size, uint32_t type);
void params_add_meminfo(struct boot_params *params, uint32_t lower_kib, uint32_t upper_kib);
void params_set_fb(struct boot_params *params, const struct mb_fb *fb,
		   const struct mb_fb_colour *colour);

/* Copy a string (length without NUL); NULL gives "". Halts with an error line if full. */
const char *params_string(struct boot_params *params, const char *s, uint64_t length);

/* One reader a protocol. */
void mb1_read(const struct mb1_info *info, struct boot_params *params);
void mb2_read(const struct mb2_info *info, struct boot_params *params);
void pvh_read(const struct pvh_info *info, struct boot_params *params);

#endif
