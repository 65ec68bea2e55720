/* SPDX-License-Identifier: MIT */
/*
 * A Linux kernel's own table of alternatives: places in its code, each with other bytes that it
 * puts there at its start if a feature is there, or is not. Under Xen it calls a function wherever
 * an entry of a page table becomes a value or a value an entry, as frame numbers of the machine
 * differ from its own. Here they are the same, always (calls_memory.c keeps it so), and the table
 * has for each of these places what to put there then: a move. So this alternative is selected.
 * Pure.
 */
#ifndef VMM_ALTERNATIVES_H
#define VMM_ALTERNATIVES_H

#include "vmm/kernel.h"

/*
 * Let the kernel, loaded in memory, use moves for conversions of page-table entries. Returns for
 * how many places; 0 and nothing changed if the kernel has no table of a form that is known.
 */
unsigned alternatives_select(const struct kernel *k, void *memory);

#endif
