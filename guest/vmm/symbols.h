/* SPDX-License-Identifier: MIT */
/* Names of a kernel's addresses, from the text of its System.map. Pure. */
#ifndef VMM_SYMBOLS_H
#define VMM_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Write `name+0xoffset` of the last symbol that is not behind the address, and not more than 1 MiB
 * away. The text is lines `address type name`, in any order; others are skipped. False: there is
 * none. The result is cut to room - 1 characters.
 */
bool symbols_find(const char *text, size_t bytes, uint64_t address, char *to, size_t room);

#endif
