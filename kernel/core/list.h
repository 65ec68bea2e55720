/* SPDX-License-Identifier: MIT */
/* Circular doubly linked list, the head being a node of its own. No locking. */
#ifndef KERNEL_LIST_H
#define KERNEL_LIST_H

#include "core/types.h"

struct list {
	struct list *next, *prev;
};

/* Make l an empty list, or a node that is in no list. */
static inline void list_init(struct list *l)
{
	l->next = l->prev = l;
}

static inline bool list_empty(const struct list *l)
{
	return l->next == l;
}

static inline void list_insert_before(struct list *pos, struct list *n)
{
	n->next = pos;
	n->prev = pos->prev;
	pos->prev->next = n;
	pos->prev = n;
}

static inline void list_push_front(struct list *head, struct list *n)
{
	list_insert_before(head->next, n);
}

static inline void list_push_back(struct list *head, struct list *n)
{
	list_insert_before(head, n);
}

/* Take n out of its list; it is a valid node in no list afterwards, so that twice is harmless. */
static inline void list_remove(struct list *n)
{
	n->prev->next = n->next;
	n->next->prev = n->prev;
	list_init(n);
}

#define list_entry(p, type, member)    container_of(p, type, member)
#define list_first(head, type, member) list_entry((head)->next, type, member)
#define list_for_each(n, head)	       for (struct list *n = (head)->next; n != (head); n = n->next)
#define list_for_each_safe(n, tmp, head) \
	for (struct list *n = (head)->next, *tmp = n->next; n != (head); n = tmp, tmp = n->next)

#endif
