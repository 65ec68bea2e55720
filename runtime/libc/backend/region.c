/* SPDX-License-Identifier: MIT */
/*
 * List of regions, and its image in the region map: each region is a part of one there, or all of
 * it. A change of protection replaces it in one step, so that other threads do not fault in
 * between, unless the memory is a dataspace that the region map does not know.
 */
#include "backend/region.h"
#include "backend/memory.h"
#include "backend/thread.h"

#include <errno.h>
#include <sys/mman.h>

#include <l4/re/c/mem_alloc.h>
#include <l4/re/c/rm.h>
#include <l4/re/c/util/cap_alloc.h>
#include <l4/re/protocols.h>
#include <l4/sys/ipc.h>
#include <l4/sys/task.h>

enum { FIRST_NODES = 24, NODE_BYTES = 16384, RM_DETACH = 1, DETACH_WORDS = 4 };

static struct region first_nodes[FIRST_NODES];
static struct region *regions, *free_nodes;
static unsigned first_used;

l4re_ds_t region_memory(size_t bytes)
{
	l4re_ds_t memory = l4re_util_cap_alloc();

	if (l4_is_valid_cap(memory) && l4re_ma_alloc((long)bytes, memory, 0) < 0) {
		l4re_util_cap_free(memory);
		return L4_INVALID_CAP;
	}
	return memory;
}

static unsigned rm_rights(unsigned protection)
{
	return (protection & (PROT_READ | PROT_WRITE) ? L4RE_RM_F_R : 0) |
	       (protection & PROT_WRITE ? L4RE_RM_F_W : 0) |
	       (protection & PROT_EXEC ? L4RE_RM_F_RX : 0);
}

static unsigned cap_rights(unsigned protection)
{
	return protection & PROT_WRITE ? L4_CAP_FPAGE_RW : L4_CAP_FPAGE_RO;
}

/* Enter a range in the region map. */
static long range_attach(l4_addr_t *start, size_t bytes, bool fixed, const struct region *like)
{
	unsigned flags = fixed ? 0 : L4RE_RM_F_SEARCH_ADDR;
	l4re_ds_t memory = L4_INVALID_CAP;
	void *address = (void *)*start;
	int error;

	if (like->protection == PROT_NONE) {
		flags |= L4RE_RM_F_RESERVED;
	} else {
		flags |= rm_rights(like->protection);
		memory = like->memory | cap_rights(like->protection);
	}
	error = l4re_rm_attach(&address, bytes, flags, memory, like->offset, L4_PAGESHIFT);
	*start = (l4_addr_t)address;
	return error == -L4_EACCESS || error == -L4_EPERM ? -EACCES : error < 0 ? -ENOMEM : 0;
}

/* The same for a range of which the beginning is in the region map already. */
static long range_replace(l4_addr_t start, size_t bytes, const struct region *like)
{
	unsigned flags = rm_rights(like->protection);
	l4re_ds_t memory = like->memory | cap_rights(like->protection);

	if (like->protection == PROT_NONE) {
		flags = L4RE_RM_F_RESERVED;
		memory = L4_INVALID_CAP;
	}
	return l4re_zw_rm_replace((void *)start, bytes, flags, memory, like->offset);
}

static void pages_unmap(l4_addr_t start, l4_addr_t end)
{
	while (start < end) {
		unsigned order = L4_PAGESHIFT;

		while (!(start & (1UL << order)) && start + (2UL << order) <= end)
			order++;
		l4_task_unmap(L4RE_THIS_TASK_CAP, l4_fpage(start, order, L4_FPAGE_RWX),
			      L4_FP_ALL_SPACES);
		start += 1UL << order;
	}
}

/* Take exactly this range out of the region map. */
static void range_detach(l4_addr_t start, l4_addr_t end)
{
	l4_umword_t *mr = l4_utcb_mr()->mr;
	long result;

	do {
		mr[0] = RM_DETACH;
		mr[1] = start;
		mr[2] = end - start;
		mr[3] = L4RE_RM_DETACH_EXACT;
		l4_utcb_br()->br[0] = 0;
		result = l4_error(l4_ipc_call(l4re_env()->rm, l4_utcb(),
					      l4_msgtag(L4RE_PROTO_RM, DETACH_WORDS, 0, 0),
					      L4_IPC_NEVER));
	} while (result >= 0 && result & L4RE_RM_DETACH_AGAIN);
	pages_unmap(start, end);
}

