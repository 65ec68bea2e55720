/* SPDX-License-Identifier: MIT */
/* A small ELF kernel with notes, made by tests. */
#ifndef TEST_ELF_KERNEL_H
#define TEST_ELF_KERNEL_H

#include <elf.h>
#include <stdint.h>
#include <string.h>

#include "xen/start_info.h"

enum {
	ELF_KERNEL_SEGMENTS = 3, /* text, data, notes */
	ELF_KERNEL_NOTES = 0x200,
	ELF_KERNEL_TEXT = 0x1000,
	ELF_KERNEL_DATA = 0x2000,
	ELF_KERNEL_BYTES = 0x3000,
	ELF_KERNEL_START = 0x1000000
};
#define ELF_KERNEL_BASE 0xffffffff80000000UL

struct elf_kernel {
	union {
		struct {
			Elf64_Ehdr header;
			Elf64_Phdr segments[ELF_KERNEL_SEGMENTS];
		};
		uint8_t bytes[ELF_KERNEL_BYTES];
	};
	size_t notes; /* bytes so far */
};

static inline void elf_kernel_note(struct elf_kernel *e, uint32_t type, const void *value,
				   uint32_t bytes)
{
	Elf64_Nhdr note = { .n_namesz = 4, .n_descsz = bytes, .n_type = type };
	uint8_t *at = e->bytes + ELF_KERNEL_NOTES + e->notes;

	memcpy(at, &note, sizeof(note));
	memcpy(at + sizeof(note), "Xen", 4);
	memcpy(at + sizeof(note) + 4, value, bytes);
	e->notes += sizeof(note) + 4 + ((bytes + 3) & ~3U);
	e->segments[2].p_filesz = e->segments[2].p_memsz = e->notes;
}

static inline void elf_kernel_number(struct elf_kernel *e, uint32_t type, uint64_t value)
{
	elf_kernel_note(e, type, &value, sizeof(value));
}

static inline void elf_kernel_init(struct elf_kernel *e)
{
	memset(e, 0, sizeof(*e));
	memcpy(e->header.e_ident, "\177ELF\2\1\1", 7);
	e->header.e_type = ET_EXEC;
	e->header.e_machine = EM_X86_64;
	e->header.e_phoff = sizeof(e->header);
	e->header.e_phentsize = sizeof(Elf64_Phdr);
	e->header.e_phnum = ELF_KERNEL_SEGMENTS;
	e->segments[0] = (Elf64_Phdr){ .p_type = PT_LOAD,
				       .p_flags = PF_R | PF_X,
				       .p_offset = ELF_KERNEL_TEXT,
				       .p_vaddr = ELF_KERNEL_BASE + ELF_KERNEL_START,
				       .p_paddr = ELF_KERNEL_START,
				       .p_filesz = 0x800,
				       .p_memsz = 0x800 };
	e->segments[1] = (Elf64_Phdr){ .p_type = PT_LOAD,
				       .p_flags = PF_R | PF_W,
				       .p_offset = ELF_KERNEL_DATA,
				       .p_paddr = ELF_KERNEL_START + 0x1000,
				       .p_filesz = 0x100,
				       .p_memsz = 0x1800 };
	e->segments[2] = (Elf64_Phdr){ .p_type = PT_NOTE, .p_offset = ELF_KERNEL_NOTES };
	memset(e->bytes + ELF_KERNEL_TEXT, 0x90, 0x800);
	memset(e->bytes + ELF_KERNEL_DATA, 0xda, 0x100);
	elf_kernel_note(e, XEN_NOTE_XEN_VERSION, "xen-3.0", 8);
	elf_kernel_number(e, XEN_NOTE_ENTRY, ELF_KERNEL_BASE + ELF_KERNEL_START + 0x40);
	elf_kernel_number(e, XEN_NOTE_VIRT_BASE, ELF_KERNEL_BASE);
}

#endif
