/* SPDX-License-Identifier: MIT */
/*
 * Page allocator: binary buddies under one lock, behind per-CPU magazines of single pages and of
 * pairs (a page table with its node table), so that the usual allocation takes no shared lock.
 *
 * Each range handed in starts with its metadata, one byte a page: FREE | order for the first page
 * of a free block, 0 for every other page. Free blocks are linked through their first bytes.
 */
#include "core/cpunum.h"
#include "core/list.h"
#include "core/print.h"
#include "core/spinlock.h"
#include "mm/kmem.h"

enum { MAX_RANGES = 32, MAGAZINE_ORDERS = 2, MAGAZINE_SIZE = 16, POOL_SIZE = 8, FREE = 0x80 };

struct range {
	u64 start, end; /* page numbers of what is given out (kernel address / 4096) */
	u8 *state;	/* by page number - start */
};

struct page_stack {
	u32 count;
	void *page[MAGAZINE_SIZE];
};

struct page_cpu {
	struct page_stack magazine[MAGAZINE_ORDERS];
	struct page_stack zeroed[MAGAZINE_ORDERS]; /* at most POOL_SIZE */
} cacheline_aligned;

static struct spinlock buddy_lock; /* guards everything down to range_count */
static struct list free_list[KMEM_MAX_ORDER + 1];
static u32 free_orders; /* bit set: free_list[bit] is not empty */
static u64 free_pages;
static u64 total_pages;
static struct range ranges[MAX_RANGES];
static unsigned range_count;

static struct page_cpu page_cpus[KMEM_CPUS]; /* each used by its CPU only */

static u64 page_number(const void *p)
{
	return (u64)p >> PAGE_SHIFT;
}

static struct range *range_of(u64 page)
{
	for (unsigned i = 0; i < range_count; i++)
		if (page >= ranges[i].start && page < ranges[i].end)
			return &ranges[i];
	return NULL;
}

static void block_insert(struct range *r, u64 page, unsigned order)
{
	r->state[page - r->start] = (u8)(FREE | order);
	list_push_front(&free_list[order], (struct list *)(page << PAGE_SHIFT));
	free_orders |= 1u << order;
	free_pages += 1ULL << order;
}

static void block_remove(struct range *r, u64 page, unsigned order)
{
	r->state[page - r->start] = 0;
	list_remove((struct list *)(page << PAGE_SHIFT));
	if (list_empty(&free_list[order]))
		free_orders &= ~(1u << order);
	free_pages -= 1ULL << order;
}

/* Is the buddy of a block a free block of the same order in the same range? */
static bool buddy_is_free(const struct range *r, u64 buddy, unsigned order)
{
	return buddy >= r->start && buddy + (1ULL << order) <= r->end &&
	       r->state[buddy - r->start] == (FREE | order);
}

static void buddy_free(void *p, unsigned order)
{
	u64 page = page_number(p);
	struct range *r = range_of(page);

	BUG_ON(!r || (r->state[page - r->start] & FREE));
	while (order < KMEM_MAX_ORDER && buddy_is_free(r, page ^ (1ULL << order), order)) {
		block_remove(r, page ^ (1ULL << order), order);
		page &= ~(1ULL << order);
		order++;
	}
	block_insert(r, page, order);
}

static void *buddy_alloc(unsigned order)
{
	u32 fitting = free_orders & ~((1u << order) - 1);
	unsigned have;
	u64 page;
	struct range *r;

	if (!fitting)
		return NULL;
	have = bit_lowest(fitting);
	page = page_number(free_list[have].next);
	r = range_of(page);
	block_remove(r, page, have);
	while (have > order) {
		have--;
		block_insert(r, page + (1ULL << have), have);
	}
	return (void *)(page << PAGE_SHIFT);
}

/* Free [page, end) in the largest aligned blocks. */
static void free_pages_of_range(u64 page, u64 end)
{
	while (page < end) {
		unsigned order = page ? bit_lowest(page) : KMEM_MAX_ORDER;

		if (order > KMEM_MAX_ORDER)
			order = KMEM_MAX_ORDER;
		while (page + (1ULL << order) > end)
			order--;
		buddy_free((void *)(page << PAGE_SHIFT), order);
		page += 1ULL << order;
	}
}

static void lists_init(void)
{
	for (unsigned i = 0; i <= KMEM_MAX_ORDER; i++)
		list_init(&free_list[i]);
}

bool kmem_add(void *start, void *end)
{
	u64 pages = page_number(end) - page_number(start);
	u64 meta = align_up(pages, PAGE_SIZE) >> PAGE_SHIFT;
	struct range *r = &ranges[range_count];

	if (start >= end || pages <= meta || range_count == MAX_RANGES)
		return false;
	spin_lock(&buddy_lock);
	if (range_count++ == 0)
		lists_init();
	zero_words(start, meta << PAGE_SHIFT);
	*r = (struct range){ .start = page_number(start) + meta,
			     .end = page_number(end),
			     .state = start };
	total_pages += pages - meta;
	free_pages_of_range(r->start, r->end);
	spin_unlock(&buddy_lock);
	return true;
}

