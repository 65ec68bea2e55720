/* SPDX-License-Identifier: MIT */
/* The empty symbol table of the first link; a file of its own, so that no use of it is compiled
 * with the sizes below in mind. */
#include "core/symbols.h"

const u64 symbol_base __attribute__((weak)) = 0;
const u32 symbol_text_bytes __attribute__((weak)) = 0;
const u32 symbol_count __attribute__((weak)) = 0;
const u32 symbol_offset[1] __attribute__((weak)) = { 0 };
const u32 symbol_block[1] __attribute__((weak)) = { 0 };
const char symbol_names[1] __attribute__((weak)) = { 0 };
