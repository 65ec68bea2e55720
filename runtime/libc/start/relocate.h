/* SPDX-License-Identifier: MIT */
/* Relocation of a static program that can be anywhere. */
#ifndef LIBC_START_RELOCATE_H
#define LIBC_START_RELOCATE_H

#include <elf.h>

/*
 * Relocate the calling program, once, before anything reads a pointer from initialised data. base:
 * its first byte; dynamic: its dynamic section, NULL if it has an address of its own: then nothing
 * is done. System V ABI (x86-64), relocation RELATIVE, the only kind that a static program has.
 */
void program_relocate(Elf64_Addr base, const Elf64_Dyn *dynamic);

#endif
