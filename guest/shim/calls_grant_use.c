/* SPDX-License-Identifier: MIT */
/*
 * Hypercalls that use grants. Nobody grants anything to this domain but itself, so these are for
 * its own grants and frames: what a driver's two ends in one kernel do.
 */
#include "shim/access.h"
#include "shim/calls.h"
#include "shim/lock.h"
#include "shim/pte.h"
#include "shim/space.h"
#include "shim/walk.h"
#include "xen/grant.h"

enum { WORD = 8 };

#define GRANT_ENTRY (PTE_PRESENT | PTE_USER | PTE_ACCESSED | PTE_DIRTY)

static bool is_self(uint16_t domain)
{
	return domain == XEN_DOMAIN_SELF || domain == GRANT_OWN_DOMAIN;
}

/* An entry of the part of the table that the guest has asked for; NULL: there is none. */
static struct xen_grant_entry *entry_of(const struct vcpu *v, uint32_t ref)
{
	const struct machine *m = v->machine;
	char *table;

	if (ref / XEN_GRANTS_PER_PAGE >= m->grant_frames)
		return NULL;
	table = (char *)guest_table(&m->memory, m->start->grant_frame + ref / XEN_GRANTS_PER_PAGE);
	return table ? (struct xen_grant_entry *)table + ref % XEN_GRANTS_PER_PAGE : NULL;
}

/* RAM that is there. */
static bool is_ram(const struct vcpu *v, uint64_t frame)
{
	const struct machine *m = v->machine;

	return frame < m->start->ram_frames && !m->track.frames[frame].released;
}

/* What a grant gives access to: a status, and the frame. */
static int16_t granted_frame(const struct vcpu *v, uint32_t ref, bool write, uint64_t *frame)
{
	const struct xen_grant_entry *e = entry_of(v, ref);
	uint16_t flags;

	if (!e)
		return XEN_GRANT_BAD_REF;
	flags = __atomic_load_n(&e->flags, __ATOMIC_SEQ_CST);
	if ((flags & XEN_GRANT_TYPE_MASK) != XEN_GRANT_ACCESS || !is_self(e->domain))
		return XEN_GRANT_BAD_REF;
	if (write && flags & XEN_GRANT_READONLY)
		return XEN_GRANT_BAD_REF;
	*frame = e->frame;
	return is_ram(v, *frame) ? XEN_GRANT_OKAY : XEN_GRANT_BAD_PAGE;
}

/* --- Copying --- */

static int16_t side_frame(const struct vcpu *v, const struct xen_grant_side *s, bool by_ref,
			  bool write, uint64_t *frame)
{
	if (!is_self(s->domain))
		return XEN_GRANT_BAD_DOMAIN;
	if (by_ref)
		return granted_frame(v, (uint32_t)s->frame, write, frame);
	*frame = s->frame;
	return is_ram(v, *frame) ? XEN_GRANT_OKAY : XEN_GRANT_BAD_PAGE;
}

/* The frame written to may be a page table: it is changed in words, as mmu_update does it. */
static void copy_bytes_of(struct vcpu *v, uint64_t to, uint64_t from, unsigned bytes)
{
	const char *memory = v->machine->memory.base;

	for (unsigned done = 0, some; done < bytes; done += some) {
		unsigned skip = (to + done) % WORD;
		uint64_t word, at = to + done - skip;

		some = WORD - skip < bytes - done ? WORD - skip : bytes - done;
		word = *guest_entry(&v->machine->memory, at);
		for (unsigned i = 0; i < some; i++)
			((char *)&word)[skip + i] = memory[from + done + i];
		space_set_entry(v->machine, at, word, false);
	}
}

static int16_t copy_one(struct vcpu *v, const struct xen_grant_copy *c)
{
	uint64_t from, to;
	int16_t status;

	if (c->source.offset + c->bytes > PAGE_BYTES || c->dest.offset + c->bytes > PAGE_BYTES)
		return XEN_GRANT_BAD_COPY;
	status = side_frame(v, &c->source, c->flags & XEN_GRANT_COPY_SOURCE, false, &from);
	if (!status)
		status = side_frame(v, &c->dest, c->flags & XEN_GRANT_COPY_DEST, true, &to);
	if (!status)
		copy_bytes_of(v, (to << PAGE_SHIFT) + c->dest.offset,
			      (from << PAGE_SHIFT) + c->source.offset, c->bytes);
	return status;
}

