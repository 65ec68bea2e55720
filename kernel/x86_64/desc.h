/* SPDX-License-Identifier: MIT */
/* Descriptor tables of a CPU: GDT, TSS with I/O bitmap, IDT. Intel SDM vol. 3, 3.4, 6, 7. */
#ifndef KERNEL_DESC_H
#define KERNEL_DESC_H

#include "core/types.h"

struct cpu;

#define IO_BITMAP_BYTES 8192

/* Stacks of traps that need one of their own, aligned; entries of the processor's vectors. */
#define IST_STACK_SIZE 4096
extern const char trap_stubs[32][16];

struct tss {
	u32 reserved0;
	u64 rsp[3];
	u64 reserved1;
	u64 ist[7];
	u64 reserved2;
	u16 reserved3;
	u16 io_base;
	u8 io_bitmap[IO_BITMAP_BYTES + 1];
} __attribute__((packed));

/* I/O bitmap offsets: right behind the structure, or beyond the limit (everything denied). */
#define TSS_IO_NONE ((u16)sizeof(struct tss))
#define TSS_IO_MAP  ((u16)offsetof(struct tss, io_bitmap))

/* Set up and load GDT, TSS and IDT of the calling CPU, and the system-call MSRs. */
void desc_init_cpu(struct cpu *c);

/* Load the user GDT entries 11..15 (raw descriptors) of the calling CPU. */
void desc_load_user_gdt(struct cpu *c, const u64 *entries);

/* True if a raw descriptor is harmless for user land: not present, or DPL 3 and no system type. */
bool desc_user_ok(u64 raw);

struct io_space;
/* Load the I/O permission bitmap of io into this CPU's TSS; NULL: no port is allowed. */
void desc_load_io(struct cpu *c, struct io_space *io);

#endif
