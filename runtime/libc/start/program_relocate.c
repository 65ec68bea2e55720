/* SPDX-License-Identifier: MIT */
/* A program without an address of its own adds the one that it got to its pointers. */
#include "start/relocate.h"

#include <stddef.h>

static Elf64_Xword entry_of(const Elf64_Dyn *dynamic, Elf64_Sxword tag)
{
	for (; dynamic->d_tag != DT_NULL; dynamic++)
		if (dynamic->d_tag == tag)
			return dynamic->d_un.d_val;
	return 0;
}

void program_relocate(Elf64_Addr base, const Elf64_Dyn *dynamic)
{
	const Elf64_Rela *r, *end;

	if (!dynamic)
		return;
	r = (const Elf64_Rela *)(base + entry_of(dynamic, DT_RELA));
	end = (const Elf64_Rela *)((const char *)r + entry_of(dynamic, DT_RELASZ));
	for (; r < end; r++)
		if (ELF64_R_TYPE(r->r_info) == R_X86_64_RELATIVE)
			*(Elf64_Addr *)(base + r->r_offset) = base + (Elf64_Addr)r->r_addend;
}
