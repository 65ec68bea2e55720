/* SPDX-License-Identifier: MIT */
/*
 * Names of the kernel's functions, for back-traces. tools/mksyms makes the table from the linked
 * kernel, which is then linked once more with the table in it; it lies behind all code, so that
 * this moves nothing. In the first link the table is empty.
 */
#ifndef KERNEL_SYMBOLS_H
#define KERNEL_SYMBOLS_H

#include "core/types.h"

/* Every SYMBOL_BLOCK-th symbol has the offset of its name in symbol_block; names follow each other
 * in symbol_names, each with its terminating 0. */
#define SYMBOL_BLOCK 16

extern const u64 symbol_base;	    /* address of the first function */
extern const u32 symbol_text_bytes; /* from there to the end of the code */
extern const u32 symbol_count;
extern const u32 symbol_offset[]; /* from symbol_base, ascending */
extern const u32 symbol_block[];
extern const char symbol_names[];

/* Function that contains addr and the distance from its start. False: not in the kernel's code, or
 * no table. */
bool symbol_lookup(u64 addr, const char **name, u64 *offset);

/* Address of a function by its name, 0 if there is none. */
u64 symbol_address(const char *name);

#endif
