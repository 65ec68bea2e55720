/* SPDX-License-Identifier: MIT */
/* The first memory of a paravirtual kernel. */
#include "vmm/builder.h"

#include <string.h>

#include "xen/start_info.h"

enum {
	PAGE = XEN_PAGE_SIZE,
	PAGE_SHIFT = XEN_PAGE_SHIFT,
	LEVELS = 4,
	ENTRIES = 512,
	ROOM_FRAMES = (512 << 10) >> PAGE_SHIFT, /* behind the stack, mapped, for the guest's use */
	MAPPED_ALIGN = (4 << 20) >> PAGE_SHIFT	 /* what is mapped ends at a multiple */
};

enum entry_bits {
	ENTRY_PRESENT = 1 << 0,
	ENTRY_WRITE = 1 << 1,
	ENTRY_USER = 1 << 2,
	ENTRY_ACCESSED = 1 << 5,
	ENTRY_DIRTY = 1 << 6,
	ENTRY_READ = ENTRY_PRESENT | ENTRY_ACCESSED,
	ENTRY_LEAF =
	    ENTRY_READ | ENTRY_WRITE | ENTRY_DIRTY, /* dirty: so no write faults for that */
	ENTRY_TABLE = ENTRY_LEAF | ENTRY_USER
};

#define LOWER_HALF_END (1UL << 47)

static const char too_little[] = "too little memory for kernel and ramdisk";

static uint64_t frames_of(uint64_t bytes)
{
	return (bytes >> PAGE_SHIFT) + !!(bytes & (PAGE - 1));
}

static unsigned shift_of(unsigned level)
{
	return PAGE_SHIFT + 9 * (level - 1);
}

/* --- Planning --- */

/* Tables of levels 1 to top for the range of frames from a guest-virtual address on. */
static uint64_t tables_for(uint64_t address, uint64_t frames, unsigned top)
{
	uint64_t last = address + (frames << PAGE_SHIFT) - 1, count = 0;

	for (unsigned level = 1; level <= top; level++)
		count += (last >> shift_of(level + 1)) - (address >> shift_of(level + 1)) + 1;
	return count;
}

static struct builder_run take(uint64_t *next, uint64_t count)
{
	struct builder_run run = { *next, count };

	*next += count;
	return run;
}

/* End of what is mapped if the tables are so many. */
static uint64_t mapped_end(uint64_t first_table, uint64_t tables)
{
	uint64_t end = first_table + tables + 1 + ROOM_FRAMES;

	return (end + MAPPED_ALIGN - 1) / MAPPED_ALIGN * MAPPED_ALIGN;
}

/* Frames that there are addresses for, from the kernel's base to the end of its half. */
static uint64_t frames_to_map(const struct kernel *k)
{
	return (k->virt_base < LOWER_HALF_END ? LOWER_HALF_END - k->virt_base : -k->virt_base) >>
	       PAGE_SHIFT;
}

/* The tables map themselves, so their number depends on itself. False: no addresses are left. */
static bool plan_tables(const struct kernel *k, uint64_t *next, struct builder_plan *p)
{
	uint64_t tables = 0, wanted = 1;

	while (tables < wanted) {
		tables = wanted;
		p->mapped = mapped_end(*next, tables);
		if (p->mapped > frames_to_map(k))
			return false;
		wanted = 1 + tables_for(k->virt_base, p->mapped, LEVELS - 1);
	}
	p->tables = take(next, tables);
	p->stack = take(next, 1);
	return true;
}

static void plan_list(const struct builder_wish *w, uint64_t *next, struct builder_plan *p)
{
	uint64_t count = frames_of(w->ram_frames * sizeof(uint64_t));

	p->list = take(next, count);
	p->list_address = w->kernel->p2m;
	if (p->list_address)
		p->list_tables = take(next, tables_for(p->list_address, count, LEVELS - 1));
	else
		p->list_address = builder_address(w, p->list.first);
}

/* What need not be mapped at the kernel's base lies behind everything, else in front. */
static void plan_loose(const struct builder_wish *w, bool behind, uint64_t *next,
		       struct builder_plan *p)
{
	if (w->ramdisk_bytes && w->kernel->module_frame == behind)
		p->ramdisk = take(next, frames_of(w->ramdisk_bytes));
	if (!w->kernel->p2m != behind)
		plan_list(w, next, p);
}

static bool ranges_meet(uint64_t a, uint64_t a_bytes, uint64_t b, uint64_t b_bytes)
{
	return a < b + b_bytes && b < a + a_bytes;
}

static const char *check(const struct builder_wish *w, const struct builder_plan *p)
{
	const struct kernel *k = w->kernel;
	uint64_t bytes = p->mapped << PAGE_SHIFT;

	if (p->needed > w->ram_frames)
		return too_little;
	if (k->p2m && ranges_meet(k->p2m, p->list.count << PAGE_SHIFT, k->virt_base, bytes))
		return "the kernel wants its frame list where it is itself";
	if (strlen(w->command_line) >= XEN_COMMAND_LINE_BYTES)
		return "the command line is too long: 1023 characters are possible";
	return NULL;
}

