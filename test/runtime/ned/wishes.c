/* SPDX-License-Identifier: MIT */
/* Wishes of a program to its loader: a small stack, and the kernel info page, at places of its own.
 */
#include <l4/re/elf_aux.h>

L4RE_ELF_AUX_ELEM_T(l4re_elf_aux_mword_t, wished_size, L4RE_ELF_AUX_T_STACK_SIZE, 0x20000);
L4RE_ELF_AUX_ELEM_T(l4re_elf_aux_mword_t, wished_stack, L4RE_ELF_AUX_T_STACK_ADDR, 0x90000000);
L4RE_ELF_AUX_ELEM_T(l4re_elf_aux_mword_t, wished_kip, L4RE_ELF_AUX_T_KIP_ADDR, 0x50000000);
