/* SPDX-License-Identifier: MIT */
/* Reads the information structure of Multiboot 1 (specification 0.6.96, section 3.3). */
#include "lib.h"
#include "params.h"

static void read_modules(const struct mb1_info *info, struct boot_params *params)
{
	const struct mb1_module *m = phys_ptr(info->modules_addr);

	for (uint32_t i = 0; i < info->modules; i++)
		params_add_module(params, m[i].start, m[i].end, phys_ptr(m[i].string));
}

static void read_mmap(const struct mb1_info *info, struct boot_params *params)
{
	uint64_t at = info->mmap_addr, end = at + info->mmap_length;

	while (at + sizeof(struct mb1_mmap) <= end) {
		const struct mb1_mmap *e = phys_ptr(at);

		params_add_memory(params, e->addr, e->length, e->type);
		at += e->size + sizeof(e->size);
	}
}

void mb1_read(const struct mb1_info *info, struct boot_params *params)
{
	if (info->flags & MB1_HAS_MODULES)
		read_modules(info, params);
	if (info->flags & MB1_HAS_MMAP)
		read_mmap(info, params);
	else if (info->flags & MB1_HAS_MEM)
		params_add_meminfo(params, info->mem_lower, info->mem_upper);
	if (info->flags & MB1_HAS_FB)
		params_set_fb(params, &info->fb, &info->colour);
}
