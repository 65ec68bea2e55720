/* SPDX-License-Identifier: MIT */
/*
 * The initial stack of a program. Pure: builds the image in a buffer that will be the last bytes of
 * the stack. From low to high addresses:
 *
 *   argc | argv[] 0 | envp[] 0 | auxiliary vector 0,0 | environment block | table of capabilities |
 *   auxiliary record | random bytes | strings
 */
#ifndef LOADER_STACK_H
#define LOADER_STACK_H

#include <stddef.h>
#include <l4/re/env.h>
#include <l4/re/l4aux.h>
#include "loader/loader.h"

enum { STACK_RANDOM_BYTES = 16 };

/* Types of the auxiliary vector: those of System V, and L4Re's. */
enum stack_aux_type {
	STACK_AT_NULL = 0,
	STACK_AT_PHDR = 3,
	STACK_AT_PHENT = 4,
	STACK_AT_PHNUM = 5,
	STACK_AT_PAGESZ = 6,
	STACK_AT_UID = 11,
	STACK_AT_EUID = 12,
	STACK_AT_GID = 13,
	STACK_AT_EGID = 14,
	STACK_AT_RANDOM = 25,
	STACK_AT_L4_AUX = 0xf0,
	STACK_AT_L4_ENV = 0xf1,
	STACK_AT_L4_KIP = 0xf2
};

struct stack_input {
	unsigned argc, envc;
	const char *const *argv, *const *envp;
	unsigned cap_count;
	const struct loader_named_cap *caps;
	l4re_env_t env;	   /* caps is filled in */
	l4re_aux_t aux;	   /* binary is filled in with argv[0] */
	l4_addr_t headers; /* user address of the program headers, 0: unknown */
	unsigned header_count;
	l4_addr_t kip; /* user address */
	unsigned char random[STACK_RANDOM_BYTES];
};

/*
 * Slot number of named capability i of count: LOADER_SLOT_DEBUGGER for one that is called "jdb" (at
 * most one is), the others from LOADER_SLOT_FIRST in order. i = count: the first free slot.
 */
unsigned stack_cap_slot(const struct loader_named_cap *caps, unsigned count, unsigned i);

/* Bytes that the image takes, a multiple of 16. */
size_t stack_bytes(const struct stack_input *in);

/*
 * Build the image at the end of buffer, whose last byte will be at user address top - 1; top is
 * 16-byte aligned. *sp becomes the stack pointer, 16-byte aligned. Returns 0, or -L4_E2BIG if the
 * buffer of size bytes is too small, then nothing is written.
 */
long stack_build(const struct stack_input *in, void *buffer, size_t size, l4_addr_t top,
		 l4_addr_t *sp);

#endif