const char *builder_plan(const struct builder_wish *w, struct builder_plan *p)
{
	uint64_t next = frames_of(w->kernel->end);

	*p = (struct builder_plan){ 0 };
	plan_loose(w, false, &next, p);
	p->info = take(&next, 1);
	p->store = take(&next, 1);
	p->console = take(&next, 1);
	p->needed = next;
	if (next > w->ram_frames)
		return too_little;
	if (!plan_tables(w->kernel, &next, p))
		return "kernel and ramdisk do not fit into the kernel's addresses";
	next = p->mapped;
	plan_loose(w, true, &next, p);
	p->needed = next;
	return check(w, p);
}

uint64_t builder_address(const struct builder_wish *w, uint64_t frame)
{
	return w->kernel->virt_base + (frame << PAGE_SHIFT);
}

/* --- Writing --- */

struct writer {
	uint8_t *memory;
	uint64_t root;		  /* frame of the L4 table */
	struct builder_run *pool; /* tables are taken from here */
};

static uint64_t *table_at(const struct writer *w, uint64_t frame)
{
	return (uint64_t *)(w->memory + (frame << PAGE_SHIFT));
}

static unsigned index_of(uint64_t address, unsigned level)
{
	return address >> shift_of(level) & (ENTRIES - 1);
}

/* The entry of level 1 for an address; tables that are missing are taken from the pool. */
static uint64_t *entry_for(struct writer *w, uint64_t address)
{
	uint64_t *table = table_at(w, w->root);

	for (unsigned level = LEVELS; level > 1; level--) {
		uint64_t *entry = &table[index_of(address, level)];

		if (!*entry) {
			*entry = w->pool->first++ << PAGE_SHIFT | ENTRY_TABLE;
			w->pool->count--;
		}
		table = table_at(w, *entry >> PAGE_SHIFT);
	}
	return &table[index_of(address, 1)];
}

static void map_run(struct writer *w, uint64_t address, struct builder_run run, uint64_t bits)
{
	for (uint64_t i = 0; i < run.count; i++)
		*entry_for(w, address + (i << PAGE_SHIFT)) = (run.first + i) << PAGE_SHIFT | bits;
}

/* The tables of the area itself in the order of their levels: L4, L3, L2, all L1. */
static void write_tables(const struct builder_wish *wish, const struct builder_plan *p,
			 void *memory)
{
	struct builder_run pool = { p->tables.first + 1, p->tables.count - 1 };
	struct builder_run list_pool = p->list_tables;
	struct writer w = { .memory = memory, .root = p->tables.first, .pool = &pool };
	struct builder_run all = { 0, p->mapped };

	map_run(&w, wish->kernel->virt_base, all, ENTRY_LEAF);
	map_run(&w, builder_address(wish, p->tables.first), p->tables, ENTRY_READ);
	w.pool = &list_pool;
	if (wish->kernel->p2m)
		map_run(&w, p->list_address, p->list, ENTRY_LEAF);
}

static void write_list(const struct builder_wish *wish, const struct builder_plan *p, void *memory)
{
	uint64_t *list = (uint64_t *)((uint8_t *)memory + (p->list.first << PAGE_SHIFT));

	for (uint64_t i = 0; i < wish->ram_frames; i++)
		list[i] = i;
	for (uint64_t i = wish->ram_frames; i & (PAGE / sizeof(*list) - 1); i++)
		list[i] = ~0UL;
}

static void write_info(const struct builder_wish *wish, const struct builder_plan *p, void *memory)
{
	struct xen_start_info *s =
	    (struct xen_start_info *)((uint8_t *)memory + (p->info.first << PAGE_SHIFT));

	strcpy(s->magic, XEN_START_MAGIC);
	s->nr_pages = wish->ram_frames;
	s->shared_info = wish->shared_frame << PAGE_SHIFT;
	s->flags = XEN_START_VIRTUAL_P2M;
	s->store_frame = p->store.first;
	s->store_port = wish->store_port;
	s->console_frame = p->console.first;
	s->console_port = wish->console_port;
	s->pt_base = builder_address(wish, p->tables.first);
	s->nr_pt_frames = p->tables.count;
	s->mfn_list = p->list_address;
	s->first_p2m_frame = p->list.first;
	s->nr_p2m_frames = p->list.count + p->list_tables.count;
	strcpy(s->command_line, wish->command_line);
	if (!wish->ramdisk_bytes)
		return;
	s->flags |= wish->kernel->module_frame ? XEN_START_MODULE_FRAME : 0;
	s->mod_start =
	    wish->kernel->module_frame ? p->ramdisk.first : builder_address(wish, p->ramdisk.first);
	s->mod_len = wish->ramdisk_bytes;
}

void builder_write(const struct builder_wish *wish, const struct builder_plan *p, void *memory)
{
	write_tables(wish, p, memory);
	write_list(wish, p, memory);
	write_info(wish, p, memory);
}
