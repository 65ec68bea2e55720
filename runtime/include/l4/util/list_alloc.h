/* SPDX-License-Identifier: MIT */
/* A small allocator: a list of free blocks in memory that its user gives. No locking. */
#ifndef L4_UTIL_LIST_ALLOC_H
#define L4_UTIL_LIST_ALLOC_H

#include <l4/sys/compiler.h>
#include <l4/sys/l4int.h>

typedef struct l4la_free_t_s {
	struct l4la_free_t_s *next;
	l4_size_t size;
} l4la_free_t;

#define L4LA_INITIALIZER \
	{                \
		0, 0     \
	}

EXTERN_C_BEGIN

/* Make the list empty. */
L4_CV void l4la_init(l4la_free_t **first);

/* Add size bytes at block to the list; both are multiples of 16, or what l4la_alloc() was given. */
L4_CV void l4la_free(l4la_free_t **first, void *block, l4_size_t size);

/* Take size bytes, aligned to align (power of two, bytes); NULL if there is no such block. */
L4_CV void *l4la_alloc(l4la_free_t **first, l4_size_t size, unsigned align);

/* Free bytes. */
L4_CV l4_size_t l4la_avail(l4la_free_t **first);

/* Print the list. */
L4_CV void l4la_dump(l4la_free_t **first);

EXTERN_C_END

#endif
