/* SPDX-License-Identifier: MIT */
/*
 * A guest that changes its tables by hypercalls and behind our back, on two vCPUs and two address
 * spaces, against what a TLB may do: a translation that a vCPU uses is what the tables say, or what
 * they said since that vCPU last flushed the page or, in the lower half, switched. Entries whose
 * accessed bit is clear, and writes where dirty is clear, are no translations.
 *
 * windows[c][p] has a bit for each translation of page p that vCPU c may still use.
 */
#include <stdint.h>
#include <stdlib.h>

#include "shim/fill.h"
#include "unit/xen/tables.h"

enum { CPUS = 2, SPACES = 2, BASES = SPACES + 1, RUN = 4, SLOTS = 3 };
enum { USER_PAGES = RUN * SLOTS, PAGES = 2 * USER_PAGES };
enum { TOP = 1, USER_L3 = 3, USER_L2 = 5, TABLES = 7, TABLE_COUNT = 6, KERNEL_L3 = 13 };
enum { KERNEL_L2 = 14, DATA = 16, DATA_COUNT = 8 };

#define KERNEL_START 0xffff888000000000UL

struct view_entry {
	bool there;
	unsigned frame, rights;
	bool user;
};

static struct tables tables;
static struct guest_memory memory;
static struct track_frame frames[TABLES_FRAMES];
static struct track_base bases[BASES];
static struct track tracker;
static struct view_entry views[BASES][PAGES];
static bool alias[TABLES_FRAMES]; /* the kernel view has a writable entry for the frame */
static unsigned loaded[CPUS];
static uint64_t windows[CPUS][PAGES];

/* What a vCPU has offered for its space: it is filled later, or never. */
static struct offer {
	bool waits;
	struct walk_page page;
} offers[CPUS];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int condition)
{
	if (!condition)
		abort();
}

static uint64_t address_of(unsigned page)
{
	uint64_t start = page < USER_PAGES ? 0 : KERNEL_START;

	page %= USER_PAGES;
	return start + ((uint64_t)(page / RUN) << 21) + ((uint64_t)(page % RUN) << PAGE_SHIFT);
}

static unsigned base_of(unsigned cpu, unsigned page)
{
	return page < USER_PAGES ? loaded[cpu] : TRACK_KERNEL;
}

static unsigned root_of(unsigned cpu)
{
	return TOP + loaded[cpu] - 1;
}

static void withdraw_offers(unsigned base)
{
	for (unsigned cpu = 0; base != TRACK_KERNEL && cpu < CPUS; cpu++)
		offers[cpu].waits = false;
}

static void take_away(unsigned base, uint64_t start, uint64_t bytes, bool write_only)
{
	check(base < BASES && !(start & (PAGE_BYTES - 1)) && canonical(start) == start);
	withdraw_offers(base);
	for (unsigned page = 0; page < PAGES; page++) {
		if (bytes && address_of(page) - start >= bytes)
			continue;
		views[base][page].there &= write_only;
		views[base][page].rights &= ~WALK_W;
	}
}

static void drop(void *context, unsigned base, uint64_t start, uint64_t bytes)
{
	(void)context;
	take_away(base, start, bytes, false);
}

static void end_writing(void *context, unsigned base, uint64_t start, uint64_t bytes)
{
	(void)context;
	check(bytes);
	take_away(base, start, bytes, true);
}

static void protect(void *context, uint64_t frame)
{
	(void)context;
	alias[frame] = false;
}

static void put(unsigned base, const struct walk_page *p, bool user)
{
	for (unsigned page = 0; page < PAGES; page++)
		if (address_of(page) == p->address)
			views[base][page] = (struct view_entry){ true, p->frame, p->rights, user };
}

static void show(void *context, unsigned base, const struct walk_page *page)
{
	(void)context;
	check(base < BASES && page->frame < TABLES_FRAMES);
	check(!(page->rights & WALK_W) || track_may_write(&tracker, page->frame));
	withdraw_offers(base);
	if (page->frame >= DATA)
		put(base, page, base != TRACK_KERNEL);
	else
		drop(NULL, base, page->address, PAGE_BYTES);
}

static const struct track_effects effects = { drop, end_writing, protect, show };

