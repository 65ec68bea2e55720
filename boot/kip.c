/* SPDX-License-Identifier: MIT */
/* Fills the kernel info page (spec section 6). */
#include <l4/sys/kip.h>
#include <l4/sys/memdesc.h>

#include "console.h"
#include "kernel.h"
#include "lib.h"

#define PLATFORM     "amd64"
#define KERNEL_SLOTS 8 /* descriptors left for the kernel: heap, user address ranges */

static void check(const l4_kernel_info_t *kip)
{
	if (kip->magic != L4_KERNEL_INFO_MAGIC)
		fatal("kernel info page has the wrong magic number 0x%x", kip->magic);
	if (l4_kip_version(kip) != L4_KIP_VERSION_FIASCO)
		fatal("kernel info page has the unknown version 0x%x", kip->version);
	if (kip->mem_descs < sizeof(*kip) || kip->mem_descs > MEM_PAGE ||
	    kip->mem_descs_num > (MEM_PAGE - kip->mem_descs) / sizeof(l4_kernel_info_mem_desc_t) ||
	    kip->mem_descs_num <= KERNEL_SLOTS)
		fatal("kernel info page has no room for memory descriptors");
}

static void fill_descriptors(l4_kernel_info_t *kip, const struct memmap *map)
{
	l4_kernel_info_mem_desc_t *desc = l4_kernel_info_get_mem_descs(kip);

	memset(desc, 0, kip->mem_descs_num * sizeof(*desc));
	if (memmap_descriptors(map, desc, kip->mem_descs_num - KERNEL_SLOTS) < 0)
		fatal("too many memory map entries for the kernel info page (%u)",
		      kip->mem_descs_num - KERNEL_SLOTS);
}

void kip_fill(uint64_t address, const struct kip_values *values, const struct memmap *map)
{
	l4_kernel_info_t *kip = phys_ptr(address);

	check(kip);
	kip->sigma0_ip = values->sigma0_entry;
	kip->root_ip = values->root_entry;
	kip->user_ptr = values->module_list;
	kip->acpi_rsdp_addr = values->rsdp;
	memset(kip->platform_info.name, 0, sizeof(kip->platform_info.name));
	memcpy(kip->platform_info.name, PLATFORM, sizeof(PLATFORM));
	fill_descriptors(kip, map);
}
