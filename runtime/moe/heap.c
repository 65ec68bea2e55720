/* SPDX-License-Identifier: MIT */
/* Pieces of a few sizes, cut from pages. A page without pieces in use goes back at once. */
#include <string.h>
#include "heap.h"

enum { SMALLEST_SHIFT = 5 };

struct piece {
	struct piece *next;
};

/* At the start of each page; 64 bytes are kept for it. */
struct heap_page {
	struct heap_page *next, **link; /* in the list of partial pages, if it has a free piece */
	struct piece *free;
	unsigned used;
	unsigned class;
};
enum { HEADER_BYTES = 64 };
_Static_assert(sizeof(struct heap_page) <= HEADER_BYTES, "header of a heap page");

void heap_init(struct heap *h, struct pages *pages, struct quota *quota)
{
	*h = (struct heap){ .pages = pages, .quota = quota };
}

static unsigned class_of(size_t size)
{
	unsigned class = 0;

	while (((size_t)1 << (SMALLEST_SHIFT + class)) < size)
		class ++;
	return class;
}

static void enlist(struct heap *h, struct heap_page *page)
{
	page->next = h->partial[page->class];
	page->link = &h->partial[page->class];
	if (page->next)
		page->next->link = &page->next;
	h->partial[page->class] = page;
}

static void delist(struct heap_page *page)
{
	*page->link = page->next;
	if (page->next)
		page->next->link = page->link;
}

static struct heap_page *new_page(struct heap *h, unsigned class)
{
	size_t size = (size_t)1 << (SMALLEST_SHIFT + class);
	size_t first = size > HEADER_BYTES ? size : HEADER_BYTES;
	struct heap_page *page;

	if (!quota_charge(h->quota, PAGE_BYTES))
		return NULL;
	page = (struct heap_page *)pages_alloc(h->pages, 0);
	if (!page) {
		quota_release(h->quota, PAGE_BYTES);
		return NULL;
	}
	*page = (struct heap_page){ .class = class };
	for (size_t at = PAGE_BYTES - size; at >= first; at -= size) {
		struct piece *piece = (struct piece *)((char *)page + at);

		piece->next = page->free;
		page->free = piece;
	}
	enlist(h, page);
	return page;
}

void *heap_alloc(struct heap *h, size_t size)
{
	unsigned class = class_of(size);
	struct heap_page *page;
	struct piece *piece;

	if (size > HEAP_MAX)
		return NULL;
	page = h->partial[class] ? h->partial[class] : new_page(h, class);
	if (!page)
		return NULL;
	piece = page->free;
	page->free = piece->next;
	page->used++;
	if (!page->free)
		delist(page);
	return memset(piece, 0, (size_t)1 << (SMALLEST_SHIFT + class));
}

void heap_free(struct heap *h, void *freed)
{
	struct heap_page *page = (struct heap_page *)((uintptr_t)freed & ~(PAGE_BYTES - 1));
	struct piece *piece = freed;

	if (!freed)
		return;
	if (!page->free)
		enlist(h, page);
	piece->next = page->free;
	page->free = piece;
	if (--page->used)
		return;
	delist(page);
	pages_put(h->pages, (uint64_t)page, 0);
	quota_release(h->quota, PAGE_BYTES);
}
