/* SPDX-License-Identifier: MIT */
/* Walk of the guest's page tables. */
#include <stdatomic.h>

#include "shim/walk.h"
#include "xen/start_info.h"

enum { TRIES = 16 };

static bool denied(uint64_t rights, unsigned access)
{
	return (access & WALK_WRITE && !(rights & PTE_WRITE)) ||
	       (access & WALK_USER && !(rights & PTE_USER)) ||
	       (access & WALK_FETCH && rights & PTE_NOEXEC);
}

static enum walk_result fault(struct walk *w, unsigned error)
{
	w->error = error;
	return WALK_FAULT;
}

static bool in_hole(uint64_t address)
{
	return address >= XEN_HOLE_START && address < XEN_HOLE_END;
}

/* An entry that was read, with what the access sets. False: it has changed meanwhile. */
static bool mark(table_entry *slot, uint64_t *entry, uint64_t bits)
{
	uint64_t marked = *entry | bits;

	if (marked != *entry && !atomic_compare_exchange_strong(slot, entry, marked))
		return false;
	*entry = marked;
	return true;
}

static bool malformed(const struct guest_memory *memory, uint64_t entry, unsigned level)
{
	return pte_frame(entry) >= memory->frames || (level > 1 && entry & PTE_LARGE);
}

/* Set accessed in entries (of level 1 + index), and dirty in the last one if it is written. */
static bool mark_all(const struct walk *w, const struct guest_memory *memory, uint64_t address,
		     unsigned access, uint64_t *entries)
{
	for (unsigned i = TABLE_LEVELS; i--;) {
		table_entry *slot = guest_table(memory, w->tables[i]) + table_index(address, i + 1);

		if (!mark(slot, &entries[i],
			  PTE_ACCESSED | (i == 0 && access & WALK_WRITE ? PTE_DIRTY : 0)))
			return false;
	}
	return true;
}

/* One way down. Checks all levels before it marks any, as a fault leaves no trace. */
static enum walk_result walk_once(const struct guest_memory *memory, uint64_t root,
				  uint64_t address, unsigned access, struct walk *w)
{
	uint64_t entries[TABLE_LEVELS], all = ~0UL, rights, frame = root;

	for (unsigned level = TABLE_LEVELS; level; level--) {
		uint64_t entry = atomic_load_explicit(
		    guest_table(memory, frame) + table_index(address, level), memory_order_relaxed);

		w->reached = level;
		w->tables[level - 1] = frame;
		if (!(entry & PTE_PRESENT))
			return fault(w, access);
		if (malformed(memory, entry, level))
			return fault(w, access | WALK_PRESENT | WALK_RESERVED);
		entries[level - 1] = entry;
		all &= entry;
		frame = pte_frame(entry);
	}
	w->upper = (entries[3] & entries[2] & entries[1] & (PTE_WRITE | PTE_USER)) |
		   ((entries[3] | entries[2] | entries[1]) & PTE_NOEXEC);
	rights = walk_product(w->upper, entries[0]);
	if (denied(rights, access))
		return fault(w, access | WALK_PRESENT);
	if ((!(all & PTE_ACCESSED) || (access & WALK_WRITE && !(entries[0] & PTE_DIRTY))) &&
	    !mark_all(w, memory, address, access, entries))
		return WALK_AGAIN;
	w->entry = entries[0];
	w->frame = frame;
	w->rights = walk_view_rights(rights, w->entry);
	w->user = rights & PTE_USER;
	return WALK_OK;
}

