/* SPDX-License-Identifier: MIT */
/* Reads hvm_start_info, the information structure of PVH (Xen public interface, start_info.h). */
#include "console.h"
#include "identity.h"
#include "lib.h"
#include "params.h"

static void read_modules(const struct pvh_info *info, struct boot_params *params)
{
	const struct pvh_module *m = phys_ptr(info->modules_addr);

	identity_map(info->modules_addr, info->modules * sizeof(*m));
	for (uint32_t i = 0; i < info->modules; i++) {
		identity_map(m[i].cmdline, 1);
		params_add_module(params, m[i].start, m[i].start + m[i].size,
				  phys_ptr(m[i].cmdline));
	}
}

void pvh_read(const struct pvh_info *info, struct boot_params *params)
{
	const struct pvh_mmap *e;

	if (info->version < 1)
		fatal("PVH start information of version 0 has no memory map");
	e = phys_ptr(info->mmap_addr);
	identity_map(info->mmap_addr, info->mmap_entries * sizeof(*e));
	for (uint32_t i = 0; i < info->mmap_entries; i++)
		params_add_memory(params, e[i].addr, e[i].size, e[i].type);
	read_modules(info, params);
	params->rsdp = info->rsdp;
}
