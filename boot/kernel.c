/* SPDX-License-Identifier: MIT */
/* Loads the embedded kernel behind which its first page tables lie. */
#include "kernel.h"

#include <l4/sys/kip.h>

#include "console.h"
#include "elf64.h"
#include "kernel/bootinfo.h"
#include "lib.h"
#include "paging.h"
#include "place.h"

#define IMAGE_MAX (512ULL << 20)

/* A page of the image has the rights of one segment, never write and execute together. */
static void check_segments(const struct elf_image *image)
{
	for (unsigned i = 0; i < image->segments; i++) {
		const struct elf_segment *s = image->segment + i;

		if (s->vaddr % MEM_PAGE)
			fatal("kernel segment %u starts inside a page (0x%lx)", i, s->vaddr);
		if ((s->flags & ELF_W) && (s->flags & ELF_X))
			fatal("kernel segment %u is both writable and executable", i);
	}
}

static void check_kip(const struct elf_image *image)
{
	const struct elf_segment *s = image->segment;
	unsigned i = 0;

	while (i < image->segments && image->kip - s[i].vaddr >= s[i].filesz)
		i++;
	if (i == image->segments || image->kip % MEM_PAGE ||
	    image->kip - s[i].vaddr + MEM_PAGE > s[i].memsz)
		fatal("kernel has no info page (program header 0x10)");
}

static void parse(const struct handover *handover, struct elf_image *image)
{
	const char *why = elf_parse(phys_ptr(handover->kernel_start),
				    handover->kernel_end - handover->kernel_start, image);

	if (why)
		fatal("kernel: %s", why);
	if (image->relocatable || image->start < KERNEL_BASE ||
	    image->end - KERNEL_BASE > IMAGE_MAX)
		fatal("kernel is not linked to 0x%lx", (unsigned long)KERNEL_BASE);
	check_segments(image);
	check_kip(image);
}

static uint64_t segment_flags(const struct elf_segment *s)
{
	return PTE_PRESENT | (s->flags & ELF_W ? PTE_WRITE : 0) | (s->flags & ELF_X ? 0 : PTE_NX);
}

static void map_segments(const struct elf_image *image, uint64_t phys, struct page_tables *tables)
{
	for (unsigned i = 0; i < image->segments; i++) {
		const struct elf_segment *s = image->segment + i;

		paging_map(tables, s->vaddr, phys + (s->vaddr - KERNEL_BASE),
			   align_up(s->memsz, MEM_PAGE), segment_flags(s));
	}
}

struct kernel kernel_load(const struct handover *handover, struct memmap *map)
{
	struct mem_request request = {
		.align = SIZE_2MIB, .min = PLACE_MIN, .max = PLACE_MAX, .from_top = true
	};
	struct page_tables tables;
	struct elf_image image;
	struct kernel k = { 0 };

	parse(handover, &image);
	k.image_size = image.end - KERNEL_BASE;
	request.size = k.image_size + paging_bound(map, k.image_size) * MEM_PAGE;
	k.phys = find_memory(map, &request, "the kernel");
	claim(map, k.phys, k.phys + request.size, MEM_KERNEL, 0);
	elf_load(&image, phys_ptr(k.phys + (image.start - KERNEL_BASE)), image.start);

	tables.next = k.phys + k.image_size;
	tables.end = k.phys + request.size;
	paging_direct_map(&tables, map);
	map_segments(&image, k.phys, &tables);
	k.size = tables.next - k.phys;
	claim(map, tables.next, tables.end, MEM_RAM, 0);
	k.page_table = tables.root;
	k.kip = k.phys + (image.kip - KERNEL_BASE);
	k.entry = image.entry;
	return k;
}
