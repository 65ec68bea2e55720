/* SPDX-License-Identifier: MIT */
/* Loads sigma0 and the root task. */
#include "programs.h"

#include "console.h"
#include "elf64.h"
#include "lib.h"
#include "modules.h"
#include "place.h"

#define ALIGN_MAX (2ULL << 20)

struct program {
	const char *name;
	unsigned module;    /* index */
	enum mem_type type; /* of its memory */
	struct elf_image image;
	uint64_t address; /* where image.start goes */
};

static void parse(struct program *p, const struct boot_params *params)
{
	const struct boot_module *m = params->module + p->module;
	const char *why = elf_parse(phys_ptr(m->start), m->end - m->start, &p->image);

	if (why)
		fatal("module %u (%s), the %s program: %s", p->module, m->cmdline, p->name, why);
}

/* Mark the pages of all segments; a page that two segments share gets the rights of both. */
static void mark_segments(const struct program *p, struct memmap *map)
{
	uint64_t delta = p->address - p->image.start, done = 0;
	unsigned rights = 0;

	for (unsigned i = 0; i < p->image.segments; i++) {
		const struct elf_segment *s = p->image.segment + i;
		uint64_t start = align_down(s->vaddr + delta, MEM_PAGE);
		uint64_t end = align_up(s->vaddr + s->memsz + delta, MEM_PAGE);
		unsigned own = p->type == MEM_ROOT ? s->flags | MEM_R : 0;

		rights = start < done ? rights | own : own;
		claim(map, start, start < done ? done : end, p->type, rights);
		if (start < done && end > done) {
			claim(map, done, end, p->type, own);
			rights = own;
		}
		done = end;
	}
}

static void check_place(const struct handover *handover, const struct program *p,
			const struct memmap *map, uint64_t start, uint64_t end)
{
	unsigned free = MEM_BIT(MEM_RAM) | MEM_BIT(MEM_TEMP);

	if (end > PLACE_MAX)
		fatal("%s is linked to 0x%lx: above 4 GiB", p->name, start);
	if (start < handover->image_end && end > handover->image_start)
		fatal("%s at 0x%lx - 0x%lx overlaps the boot stage (0x%lx - 0x%lx)", p->name, start,
		      end, (unsigned long)handover->image_start,
		      (unsigned long)handover->image_end);
	if (memmap_touches(map, start, end, MEM_BIT(MEM_SIGMA0)))
		fatal("%s at 0x%lx - 0x%lx overlaps sigma0", p->name, start, end);
	if (!memmap_covers(map, start, end, free))
		fatal("%s at 0x%lx - 0x%lx is not in RAM", p->name, start, end);
}

static void place_fixed(const struct handover *handover, struct program *p, struct memmap *map)
{
	if (p->image.relocatable)
		return;
	for (unsigned i = 0; i < p->image.segments; i++) {
		const struct elf_segment *s = p->image.segment + i;

		check_place(handover, p, map, align_down(s->vaddr, MEM_PAGE),
			    align_up(s->vaddr + s->memsz, MEM_PAGE));
	}
	p->address = p->image.start;
	mark_segments(p, map);
}

static void place_relocatable(struct program *p, struct memmap *map)
{
	struct mem_request request = { .size = p->image.end - p->image.start,
				       .align = p->image.align,
				       .min = PLACE_MIN,
				       .max = PLACE_MAX };

	if (!p->image.relocatable)
		return;
	if (request.align > ALIGN_MAX)
		fatal("%s wants an alignment of %lu KiB", p->name, request.align >> 10);
	p->address = find_memory(map, &request, p->name);
	mark_segments(p, map);
}

static struct module_range range(const struct program *p)
{
	return (struct module_range){ p->address, p->address + p->image.end - p->image.start };
}

static uint64_t entry(const struct program *p)
{
	return p->image.entry - p->image.start + p->address;
}

struct programs programs_load(const struct handover *handover, struct boot_params *params,
			      struct memmap *map)
{
	struct program sigma0 = { .name = "sigma0", .module = MODULE_SIGMA0, .type = MEM_SIGMA0 };
	struct program root = { .name = "root task", .module = MODULE_ROOT, .type = MEM_ROOT };

	parse(&sigma0, params);
	parse(&root, params);
	place_fixed(handover, &sigma0, map);
	place_fixed(handover, &root, map);
	modules_move(params, map);
	place_relocatable(&sigma0, map);
	place_relocatable(&root, map);
	parse(&sigma0, params); /* the files may have moved */
	parse(&root, params);
	elf_load(&sigma0.image, phys_ptr(sigma0.address), sigma0.address);
	elf_load(&root.image, phys_ptr(root.address), root.address);
	return (struct programs){ range(&sigma0), range(&root), entry(&sigma0), entry(&root) };
}
