/* SPDX-License-Identifier: MIT */
/* Lists of the page tables of a view. The caller serialises. */
#ifndef KERNEL_VIEW_PAGES_H
#define KERNEL_VIEW_PAGES_H

#include "obj/view.h"

#define NO_SLOT (~0u)

struct view_page {
	struct view_page *next;
	u64 *table;
	unsigned slot; /* of the root entry that points to it, or NO_SLOT */
};

static inline void pages_push(struct view_pages *l, struct view_page *p)
{
	p->next = l->first;
	if (!p->next)
		l->last = p;
	l->first = p;
}

/* Move all of `from` to `to`. */
static inline void pages_splice(struct view_pages *to, struct view_pages *from)
{
	if (!from->first)
		return;
	from->last->next = to->first;
	if (!to->first)
		to->last = from->last;
	to->first = from->first;
	from->first = NULL;
}

static inline struct view_page *pages_pop(struct view_pages *l)
{
	struct view_page *p = l->first;

	if (p)
		l->first = p->next;
	return p;
}

#endif