long grant_copy(struct vcpu *v, uint64_t at)
{
	struct xen_grant_copy c;

	if (!guest_read(v, &c, at, sizeof(c)))
		return -XEN_EFAULT;
	c.status = copy_one(v, &c);
	return guest_write(v, at, &c, sizeof(c)) ? 0 : -XEN_EFAULT;
}

/* --- Mapping --- */

static struct grant_map *free_map(struct machine *m)
{
	for (unsigned i = 0; i < GRANT_MAPS; i++)
		if (!m->grant_maps[i].used)
			return &m->grant_maps[i];
	return NULL;
}

/* Where the entry is that shows the grant; false: there is no such place. */
static bool slot_of(const struct vcpu *v, uint64_t address, uint32_t flags, uint64_t *slot)
{
	*slot = address;
	if (flags & XEN_GRANT_MAP_ENTRY)
		return is_ram(v, address >> PAGE_SHIFT) && address % WORD == 0;
	return walk_entry_address(&v->machine->memory, v->root, address, slot);
}

/* The grantor sees how its grant is used. */
static void mark(struct vcpu *v, const struct grant_map *map, bool used)
{
	uint16_t bits = XEN_GRANT_READING | (map->readonly ? 0 : XEN_GRANT_WRITING);
	struct xen_grant_entry *e = entry_of(v, map->ref);

	for (unsigned i = 0; i < GRANT_MAPS && !used; i++) {
		const struct grant_map *other = &v->machine->grant_maps[i];

		if (other->used && other->ref == map->ref)
			bits &= ~(XEN_GRANT_READING | (other->readonly ? 0 : XEN_GRANT_WRITING));
	}
	if (e && used)
		__atomic_fetch_or(&e->flags, bits, __ATOMIC_SEQ_CST);
	else if (e)
		__atomic_fetch_and(&e->flags, ~bits, __ATOMIC_SEQ_CST);
}

static int16_t map_locked(struct vcpu *v, struct xen_grant_map *a)
{
	bool readonly = a->flags & XEN_GRANT_MAP_READONLY,
	     by_entry = a->flags & XEN_GRANT_MAP_ENTRY;
	struct grant_map *map = free_map(v->machine);
	uint64_t frame, slot = 0;
	int16_t status;

	if (!is_self(a->domain))
		return XEN_GRANT_BAD_DOMAIN;
	if (!(a->flags & (XEN_GRANT_MAP_HOST | XEN_GRANT_MAP_DEVICE)))
		return XEN_GRANT_BAD_REF;
	status = granted_frame(v, a->ref, !readonly, &frame);
	if (status)
		return status;
	if (!map)
		return XEN_GRANT_NO_SPACE;
	if (a->flags & XEN_GRANT_MAP_HOST &&
	    (!slot_of(v, a->host_address, a->flags, &slot) ||
	     !space_set_entry(v->machine, slot,
			      frame << PAGE_SHIFT | GRANT_ENTRY | (readonly ? 0 : PTE_WRITE),
			      false)))
		return XEN_GRANT_BAD_ADDRESS;
	*map = (struct grant_map){ true, readonly, by_entry, a->ref, slot ? a->host_address : 0,
				   slot };
	mark(v, map, true);
	a->handle = (uint32_t)(map - v->machine->grant_maps);
	a->device_address = frame << PAGE_SHIFT;
	return XEN_GRANT_OKAY;
}

long grant_map(struct vcpu *v, uint64_t at)
{
	struct xen_grant_map a;

	if (!guest_read(v, &a, at, sizeof(a)))
		return -XEN_EFAULT;
	lock_take(v, &v->machine->bindings);
	a.status = map_locked(v, &a);
	lock_drop(&v->machine->bindings);
	return guest_write(v, at, &a, sizeof(a)) ? 0 : -XEN_EFAULT;
}

/* The map that a guest has told the handle and place of: a status. */
static int16_t find_map(struct vcpu *v, uint32_t handle, uint64_t address, struct grant_map **map)
{
	*map = &v->machine->grant_maps[handle % GRANT_MAPS];
	if (handle >= GRANT_MAPS || !(*map)->used)
		return XEN_GRANT_BAD_HANDLE;
	return address == (*map)->host_address ? XEN_GRANT_OKAY : XEN_GRANT_BAD_ADDRESS;
}

/* The map is over; its place gets this entry. */
static void end_map(struct vcpu *v, struct grant_map *map, uint64_t entry)
{
	if (map->slot)
		space_set_entry(v->machine, map->slot, entry, false);
	map->used = false;
	mark(v, map, false);
}

