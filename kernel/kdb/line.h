/* SPDX-License-Identifier: MIT */
/* Command lines of the debugger: words, numbers, abbreviated names. Pure. */
#ifndef KERNEL_KDB_LINE_H
#define KERNEL_KDB_LINE_H

#include "core/types.h"

#define KDB_WORDS 8

/* Cut the line in place into words at blanks; at most KDB_WORDS of them, the rest is ignored.
 * Returns how many. */
unsigned kdb_split(char *line, char *word[KDB_WORDS]);

/* Decimal number, or hexadecimal one with 0x in front. False: anything else, or too large. */
bool kdb_number(const char *s, u64 *v);

/* Index of the entry that s names: exactly, else the first one that starts with s; -1 if none does.
 * name(i) returns the entries' names, NULL after the last. */
int kdb_match(const char *s, const char *(*name)(unsigned i));

/* End the first of the commands separated by ';' in text (n bytes) and copy it to buf (size bytes,
 * terminated, cut). Returns the bytes of text used, with the separator. */
size_t kdb_first_command(const char *text, size_t n, char *buf, size_t size);

#endif
