/* SPDX-License-Identifier: MIT */
/* ELF files: the types of the C library, and the numbers of L4Re. */
#ifndef L4_UTIL_ELF_H
#define L4_UTIL_ELF_H

#include <elf.h>
#include <l4/sys/compiler.h>

/* Program headers. */
enum {
	PT_L4_STACK = 0x60000012,
	PT_L4_KIP = 0x60000013,
	PT_L4_AUX = 0x60000014 /* see l4/re/elf_aux.h */
};

/* Entries of the auxiliary vector. */
enum {
	AT_L4_AUX = 0xf0, /* pointer to l4re_aux_t */
	AT_L4_ENV = 0xf1, /* pointer to l4re_env_t */
	AT_L4_KIP = 0xf2  /* user address of the kernel info page */
};

/* 1 if the file begins as an ELF file does. */
L4_INLINE int l4util_elf_check_magic(Elf64_Ehdr const *h)
{
	return h->e_ident[EI_MAG0] == ELFMAG0 && h->e_ident[EI_MAG1] == ELFMAG1 &&
	       h->e_ident[EI_MAG2] == ELFMAG2 && h->e_ident[EI_MAG3] == ELFMAG3;
}

/* 1 if the file is for this CPU. */
L4_INLINE int l4util_elf_check_arch(Elf64_Ehdr const *h)
{
	return h->e_ident[EI_CLASS] == ELFCLASS64 && h->e_ident[EI_DATA] == ELFDATA2LSB &&
	       h->e_machine == EM_X86_64;
}

#endif
