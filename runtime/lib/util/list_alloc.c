/* SPDX-License-Identifier: MIT */
/*
 * A small allocator. The list of free blocks is in the order of addresses and its neighbours never
 * touch, as freeing joins them. All sizes are rounded to GRAIN, so that each block has room for its
 * header.
 */
#include <l4/util/kprintf.h>
#include <l4/util/list_alloc.h>

enum { GRAIN = sizeof(l4la_free_t) };

static l4_size_t rounded(l4_size_t size)
{
	return (size + GRAIN - 1) & ~(l4_size_t)(GRAIN - 1);
}

static char *end_of(l4la_free_t *block)
{
	return (char *)block + block->size;
}

/* Join a block with its successor if they touch. */
static void join(l4la_free_t *block)
{
	l4la_free_t *next = block->next;

	if (!next || end_of(block) != (char *)next)
		return;
	block->size += next->size;
	block->next = next->next;
}

void l4la_init(l4la_free_t **first)
{
	*first = NULL;
}

void l4la_free(l4la_free_t **first, void *block, l4_size_t size)
{
	l4la_free_t *new = block, **link = first, *before = NULL;

	if (!block || !size)
		return;
	while (*link && *link < new) {
		before = *link;
		link = &before->next;
	}
	new->size = rounded(size);
	new->next = *link;
	*link = new;
	join(new);
	if (before)
		join(before);
}

/* Take [start, start + size) out of a block; the rest stays in the list. */
static void cut(l4la_free_t **link, char *start, l4_size_t size)
{
	l4la_free_t *block = *link, *rest = (l4la_free_t *)(void *)(start + size);
	char *end = end_of(block);

	if (start + size < end) {
		rest->next = block->next;
		rest->size = (l4_size_t)(end - (start + size));
		block->next = rest;
	}
	if (start > (char *)block)
		block->size = (l4_size_t)(start - (char *)block);
	else
		*link = block->next;
}

void *l4la_alloc(l4la_free_t **first, l4_size_t size, unsigned align)
{
	l4_addr_t mask = align > GRAIN ? align - 1 : GRAIN - 1;

	size = rounded(size);
	if (!size)
		return NULL;
	for (l4la_free_t **link = first; *link; link = &(*link)->next) {
		l4_addr_t start = ((l4_addr_t)*link + mask) & ~mask;
		l4_size_t skipped = start - (l4_addr_t)*link;

		if (skipped > (*link)->size || (*link)->size - skipped < size)
			continue;
		cut(link, (char *)start, size);
		return (void *)start;
	}
	return NULL;
}

l4_size_t l4la_avail(l4la_free_t **first)
{
	l4_size_t sum = 0;

	for (l4la_free_t *b = *first; b; b = b->next)
		sum += b->size;
	return sum;
}

void l4la_dump(l4la_free_t **first)
{
	for (l4la_free_t *b = *first; b; b = b->next)
		l4_kprintf("%p: %zu bytes free\n", (void *)b, (size_t)b->size);
}