/* Bit of what the tables say now; 0 if nothing, or if an access would have to mark them. */
static uint64_t now(unsigned cpu, unsigned page)
{
	uint64_t entry, all = ~0UL, any = 0;
	unsigned frame = root_of(cpu), rights;

	for (unsigned level = TABLE_LEVELS; level; level--) {
		if (frame >= TABLES_FRAMES)
			return 0;
		entry = tables.frames[frame][table_index(address_of(page), level)];
		all &= entry;
		any |= entry;
		frame = pte_frame(entry);
	}
	if (!(all & PTE_PRESENT) || !(all & PTE_ACCESSED) || frame < DATA ||
	    frame >= DATA + DATA_COUNT)
		return 0;
	rights = (all & PTE_WRITE && entry & PTE_DIRTY ? 1 : 0) | (any & PTE_NOEXEC ? 0 : 2) |
		 (all & PTE_USER ? 4 : 0);
	return 1UL << ((frame - DATA) * 8 + rights);
}

static void widen(void)
{
	for (unsigned cpu = 0; cpu < CPUS; cpu++)
		for (unsigned page = 0; page < PAGES; page++)
			windows[cpu][page] |= now(cpu, page);
}

static void narrow(unsigned cpu, unsigned first, unsigned end)
{
	for (unsigned page = first; page < end; page++)
		windows[cpu][page] = now(cpu, page);
}

static void start(void)
{
	memset(&tables, 0, sizeof(tables));
	memset(views, 0, sizeof(views));
	memset(alias, 0, sizeof(alias));
	memset(windows, 0, sizeof(windows));
	memset(offers, 0, sizeof(offers));
	memory = tables_memory(&tables);
	tracker = (struct track){ .frames = frames,
				  .bases = bases,
				  .frame_count = TABLES_FRAMES,
				  .base_count = BASES,
				  .effects = &effects };
	track_init(&tracker);
	for (unsigned s = 0; s < SPACES; s++) {
		tables_set(&tables, TOP + s, 0, USER_L3 + s, UPPER);
		tables_set(&tables, TOP + s, table_index(KERNEL_START, 4), KERNEL_L3, UPPER);
		tables_set(&tables, USER_L3 + s, 0, USER_L2 + s, UPPER);
		for (unsigned i = 0; i < SLOTS; i++)
			tables_set(&tables, USER_L2 + s, i, TABLES + 2 * s + i % 2, UPPER);
	}
	tables_set(&tables, KERNEL_L3, 0, KERNEL_L2, UPPER);
	for (unsigned i = 0; i < SLOTS; i++)
		tables_set(&tables, KERNEL_L2, i, TABLES + 4 + i % 2, UPPER);
	loaded[0] = 1;
	loaded[1] = 2;
}

/* A translation in the window that gives at least what the view gives. */
static bool may_use(const struct view_entry *e, uint64_t window)
{
	unsigned needed =
	    (e->rights & WALK_W ? 1 : 0) | (e->rights & WALK_X ? 2 : 0) | (e->user ? 4 : 0);

	for (unsigned rights = 0; rights < 8; rights++)
		if ((rights & needed) == needed && window & 1UL << ((e->frame - DATA) * 8 + rights))
			return true;
	return false;
}

static bool allows(const struct view_entry *e, unsigned access)
{
	return e->there && (!(access & WALK_WRITE) || e->rights & WALK_W) &&
	       (!(access & WALK_USER) || e->user) && (!(access & WALK_FETCH) || e->rights & WALK_X);
}

static void access_page(unsigned cpu, unsigned page, unsigned access)
{
	unsigned base = base_of(cpu, page);
	struct view_entry *e = &views[base][page];
	enum walk_result result;
	struct fill fill;

	access &= page < USER_PAGES ? WALK_ACCESS : WALK_WRITE | WALK_FETCH;
	if (!allows(e, access)) {
		result = fill_prepare(&memory, &tracker, base, root_of(cpu), address_of(page),
				      access, &fill);
		widen();
		check(result == WALK_OK || result == WALK_FAULT);
		if (result == WALK_FAULT)
			return;
		for (unsigned i = 0; i < fill.count; i++)
			if (fill.pages[i].frame >= DATA)
				put(base, &fill.pages[i], fill.user);
		if (fill.pages[0].frame < DATA)
			return;
		check(allows(e, access));
	}
	check(may_use(e, windows[cpu][page]));
}

/* The answer to a fault of user mode. */
static void offer_page(unsigned cpu, unsigned page, unsigned access)
{
	struct walk_page found;

	if (!fill_is_known(&memory, &tracker, loaded[cpu], address_of(page),
			   (access & WALK_ACCESS) | WALK_USER, &found))
		return;
	check(found.address == address_of(page) && found.rights & WALK_R);
	offers[cpu] = (struct offer){ found.frame >= DATA, found };
}

