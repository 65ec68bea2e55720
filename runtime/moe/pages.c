/* SPDX-License-Identifier: MIT */
/* Buddy allocator of physical pages. */
#include <stddef.h>
#include "pages.h"

/* Word of a page: the first page of a free block has INFO_FREE and the order, the first one of an
 * allocated block the number of owners. */
#define INFO_FREE   (1U << 31)
#define INFO_OWNERS 0x7fffffffU

static const struct pages_zone *zone_of(const struct pages *p, uint64_t page)
{
	for (unsigned i = 0; i < p->zone_count; i++)
		if (page - p->zones[i].first < p->zones[i].count)
			return &p->zones[i];
	return NULL;
}

static uint32_t *info_of(const struct pages *p, uint64_t page)
{
	const struct pages_zone *z = zone_of(p, page);

	return z ? &z->info[page - z->first] : NULL;
}

static void push(struct pages *p, uint64_t page, unsigned order)
{
	struct pages_block *b = (struct pages_block *)(page << PAGE_SHIFT);

	b->next = p->free[order];
	b->link = &p->free[order];
	if (b->next)
		b->next->link = &b->next;
	p->free[order] = b;
	*info_of(p, page) = INFO_FREE | order;
}

static void pull(struct pages *p, uint64_t page)
{
	struct pages_block *b = (struct pages_block *)(page << PAGE_SHIFT);

	*b->link = b->next;
	if (b->next)
		b->next->link = b->link;
	*info_of(p, page) = 0;
}

/* Free one aligned block and join it with its neighbours. */
static void free_block(struct pages *p, uint64_t page, unsigned order)
{
	p->free_pages += 1UL << order;
	while (order + 1 < PAGES_ORDERS) {
		uint64_t other = page ^ (1UL << order);
		uint32_t *info = zone_of(p, other) == zone_of(p, page) ? info_of(p, other) : NULL;

		if (!info || *info != (INFO_FREE | order))
			break;
		pull(p, other);
		page &= ~(1UL << order);
		order++;
	}
	push(p, page, order);
}

static void free_range(struct pages *p, uint64_t page, uint64_t count)
{
	while (count) {
		unsigned order = 63 - (unsigned)__builtin_clzl(count);

		if (page && (unsigned)__builtin_ctzl(page) < order)
			order = (unsigned)__builtin_ctzl(page);
		if (order >= PAGES_ORDERS)
			order = PAGES_ORDERS - 1;
		free_block(p, page, order);
		page += 1UL << order;
		count -= 1UL << order;
	}
}

void pages_add(struct pages *p, uint64_t start, uint64_t end)
{
	struct pages_zone *z = &p->zones[p->zone_count];
	uint64_t count = (end - start) >> PAGE_SHIFT;
	uint64_t own = (count * sizeof(*z->info) + PAGE_BYTES - 1) >> PAGE_SHIFT;

	if (p->zone_count == PAGES_ZONES || count <= own + 1)
		return;
	*z = (struct pages_zone){ (start >> PAGE_SHIFT) + own, count - own, (uint32_t *)start };
	for (uint64_t i = 0; i < z->count; i++)
		z->info[i] = 0;
	p->zone_count++;
	p->all_pages += z->count;
	free_range(p, z->first, z->count);
}

uint64_t pages_alloc(struct pages *p, unsigned order)
{
	unsigned from = order;
	uint64_t page;

	while (from < PAGES_ORDERS && !p->free[from])
		from++;
	if (from >= PAGES_ORDERS)
		return 0;
	page = (uint64_t)p->free[from] >> PAGE_SHIFT;
	pull(p, page);
	while (from > order) {
		from--;
		push(p, page + (1UL << from), from);
	}
	p->free_pages -= 1UL << order;
	*info_of(p, page) = 1;
	return page << PAGE_SHIFT;
}

/* Take the free pages [page, page + count) out of the lists; the rest of their blocks stays. */
static void take_range(struct pages *p, uint64_t page, uint64_t count)
{
	const struct pages_zone *z = zone_of(p, page);
	uint64_t at = page, end = page + count;

	while (!(z->info[at - z->first] & INFO_FREE))
		at--;
	while (at < end) {
		unsigned order = z->info[at - z->first] & ~INFO_FREE;
		uint64_t block_end = at + (1UL << order);

		pull(p, at);
		p->free_pages -= 1UL << order;
		if (at < page)
			free_range(p, at, page - at);
		if (block_end > end)
			free_range(p, end, block_end - end);
		at = block_end;
	}
	*info_of(p, page) = 1;
}

/* The first run of count free pages in a zone; false if there is none. */
static bool find_run(const struct pages_zone *z, uint64_t count, uint64_t align, uint64_t *page)
{
	uint64_t end = z->first + z->count, run = (z->first + align - 1) & ~(align - 1);

	for (uint64_t at = z->first; at < end;) {
		uint32_t info = z->info[at - z->first];

		at += info & INFO_FREE ? 1UL << (info & ~INFO_FREE) : 1;
		if (!(info & INFO_FREE))
			run = (at + align - 1) & ~(align - 1);
		if (at >= run && at - run >= count) {
			*page = run;
			return true;
		}
	}
	return false;
}

/* A block that is large enough, what is too much given back: the usual case, without a search. */
static uint64_t alloc_cut(struct pages *p, uint64_t count, unsigned align_order)
{
	unsigned order = align_order;
	uint64_t address;

	while (order < PAGES_ORDERS && (1UL << order) < count)
		order++;
	address = pages_alloc(p, order);
	if (address)
		free_range(p, (address >> PAGE_SHIFT) + count, (1UL << order) - count);
	return address;
}

uint64_t pages_alloc_run(struct pages *p, uint64_t count, unsigned align_order)
{
	uint64_t page, address;

	if (!count || count > p->free_pages || align_order >= PAGES_ORDERS)
		return 0;
	address = alloc_cut(p, count, align_order);
	for (unsigned i = 0; !address && i < p->zone_count; i++) {
		if (!find_run(&p->zones[i], count, 1UL << align_order, &page))
			continue;
		take_range(p, page, count);
		address = page << PAGE_SHIFT;
	}
	return address;
}

void pages_free(struct pages *p, uint64_t address, uint64_t count)
{
	uint64_t page = address >> PAGE_SHIFT;

	for (uint64_t i = 0; i < count; i++)
		*info_of(p, page + i) = 0;
	free_range(p, page, count);
}

bool pages_share(struct pages *p, uint64_t address)
{
	uint32_t *info = info_of(p, address >> PAGE_SHIFT);

	if (*info == INFO_OWNERS)
		return false;
	++*info;
	return true;
}

bool pages_is_shared(const struct pages *p, uint64_t address)
{
	return *info_of(p, address >> PAGE_SHIFT) > 1;
}

void pages_put(struct pages *p, uint64_t address, unsigned order)
{
	uint32_t *info = info_of(p, address >> PAGE_SHIFT);

	if (--*info == 0)
		free_range(p, address >> PAGE_SHIFT, 1UL << order);
}
