/* SPDX-License-Identifier: MIT */
/* State that a thread in vCPU mode shares with the kernel, amd64, version 0x26. */
#ifndef L4_SYS_VCPU_H
#define L4_SYS_VCPU_H

#include <l4/sys/types.h>

#define L4_VCPU_STATE_EXT_SIZE L4_PAGESIZE

enum {
	L4_VCPU_STATE_VERSION = 0x26,
	L4_VCPU_STATE_SIZE = 0x200 /* bytes to reserve for a plain state */
};

/* Bytes from the state's start, extended vCPU mode. */
enum L4_vcpu_state_offset {
	L4_VCPU_OFFSET_EXT_INFOS = 0x200, /* VMX capabilities */
	L4_VCPU_OFFSET_EXT_STATE = 0x400  /* VMCB or software VMCS */
};

/* Bits of state and saved_state. */
enum L4_vcpu_state_flags {
	L4_VCPU_F_IRQ = 0x01,	      /* messages and interrupts enter the handler */
	L4_VCPU_F_PAGE_FAULTS = 0x02, /* page faults do */
	L4_VCPU_F_EXCEPTIONS = 0x04,  /* exceptions do */
	L4_VCPU_F_USER_MODE = 0x20,   /* run in the user task */
	L4_VCPU_F_FPU_ENABLED = 0x80  /* FPU usable in user mode */
};

/* Bits of sticky_flags. */
enum L4_vcpu_sticky_flags { L4_VCPU_SF_IRQ_PENDING = 0x01 };

/* Registers of the interrupted context. */
typedef struct l4_vcpu_regs_t {
	l4_umword_t r15, r14, r13, r12, r11, r10, r9, r8;
	l4_umword_t di, si, bp;
	l4_umword_t pfa; /* page-fault address, all bits */
	l4_umword_t bx, dx, cx, ax;
	l4_umword_t trapno; /* CPU vector, or L4_TRAP_* */
	l4_umword_t err;    /* CPU error code */
	l4_umword_t ip, cs, flags, sp, ss;
	l4_umword_t fs_base, gs_base;
	l4_uint16_t ds, es, fs, gs;
} l4_vcpu_regs_t;

/* Message that caused an entry with trap number 0xfe; its words are in the UTCB. */
typedef struct l4_vcpu_ipc_regs_t {
	l4_umword_t _res[1];
	l4_umword_t label;
	l4_umword_t _res2[5];
	l4_msgtag_t tag;
} l4_vcpu_ipc_regs_t;

/*
 * Segments of the handler (host_*), and the selectors of user mode, which the kernel writes and
 * programs only read: portable programs take them from here.
 */
typedef struct l4_vcpu_arch_state_t {
	l4_umword_t host_fs_base;
	l4_umword_t host_gs_base;
	l4_uint16_t host_ds, host_es, host_fs, host_gs;
	l4_uint16_t user_ds32;
	l4_uint16_t user_cs64;
	l4_uint16_t user_cs32;
} l4_vcpu_arch_state_t;

typedef struct l4_vcpu_state_t {
	l4_umword_t version; /* L4_VCPU_STATE_VERSION, written by the kernel */
	l4_umword_t user_data[7];
	l4_vcpu_regs_t r;
	l4_vcpu_ipc_regs_t i;
	l4_uint16_t state;	  /* now; L4_VCPU_F_* */
	l4_uint16_t saved_state;  /* before the entry, and wanted at resume */
	l4_uint16_t sticky_flags; /* L4_VCPU_SF_* */
	l4_uint16_t _reserved;
	l4_cap_idx_t user_task; /* low bits 0: look up; bit 0, set by the kernel: cached */
	l4_umword_t entry_sp;	/* user address */
	l4_umword_t entry_ip;	/* user address */
	l4_umword_t reserved_sp;
	l4_vcpu_arch_state_t arch_state;
} l4_vcpu_state_t;

