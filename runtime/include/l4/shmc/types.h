/* SPDX-License-Identifier: MIT */
/* Types of shared-memory areas: the handles of programs, and the layout that they share. */
#ifndef L4_SHMC_TYPES_H
#define L4_SHMC_TYPES_H

#include <l4/sys/compiler.h>
#include <l4/sys/types.h>

enum {
	L4SHMC_NAME_STRINGLEN = 16, /* bytes of a name, NUL included */
	L4SHMC_NAMESPACE_SHM_NAME_MAX = 16
};

#define L4SHMC_CHUNK_MAGIC 0xfedcba98UL

/* Who may use a chunk. */
enum l4shmc_chunk_status {
	L4SHMC_CHUNK_CLEAR = 0, /* the producer may take it */
	L4SHMC_CHUNK_BUSY = 1,	/* the producer writes */
	L4SHMC_CHUNK_READY = 2	/* the consumer reads */
};

/* Begin of an area. All zeros is an empty one. */
typedef struct l4shmc_area_head_t {
	l4_umword_t lock;      /* 1: someone changes the list of chunks */
	l4_addr_t first_chunk; /* bytes from the begin of the area; 0: none */
} l4shmc_area_head_t;

/* Begin of a chunk; its payload follows. */
typedef struct l4shmc_chunk_desc_t {
	l4_umword_t magic;
	l4_addr_t offset;     /* bytes from the begin of the area */
	l4_umword_t capacity; /* bytes */
	l4_umword_t size;     /* bytes of data */
	l4_umword_t status;   /* of l4shmc_chunk_status */
	char name[L4SHMC_NAME_STRINGLEN];
	l4_addr_t next; /* bytes from the begin of the area; 0: last */
} l4shmc_chunk_desc_t;

L4_STATIC_ASSERT(sizeof(l4shmc_chunk_desc_t) == 64);

/* An area that a program has attached to. */
typedef struct l4shmc_area_t {
	char *local_addr; /* where it is mapped */
	l4_umword_t size; /* bytes */
	l4_cap_idx_t shm; /* its dataspace */
	l4_cap_idx_t ns;  /* the namespace with dataspace and signals */
} l4shmc_area_t;

struct l4shmc_chunk_t;

/* A signal: an interrupt that both sides know by name. */
typedef struct l4shmc_signal_t {
	l4_cap_idx_t cap;
	struct l4shmc_chunk_t *chunk; /* connected to it, or NULL */
} __attribute__((aligned(16))) l4shmc_signal_t;

/* A chunk as a program found it; the sizes that it relies on are its own copies. */
typedef struct l4shmc_chunk_t {
	l4shmc_chunk_desc_t *chunk;
	l4_umword_t capacity;
	l4shmc_area_t *area;
	l4shmc_signal_t *signal; /* connected to it, or NULL */
} l4shmc_chunk_t;

#endif