/* The process goes on. */
static void take_offer(unsigned cpu)
{
	if (offers[cpu].waits)
		put(loaded[cpu], &offers[cpu].page, true);
	offers[cpu].waits = false;
}

static uint64_t some_entry(unsigned target, unsigned bits)
{
	uint64_t entry = PTE_PRESENT | PTE_ACCESSED | PTE_USER | PTE_WRITE | PTE_DIRTY;

	entry ^= (bits & 1 ? PTE_WRITE : 0) | (bits & 2 ? PTE_DIRTY : 0) |
		 (bits & 4 ? PTE_ACCESSED : 0) | (bits & 8 ? PTE_NOEXEC : 0) |
		 (bits & 16 ? PTE_USER : 0);
	return (bits & 0xe0) == 0xe0 ? 0 : entry | (uint64_t)target << PAGE_SHIFT;
}

/* A store of the guest's kernel to a table: first it needs a writable entry of its own. */
static void store(unsigned table, unsigned index, uint64_t value, bool only_accessed)
{
	uint64_t *entry = &tables.frames[TABLES + table][index];

	if (!alias[TABLES + table]) {
		track_write(&tracker, TABLES + table);
		check(track_may_write(&tracker, TABLES + table));
		alias[TABLES + table] = true;
	}
	*entry = only_accessed ? *entry & ~PTE_ACCESSED : value;
	widen();
}

static void update(unsigned frame, unsigned index, uint64_t value)
{
	uint64_t old = tables.frames[frame][index];

	tables.frames[frame][index] = value;
	fill_changed(&memory, &tracker, frame, index, old, value);
	widen();
}

static void update_upper(unsigned a, unsigned b, unsigned c)
{
	static const unsigned users[] = { TOP, USER_L3, USER_L2 };
	unsigned kind = a % 5, space = b & 1;

	if (kind < 2)
		update(users[kind] + space, 0, some_entry(users[kind + 1] + space, c & ~4));
	else if (kind == 2)
		update(USER_L2 + space, (b >> 1) % SLOTS,
		       some_entry(TABLES + b % TABLE_COUNT, c & ~4));
	else if (kind == 3)
		update(KERNEL_L2, (b >> 1) % SLOTS, some_entry(TABLES + b % TABLE_COUNT, c & ~4));
	else
		update(KERNEL_L3, 0, some_entry(KERNEL_L2, c & ~4));
}

static void flush(unsigned cpu)
{
	track_flush(&tracker, loaded[cpu]);
	track_flush(&tracker, TRACK_KERNEL);
	narrow(cpu, 0, PAGES);
}

static void switch_to(unsigned cpu, unsigned base)
{
	loaded[cpu] = base;
	offers[cpu].waits = false;
	track_flush(&tracker, base);
	narrow(cpu, 0, USER_PAGES);
}

static void flush_page(unsigned cpu, unsigned page, bool alone)
{
	if (alone)
		fill_flush_page(&memory, &tracker, base_of(cpu, page), address_of(page) + 5);
	else
		track_flush_page(&tracker, base_of(cpu, page), address_of(page) + 5);
	narrow(cpu, page, page + 1);
}

static void step(unsigned op, unsigned a, unsigned b, unsigned c)
{
	unsigned cpu = a & 1, index = b % RUN, table = a % TABLE_COUNT;

	switch (op % 14) {
	case 0:
	case 1:
	case 2:
		access_page(cpu, b % PAGES, c);
		break;
	case 3:
	case 4:
		store(table, index, some_entry(DATA + b % DATA_COUNT, c), false);
		break;
	case 5:
		store(table, index, 0, true);
		break;
	case 6:
		update(TABLES + table, index, some_entry(DATA + b % DATA_COUNT, c));
		break;
	case 7:
		update_upper(a, b, c);
		break;
	case 8:
		switch_to(cpu, 1 + b % SPACES);
		break;
	case 9:
		flush(cpu);
		break;
	case 10:
		flush_page(cpu, b % PAGES, c & 1);
		break;
	case 11:
		if (c & 1)
			track_release(&tracker, b % BASES);
		else
			track_pin(&tracker, TOP + a % (DATA - TOP), b % (TABLE_LEVELS + 1));
		break;
	case 12:
		offer_page(cpu, b % USER_PAGES, c);
		break;
	case 13:
		take_offer(cpu);
	}
}

/* Four bytes a step. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	start();
	for (; size >= 4; data += 4, size -= 4)
		step(data[0], data[1], data[2], data[3]);
	return 0;
}