L4_STATIC_ASSERT(offsetof(l4_vcpu_state_t, user_data) == 0x008);
L4_STATIC_ASSERT(offsetof(l4_vcpu_state_t, r.r15) == 0x040);
L4_STATIC_ASSERT(offsetof(l4_vcpu_state_t, r.di) == 0x080);
L4_STATIC_ASSERT(offsetof(l4_vcpu_state_t, r.pfa) == 0x098);
L4_STATIC_ASSERT(offsetof(l4_vcpu_state_t, r.bx) == 0x0a0);
L4_STATIC_ASSERT(offsetof(l4_vcpu_state_t, r.ax) == 0x0b8);
L4_STATIC_ASSERT(offsetof(l4_vcpu_state_t, r.trapno) == 0x0c0);
L4_STATIC_ASSERT(offsetof(l4_vcpu_state_t, r.err) == 0x0c8);
L4_STATIC_ASSERT(offsetof(l4_vcpu_state_t, r.ip) == 0x0d0);
L4_STATIC_ASSERT(offsetof(l4_vcpu_state_t, r.cs) == 0x0d8);
L4_STATIC_ASSERT(offsetof(l4_vcpu_state_t, r.flags) == 0x0e0);
L4_STATIC_ASSERT(offsetof(l4_vcpu_state_t, r.sp) == 0x0e8);
L4_STATIC_ASSERT(offsetof(l4_vcpu_state_t, r.ss) == 0x0f0);
L4_STATIC_ASSERT(offsetof(l4_vcpu_state_t, r.fs_base) == 0x0f8);
L4_STATIC_ASSERT(offsetof(l4_vcpu_state_t, r.gs_base) == 0x100);
L4_STATIC_ASSERT(offsetof(l4_vcpu_state_t, r.ds) == 0x108);
L4_STATIC_ASSERT(offsetof(l4_vcpu_state_t, i) == 0x110);
L4_STATIC_ASSERT(offsetof(l4_vcpu_state_t, i.label) == 0x118);
L4_STATIC_ASSERT(offsetof(l4_vcpu_state_t, i.tag) == 0x148);
L4_STATIC_ASSERT(offsetof(l4_vcpu_state_t, state) == 0x150);
L4_STATIC_ASSERT(offsetof(l4_vcpu_state_t, saved_state) == 0x152);
L4_STATIC_ASSERT(offsetof(l4_vcpu_state_t, sticky_flags) == 0x154);
L4_STATIC_ASSERT(offsetof(l4_vcpu_state_t, user_task) == 0x158);
L4_STATIC_ASSERT(offsetof(l4_vcpu_state_t, entry_sp) == 0x160);
L4_STATIC_ASSERT(offsetof(l4_vcpu_state_t, entry_ip) == 0x168);
L4_STATIC_ASSERT(offsetof(l4_vcpu_state_t, reserved_sp) == 0x170);
L4_STATIC_ASSERT(offsetof(l4_vcpu_state_t, arch_state.host_fs_base) == 0x178);
L4_STATIC_ASSERT(offsetof(l4_vcpu_state_t, arch_state.host_gs_base) == 0x180);
L4_STATIC_ASSERT(offsetof(l4_vcpu_state_t, arch_state.host_ds) == 0x188);
L4_STATIC_ASSERT(offsetof(l4_vcpu_state_t, arch_state.user_ds32) == 0x190);
L4_STATIC_ASSERT(offsetof(l4_vcpu_state_t, arch_state.user_cs64) == 0x192);
L4_STATIC_ASSERT(offsetof(l4_vcpu_state_t, arch_state.user_cs32) == 0x194);
L4_STATIC_ASSERT(sizeof(l4_vcpu_state_t) == 0x198);

/* 1 if the kernel uses the layout of this header. */
L4_INLINE int l4_vcpu_check_version(l4_vcpu_state_t const *vcpu) L4_NOTHROW
{
	return vcpu->version == L4_VCPU_STATE_VERSION;
}

#endif
