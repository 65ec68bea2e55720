/* SPDX-License-Identifier: MIT */
/*
 * Names of the functions of a program, for reports: the boot module NAME.sym beside the program
 * NAME, which tools/symbol-file writes. It has, as little-endian 32-bit numbers, SYMBOLS_MAGIC, the
 * count of functions and the offset of each in the program's file, ascending; then the names in the
 * same order, each with its NUL. An empty name: from there on there is no function. Pure.
 */
#ifndef MOE_SYMBOLS_H
#define MOE_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SYMBOLS_MAGIC = 0x4d59535a /* "ZSYM" */ };

/*
 * The function that has the given offset of the program's file. table is aligned to 4, bytes long,
 * and not trusted. *distance = bytes from the start of the function. NULL: it is not known.
 */
const char *symbols_find(const void *table, size_t bytes, uint64_t offset, uint64_t *distance);

#endif
