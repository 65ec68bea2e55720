/* SPDX-License-Identifier: MIT */
/* What the boot stage hands to the kernel. All addresses are physical; the kernel reaches them
 * through its direct map. The record lives in boot-stage memory and is copied at once. */
#ifndef KERNEL_BOOTINFO_H
#define KERNEL_BOOTINFO_H

#include <stdint.h>

#define BOOTINFO_MAGIC	 0x315245474e49575aULL /* "ZWINGER1" */
#define BOOTINFO_CMDLINE 512

/* Virtual layout that the boot stage has set up when it enters the kernel. */
#define DIRECT_MAP_BASE 0xffff800000000000ULL /* slot 256: all RAM and the first 4 GiB, RW, NX */
#define KERNEL_BASE	0xffff808000000000ULL /* slot 257: kernel image, 4 KiB pages, W^X */

enum bootinfo_fb_type { BOOTINFO_FB_NONE, BOOTINFO_FB_RGB, BOOTINFO_FB_TEXT };

struct bootinfo_fb {
	uint64_t phys;
	uint32_t type;		/* enum bootinfo_fb_type */
	uint32_t pitch;		/* bytes a line */
	uint32_t width, height; /* pixels; characters for text */
	uint8_t bpp;		/* bits a pixel */
	uint8_t red_pos, red_size, green_pos, green_size, blue_pos, blue_size;
	uint8_t reserved;
};

/*
 * Kernel entry: jump to the ELF entry point of the kernel (a KERNEL_BASE address) with
 * rdi = direct-map address of this record, interrupts off, long mode, paging with the layout
 * above in page tables that lie in [kernel_phys, kernel_phys + kernel_size) (after the image), so
 * that the rest of the boot stage can be given away; rsp = any 4 KiB of boot-stage stack.
 *
 * PML4 slot 0 shares its PDPT with the direct map: the kernel clears the slot, but does not free
 * what is below. The direct map of kernel pages that are not writable is read-only; what is no
 * memory is uncached in it; memory from 512 GiB on is not used, and a frame buffer above 4 GiB is
 * not mapped. Exceptions are reported by the boot stage until the kernel loads its own IDT, while
 * slot 0 is there.
 */
struct bootinfo {
	uint64_t magic;
	uint64_t kip_phys;    /* one page inside the kernel image, filled by the boot stage: entry
			       * points, user_ptr, RSDP, platform name, memory descriptors */
	uint64_t kernel_phys; /* 2 MiB aligned start of the image */
	uint64_t kernel_size; /* bytes, image and initial page tables, page multiple */
	uint64_t page_table;  /* physical address of the PML4 in use */
	uint64_t rsdp;	      /* ACPI root pointer, 0 if none */
	uint64_t start_tsc;   /* TSC at the first instruction of the boot stage */
	uint64_t low_page;    /* a free page below 1 MiB for the start of other CPUs, 0 if none */
	struct bootinfo_fb fb;
	char cmdline[BOOTINFO_CMDLINE]; /* NUL-terminated words after the image name */
};

#endif