static int16_t unmap_locked(struct vcpu *v, const struct xen_grant_unmap *a)
{
	struct grant_map *map;
	int16_t status = find_map(v, a->handle, a->host_address, &map);

	if (!status)
		end_map(v, map, 0);
	return status;
}

long grant_unmap(struct vcpu *v, uint64_t at)
{
	struct xen_grant_unmap a;

	if (!guest_read(v, &a, at, sizeof(a)))
		return -XEN_EFAULT;
	lock_take(v, &v->machine->bindings);
	a.status = unmap_locked(v, &a);
	lock_drop(&v->machine->bindings);
	return guest_write(v, at, &a, sizeof(a)) ? 0 : -XEN_EFAULT;
}

/* The entry of the new address moves to where the grant was seen. */
static int16_t replace_locked(struct vcpu *v, const struct xen_grant_replace *a)
{
	struct grant_map *map;
	int16_t status = find_map(v, a->handle, a->host_address, &map);
	uint64_t slot, entry = 0;

	if (status)
		return status;
	if (a->new_address && (map->by_entry || !map->slot ||
			       !slot_of(v, a->new_address, 0, &slot) || slot == map->slot))
		return XEN_GRANT_ERROR;
	if (a->new_address) {
		entry = *guest_entry(&v->machine->memory, slot);
		space_set_entry(v->machine, slot, 0, false);
	}
	end_map(v, map, entry);
	return XEN_GRANT_OKAY;
}

long grant_replace(struct vcpu *v, uint64_t at)
{
	struct xen_grant_replace a;

	if (!guest_read(v, &a, at, sizeof(a)))
		return -XEN_EFAULT;
	lock_take(v, &v->machine->bindings);
	a.status = replace_locked(v, &a);
	lock_drop(&v->machine->bindings);
	return guest_write(v, at, &a, sizeof(a)) ? 0 : -XEN_EFAULT;
}

/* --- Transfers --- */

/* The guest has a place for a frame from itself, and gets the frame there. */
static int16_t accept(struct vcpu *v, uint32_t ref, uint64_t frame)
{
	struct xen_grant_entry *e = entry_of(v, ref);
	uint16_t free = XEN_GRANT_ACCEPT;

	if (!e || !is_self(e->domain) ||
	    !__atomic_compare_exchange_n(&e->flags, &free, XEN_GRANT_ACCEPT | XEN_GRANT_COMMITTED,
					 false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		return XEN_GRANT_BAD_REF;
	e->frame = (uint32_t)frame;
	__atomic_fetch_or(&e->flags, XEN_GRANT_COMPLETED, __ATOMIC_SEQ_CST);
	return XEN_GRANT_OKAY;
}

/* The interface has it that a frame which nobody takes is lost to the guest. */
static int16_t transfer_locked(struct vcpu *v, const struct xen_grant_transfer *a)
{
	int16_t status = XEN_GRANT_BAD_DOMAIN;

	if (!is_ram(v, a->frame))
		return XEN_GRANT_BAD_PAGE;
	if (is_self(a->domain))
		status = accept(v, a->ref, a->frame);
	if (status)
		memory_give_back(v, a->frame);
	return status;
}

long grant_transfer(struct vcpu *v, uint64_t at)
{
	struct xen_grant_transfer a;

	if (!guest_read(v, &a, at, sizeof(a)))
		return -XEN_EFAULT;
	lock_take(v, &v->machine->bindings);
	a.status = transfer_locked(v, &a);
	lock_drop(&v->machine->bindings);
	return guest_write(v, at, &a, sizeof(a)) ? 0 : -XEN_EFAULT;
}

/* --- Exchanging entries --- */

static int16_t swap_locked(struct vcpu *v, const struct xen_grant_swap *a)
{
	struct xen_grant_entry *first = entry_of(v, a->first), *second = entry_of(v, a->second), e;

	if (!first || !second)
		return XEN_GRANT_BAD_REF;
	if ((first->flags | second->flags) & (XEN_GRANT_READING | XEN_GRANT_WRITING))
		return XEN_GRANT_IN_USE;
	e = *first;
	*first = *second;
	*second = e;
	return XEN_GRANT_OKAY;
}

long grant_swap(struct vcpu *v, uint64_t at)
{
	struct xen_grant_swap a;

	if (!guest_read(v, &a, at, sizeof(a)))
		return -XEN_EFAULT;
	lock_take(v, &v->machine->bindings);
	a.status = swap_locked(v, &a);
	lock_drop(&v->machine->bindings);
	return guest_write(v, at, &a, sizeof(a)) ? 0 : -XEN_EFAULT;
}