static enum walk_result last_once(const struct guest_memory *memory, table_entry *slot,
				  unsigned access, struct walk *w)
{
	uint64_t entry = atomic_load_explicit(slot, memory_order_relaxed), rights;

	if (!(entry & PTE_PRESENT))
		return fault(w, access);
	if (malformed(memory, entry, 1))
		return fault(w, access | WALK_PRESENT | WALK_RESERVED);
	rights = walk_product(w->upper, entry);
	if (denied(rights, access))
		return fault(w, access | WALK_PRESENT);
	if (!mark(slot, &entry, PTE_ACCESSED | (access & WALK_WRITE ? PTE_DIRTY : 0)))
		return WALK_AGAIN;
	w->entry = entry;
	w->frame = pte_frame(entry);
	w->rights = walk_view_rights(rights, entry);
	w->user = rights & PTE_USER;
	return WALK_OK;
}

enum walk_result walk_last(const struct guest_memory *memory, uint64_t address, unsigned access,
			   struct walk *w)
{
	table_entry *slot = guest_table(memory, w->tables[0]) + table_index(address, 1);
	enum walk_result result = WALK_AGAIN;

	w->reached = 1;
	for (unsigned i = 0; i < TRIES && result == WALK_AGAIN; i++)
		result = last_once(memory, slot, access & WALK_ACCESS, w);
	return result;
}

enum walk_result walk(const struct guest_memory *memory, uint64_t root, uint64_t address,
		      unsigned access, struct walk *w)
{
	enum walk_result result = WALK_AGAIN;

	access &= WALK_ACCESS;
	if (canonical(address) != address)
		return WALK_NOT_CANONICAL;
	if (in_hole(address))
		return fault(w, access);
	if (root >= memory->frames)
		return fault(w, access | WALK_PRESENT | WALK_RESERVED);
	for (unsigned i = 0; i < TRIES && result == WALK_AGAIN; i++)
		result = walk_once(memory, root, address, access, w);
	return result;
}

bool walk_entry_address(const struct guest_memory *memory, uint64_t root, uint64_t address,
			uint64_t *entry)
{
	uint64_t frame = root;

	if (canonical(address) != address || in_hole(address) || root >= memory->frames)
		return false;
	for (unsigned level = TABLE_LEVELS; level > 1; level--) {
		uint64_t upper =
		    atomic_load(guest_table(memory, frame) + table_index(address, level));

		if (!(upper & PTE_PRESENT) || malformed(memory, upper, level))
			return false;
		frame = pte_frame(upper);
	}
	*entry = (frame << PAGE_SHIFT) + 8UL * table_index(address, 1);
	return true;
}

/* One with the same user bit. */
static bool neighbour(const struct guest_memory *memory, const struct walk *w, uint64_t entry,
		      struct walk_page *page)
{
	return (w->user || !(w->upper & entry & PTE_USER)) &&
	       walk_page(memory, w->upper, entry, w->user, page);
}

unsigned walk_neighbours(const struct guest_memory *memory, const struct walk *w, uint64_t address,
			 unsigned order, struct walk_page *pages, unsigned max)
{
	table_entry *table = guest_table(memory, w->tables[0]);
	unsigned self = table_index(address, 1), run = 1U << (order < 9 ? order : 9);
	unsigned first = self & ~(run - 1), count = 0;

	for (unsigned i = first; i < first + run && count < max; i++) {
		uint64_t distance = ((uint64_t)i - self) << PAGE_SHIFT;

		if (i == self || !neighbour(memory, w, atomic_load(&table[i]), &pages[count]))
			continue;
		pages[count++].address = (address & ~(uint64_t)(PAGE_BYTES - 1)) + distance;
	}
	return count;
}

bool walk_is_large(const struct guest_memory *memory, const struct walk *w)
{
	const table_entry *table = guest_table(memory, w->tables[0]);
	uint64_t first = atomic_load_explicit(&table[0], memory_order_relaxed);

	if ((first ^ w->entry) & ~PTE_FRAME_MASK || pte_frame(first) % TABLE_ENTRIES ||
	    pte_frame(first) + TABLE_ENTRIES > memory->frames)
		return false;
	for (unsigned i = 1; i < TABLE_ENTRIES; i++)
		if (atomic_load_explicit(&table[i], memory_order_relaxed) != first + i * PAGE_BYTES)
			return false;
	return true;
}