static always_inline void *stack_pop(struct page_stack *s)
{
	return s->count ? s->page[--s->count] : NULL;
}

static always_inline void stack_push(struct page_stack *s, void *p)
{
	s->page[s->count++] = p;
}

/* Half a magazine at a time, so that neither alternation of allocating and freeing nor long runs
 * of one of them take the lock often. */
static void magazine_refill(struct page_stack *m, unsigned order)
{
	spin_lock(&buddy_lock);
	while (m->count < MAGAZINE_SIZE / 2) {
		void *p = buddy_alloc(order);

		if (!p)
			break;
		stack_push(m, p);
	}
	spin_unlock(&buddy_lock);
}

static void magazine_spill(struct page_stack *m, unsigned order, u32 keep)
{
	spin_lock(&buddy_lock);
	while (m->count > keep)
		buddy_free(m->page[--m->count], order);
	spin_unlock(&buddy_lock);
}

static noinline void *block_alloc_slow(unsigned order)
{
	struct page_cpu *c = &page_cpus[cpu_number()];
	void *p;

	if (order < MAGAZINE_ORDERS) {
		magazine_refill(&c->magazine[order], order);
		p = stack_pop(&c->magazine[order]);
		return p ? p : stack_pop(&c->zeroed[order]);
	}
	spin_lock(&buddy_lock);
	p = buddy_alloc(order);
	spin_unlock(&buddy_lock);
	return p;
}

static always_inline void *block_alloc(unsigned order)
{
	struct page_cpu *c = &page_cpus[cpu_number()];

	if (likely(order < MAGAZINE_ORDERS && c->magazine[order].count))
		return stack_pop(&c->magazine[order]);
	return block_alloc_slow(order);
}

void *page_alloc(struct quota *q, unsigned order)
{
	void *p;

	if (unlikely(order > KMEM_MAX_ORDER || !quota_charge(q, PAGE_SIZE << order)))
		return NULL;
	p = block_alloc(order);
	if (unlikely(!p))
		quota_release(q, PAGE_SIZE << order);
	return p;
}

void *page_alloc_prezeroed(struct quota *q, unsigned order)
{
	struct page_stack *pool;

	if (order >= MAGAZINE_ORDERS)
		return NULL;
	pool = &page_cpus[cpu_number()].zeroed[order];
	if (!pool->count || !quota_charge(q, PAGE_SIZE << order))
		return NULL;
	return stack_pop(pool);
}

void *page_alloc_zeroed(struct quota *q, unsigned order)
{
	void *p = page_alloc_prezeroed(q, order);

	if (p)
		return p;
	p = page_alloc(q, order);
	if (p)
		zero_words(p, PAGE_SIZE << order);
	return p;
}

static noinline void block_free_slow(void *p, unsigned order)
{
	if (order < MAGAZINE_ORDERS) {
		struct page_stack *m = &page_cpus[cpu_number()].magazine[order];

		magazine_spill(m, order, MAGAZINE_SIZE / 2);
		stack_push(m, p);
		return;
	}
	spin_lock(&buddy_lock);
	buddy_free(p, order);
	spin_unlock(&buddy_lock);
}

void page_free(struct quota *q, void *p, unsigned order)
{
	struct page_cpu *c = &page_cpus[cpu_number()];

	if (likely(order < MAGAZINE_ORDERS && c->magazine[order].count < MAGAZINE_SIZE))
		stack_push(&c->magazine[order], p);
	else
		block_free_slow(p, order);
	quota_release(q, PAGE_SIZE << order);
}

bool page_prezero_one(void)
{
	struct page_cpu *c = &page_cpus[cpu_number()];

	for (unsigned order = 0; order < MAGAZINE_ORDERS; order++) {
		struct page_stack *pool = &c->zeroed[order];
		void *p;

		if (pool->count >= POOL_SIZE)
			continue;
		p = block_alloc(order);
		if (!p)
			return false;
		zero_words(p, PAGE_SIZE << order);
		stack_push(pool, p);
		return true;
	}
	return false;
}

u64 kmem_total_bytes(void)
{
	return total_pages << PAGE_SHIFT;
}

u64 kmem_free_bytes(void)
{
	u64 pages = READ_ONCE(free_pages);

	for (unsigned i = 0; i < KMEM_CPUS; i++)
		for (unsigned o = 0; o < MAGAZINE_ORDERS; o++)
			pages +=
			    (u64)(page_cpus[i].magazine[o].count + page_cpus[i].zeroed[o].count)
			    << o;
	return (pages << PAGE_SHIFT) + slab_free_bytes();
}

void kmem_drain(void)
{
	slab_drain();
	for (unsigned i = 0; i < KMEM_CPUS; i++) {
		for (unsigned o = 0; o < MAGAZINE_ORDERS; o++) {
			magazine_spill(&page_cpus[i].magazine[o], o, 0);
			magazine_spill(&page_cpus[i].zeroed[o], o, 0);
		}
	}
}
