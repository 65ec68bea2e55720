/* SPDX-License-Identifier: MIT */
/* Reads the information structure of Multiboot2 (specification 2.0, section 3.6). */
#include "lib.h"
#include "params.h"

static void read_mmap(const struct mb2_mmap *mmap, struct boot_params *params)
{
	uint64_t at = ptr_phys(mmap + 1), end = ptr_phys(mmap) + mmap->tag.size;

	if (mmap->entry_size < sizeof(struct mb2_mmap_entry))
		return;
	for (; at + mmap->entry_size <= end; at += mmap->entry_size) {
		const struct mb2_mmap_entry *e = phys_ptr(at);

		params_add_memory(params, e->addr, e->length, e->type);
	}
}

/* The newer copy has more fields; it counts if both are there. */
static void read_rsdp(const struct mb2_tag *tag, struct boot_params *params)
{
	unsigned size = tag->size - sizeof(*tag);

	size = size < RSDP_SIZE ? size : RSDP_SIZE;
	if (size <= params->rsdp_copy_size)
		return;
	memcpy(params->rsdp_copy, tag + 1, size);
	params->rsdp_copy_size = size;
}

static void read_tag(const struct mb2_tag *tag, struct boot_params *params)
{
	const void *t = tag;

	switch (tag->type) {
	case MB2_MODULE: {
		const struct mb2_module *m = t;

		params_add_module(params, m->start, m->end, m->string);
		break;
	}
	case MB2_MMAP:
		read_mmap(t, params);
		break;
	case MB2_FB:
		params_set_fb(params, &((const struct mb2_fb *)t)->fb,
			      &((const struct mb2_fb *)t)->colour);
		break;
	case MB2_EFI64:
		params->efi_system_table = ((const struct mb2_efi64 *)t)->system_table;
		break;
	case MB2_ACPI_OLD:
	case MB2_ACPI_NEW:
		read_rsdp(tag, params);
		break;
	default:
		break;
	}
}

/* Used only if there was no memory map. */
static void read_meminfo(const struct mb2_tag *tag, struct boot_params *params)
{
	const struct mb2_meminfo *m = (const void *)tag;

	if (tag->type == MB2_MEMINFO && !params->raw.count)
		params_add_meminfo(params, m->lower, m->upper);
}

static void for_each_tag(const struct mb2_info *info, struct boot_params *params,
			 void (*read)(const struct mb2_tag *, struct boot_params *))
{
	uint64_t at = ptr_phys(info + 1), end = ptr_phys(info) + info->total_size;

	while (at + sizeof(struct mb2_tag) <= end) {
		const struct mb2_tag *tag = phys_ptr(at);

		if (tag->type == MB2_END || tag->size < sizeof(*tag))
			break;
		read(tag, params);
		at += align_up(tag->size, 8);
	}
}

void mb2_read(const struct mb2_info *info, struct boot_params *params)
{
	for_each_tag(info, params, read_tag);
	for_each_tag(info, params, read_meminfo);
}
