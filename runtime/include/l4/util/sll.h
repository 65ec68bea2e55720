/* SPDX-License-Identifier: MIT */
/* Singly linked lists of pointers, with nodes from malloc. A list is its first node, or NULL. */
#ifndef L4_UTIL_SLL_H
#define L4_UTIL_SLL_H

#include <stdlib.h>
#include <l4/sys/compiler.h>

typedef struct slist_t {
	struct slist_t *next;
	void *data;
} slist_t;

/* A new node with that data; NULL without memory. */
L4_INLINE slist_t *list_new_entry(void *data)
{
	slist_t *node = (slist_t *)malloc(sizeof(*node));

	if (node) {
		node->next = NULL;
		node->data = data;
	}
	return node;
}

/* Put new_node at the end; returns the list. */
L4_INLINE slist_t *list_append(slist_t *list, slist_t *new_node)
{
	slist_t *last = list;

	if (!list)
		return new_node;
	while (last->next)
		last = last->next;
	last->next = new_node;
	return list;
}

/* Put new_node at the front; returns the list. */
L4_INLINE slist_t *list_add(slist_t *list, slist_t *new_node)
{
	if (!new_node)
		return list;
	new_node->next = list;
	return new_node;
}

/* Put new_node behind a node. */
L4_INLINE void list_insert_after(slist_t *after, slist_t *new_node)
{
	if (!after || !new_node)
		return;
	new_node->next = after->next;
	after->next = new_node;
}

/* Free a node, not its data, and clear the pointer to it. */
L4_INLINE void list_free_entry(slist_t **node)
{
	free(*node);
	*node = NULL;
}

/* Take node out of the list and free it; returns the list. */
L4_INLINE slist_t *list_remove(slist_t *list, slist_t *node)
{
	slist_t **link = &list;

	while (*link && *link != node)
		link = &(*link)->next;
	if (node && *link) {
		*link = node->next;
		list_free_entry(&node);
	}
	return list;
}

/* 1 if the list has no node. */
L4_INLINE unsigned char list_is_empty(slist_t *list)
{
	return !list;
}

/* Node number n, from 1 on; NULL if there are fewer. */
L4_INLINE slist_t *list_get_at(slist_t *list, int n)
{
	if (n < 1)
		return NULL;
	while (list && --n)
		list = list->next;
	return list;
}

/* Number of nodes. */
L4_INLINE int list_elements(slist_t *head)
{
	int n = 0;

	for (; head; head = head->next)
		n++;
	return n;
}

#endif
