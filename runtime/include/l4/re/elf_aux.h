/* SPDX-License-Identifier: MIT */
/*
 * Wishes of a program to its loader, in the ELF section .rol4re_elf_aux (program header type
 * 0x60000014): a sequence of elements, each with its tag and length in front.
 */
#ifndef L4_RE_ELF_AUX_H
#define L4_RE_ELF_AUX_H

#include <l4/sys/types.h>

#define L4RE_ELF_AUX_ELEM \
	const __attribute__((used, section(".rol4re_elf_aux"), aligned(sizeof(l4_umword_t))))

/* Define the element id of the type with the tag; the values follow. */
#define L4RE_ELF_AUX_ELEM_T(type, id, tag, ...) \
	static L4RE_ELF_AUX_ELEM type id = { tag, sizeof(type), __VA_ARGS__ }

enum {
	L4RE_ELF_AUX_T_NONE = 0,	 /* end of the sequence */
	L4RE_ELF_AUX_T_VMA = 1,		 /* keep an address range free */
	L4RE_ELF_AUX_T_STACK_SIZE = 2,	 /* bytes, of the first thread */
	L4RE_ELF_AUX_T_STACK_ADDR = 3,	 /* user address, of the first thread */
	L4RE_ELF_AUX_T_KIP_ADDR = 4,	 /* user address of the kernel info page */
	L4RE_ELF_AUX_T_EX_REGS_FLAGS = 5 /* flags of the ex_regs that starts the first thread */
};

typedef struct l4re_elf_aux_t {
	l4_umword_t type;
	l4_umword_t length; /* bytes, header included */
} l4re_elf_aux_t;

typedef struct l4re_elf_aux_vma_t {
	l4_umword_t type;
	l4_umword_t length;
	l4_umword_t start; /* user addresses */
	l4_umword_t end;   /* inclusive */
} l4re_elf_aux_vma_t;

typedef struct l4re_elf_aux_mword_t {
	l4_umword_t type;
	l4_umword_t length;
	l4_umword_t value;
} l4re_elf_aux_mword_t;

#endif