void *memory_pages(size_t bytes)
{
	size_t size = (bytes + L4_PAGESIZE - 1) & ~(L4_PAGESIZE - 1UL);
	struct region like = { .protection = PROT_READ | PROT_WRITE };
	l4_addr_t start = 0;

	like.memory = region_memory(size);
	if (l4_is_invalid_cap(like.memory))
		return NULL;
	if (!range_attach(&start, size, false, &like))
		return (void *)start;
	l4re_util_cap_release(like.memory);
	return NULL;
}

static struct region *node_new(void)
{
	struct region *node = free_nodes;

	if (!node && first_used < FIRST_NODES)
		return &first_nodes[first_used++];
	if (!node) {
		node = memory_pages(NODE_BYTES);
		for (size_t i = 0; node && i < NODE_BYTES / sizeof(*node); i++)
			node[i].next = i + 1 < NODE_BYTES / sizeof(*node) ? node + i + 1 : NULL;
	}
	if (node)
		free_nodes = node->next;
	return node;
}

static void node_free(struct region *node)
{
	node->next = free_nodes;
	free_nodes = node;
}

static struct region **link_from(l4_addr_t address)
{
	struct region **link = &regions;

	while (*link && (*link)->end <= address)
		link = &(*link)->next;
	return link;
}

struct region *region_from(l4_addr_t address)
{
	return *link_from(address);
}

bool region_covers(l4_addr_t start, l4_addr_t end)
{
	for (struct region *r = region_from(start); r && r->start <= start; r = r->next) {
		start = r->end;
		if (start >= end)
			return true;
	}
	return start >= end;
}

long region_add(l4_addr_t *start, size_t bytes, bool fixed, const struct region *like)
{
	struct region *node = node_new(), **link;
	long error = node ? range_attach(start, bytes, fixed, like) : -ENOMEM;

	if (error) {
		if (node)
			node_free(node);
		return error;
	}
	link = link_from(*start);
	*node = *like;
	node->start = *start;
	node->end = *start + bytes;
	node->next = *link;
	*link = node;
	return 0;
}

long region_cut(l4_addr_t address)
{
	struct region *low = region_from(address), *high;

	if (!low || low->start >= address)
		return 0;
	high = node_new();
	if (!high)
		return -ENOMEM;
	*high = *low;
	high->start = low->end = address;
	high->offset += address - low->start;
	low->next = high;
	if (l4_is_valid_cap(high->memory))
		l4re_util_cap_take(high->memory);
	return 0;
}

void region_remove(l4_addr_t start, l4_addr_t end)
{
	struct region **link = link_from(start);

	while (*link && (*link)->start < end) {
		struct region *region = *link;

		*link = region->next;
		range_detach(region->start, region->end);
		if (l4_is_valid_cap(region->memory))
			l4re_util_cap_release(region->memory);
		node_free(region);
	}
}

/* Detach and attach; what cannot be changed stays as it was. 0 or a negative L4 error. */
static long range_exchange(const struct region *region, const struct region *changed)
{
	l4_addr_t start = region->start;
	size_t bytes = region->end - region->start;
	long error;

	range_detach(region->start, region->end);
	error = range_attach(&start, bytes, true, changed);
	if (error)
		range_attach(&start, bytes, true, region);
	return error == -EACCES ? -L4_EACCESS : error ? -L4_ENOMEM : 0;
}

long region_protect(struct region *region, unsigned protection)
{
	struct region changed = *region;
	size_t bytes = region->end - region->start;
	long error;

	if (protection == region->protection)
		return 0;
	if (protection != PROT_NONE && l4_is_invalid_cap(region->memory)) {
		changed.memory = region_memory(bytes);
		changed.offset = 0;
	}
	if (protection != PROT_NONE && l4_is_invalid_cap(changed.memory))
		return -ENOMEM;
	changed.protection = protection;
	error = range_replace(region->start, bytes, &changed);
	if (error == -L4_ENOENT)
		error = range_exchange(region, &changed);
	if (!error) {
		*region = changed;
		return 0;
	}
	if (changed.memory != region->memory)
		l4re_util_cap_release(changed.memory);
	return error == -L4_EACCESS || error == -L4_EPERM ? -EACCES : -ENOMEM;
}

long region_grow(struct region *region, size_t bytes)
{
	l4_addr_t end = region->start + bytes;

	if (region->next && region->next->start < end)
		return -ENOMEM;
	if (range_replace(region->start, bytes, region) < 0)
		return -ENOMEM;
	region->end = end;
	return 0;
}

bool region_shares(const struct region *region, uint64_t offset)
{
	for (const struct region *r = regions; r; r = r->next)
		if (r != region && r->memory == region->memory &&
		    r->offset + (r->end - r->start) > offset)
			return true;
	return false;
}
