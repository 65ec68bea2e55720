/* SPDX-License-Identifier: MIT */
/*
 * The user thread control block (UTCB) on amd64: 1 KiB of memory that a thread shares with the
 * kernel, holding message registers, buffer registers and thread registers. The word that gs:0
 * points to holds the UTCB's own user address. The kernel includes this file for the layout.
 */
#ifndef L4_SYS_UTCB_H
#define L4_SYS_UTCB_H

#include <l4/sys/types.h>
#include <l4/sys/compiler.h>
#include <l4/sys/l4int.h>

#define L4_UTCB_EXCEPTION_REGS_SIZE  26 /* words of an exception message */
#define L4_UTCB_GENERIC_DATA_SIZE    63 /* message registers */
#define L4_UTCB_GENERIC_BUFFERS_SIZE 58 /* buffer registers */
#define L4_UTCB_MSG_REGS_OFFSET	     0x000
#define L4_UTCB_SELF_OFFSET	     0x1f8 /* the word at gs:0 */
#define L4_UTCB_BUF_REGS_OFFSET	     0x200
#define L4_UTCB_THREAD_REGS_OFFSET   0x3d8
#define L4_UTCB_INHERIT_FPU	     (1UL << 24) /* buffer descriptor: accept FPU state */
#define L4_UTCB_OFFSET		     1024	 /* bytes from one UTCB to the next in an area */

typedef union l4_msg_regs_t {
	l4_umword_t mr[L4_UTCB_GENERIC_DATA_SIZE];
	l4_uint64_t mr64[L4_UTCB_GENERIC_DATA_SIZE];
} l4_msg_regs_t;

typedef struct l4_buf_regs_t {
	l4_umword_t bdr; /* buffer descriptor, see l4_bdr() */
	l4_umword_t br[L4_UTCB_GENERIC_BUFFERS_SIZE];
} l4_buf_regs_t;

typedef struct l4_thread_regs_t {
	l4_umword_t error; /* l4_ipc_tcr_error_t, valid if the result tag has the error flag */
	l4_umword_t free_marker; /* the kernel writes 0 when it is done with the UTCB */
	l4_umword_t user[3];	 /* the program's own */
} l4_thread_regs_t;

typedef struct l4_utcb_t {
	l4_msg_regs_t mr;
	l4_umword_t self; /* user address of this UTCB */
	l4_buf_regs_t br;
	l4_thread_regs_t tcr;
} l4_utcb_t;

/* Register state in an exception message, in message registers 0..25. */
typedef struct l4_exc_regs_t {
	l4_umword_t r15, r14, r13, r12, r11, r10, r9, r8;
	l4_umword_t rdi, rsi, rbp;
	l4_umword_t pfa; /* page-fault address; stale for other exceptions */
	l4_umword_t rbx, rdx, rcx, rax;
	l4_umword_t trapno; /* CPU vector, or L4_TRAP_* */
	l4_umword_t err;    /* CPU error code */
	l4_umword_t ip;
	l4_umword_t dummy1; /* cs; not written back */
	l4_umword_t flags, sp, ss;
	l4_umword_t fs_base, gs_base;
	l4_uint16_t ds, es, fs, gs;
} __attribute__((may_alias)) l4_exc_regs_t;

/* Trap numbers beyond the CPU's vectors 0..31. */
enum L4_trap_numbers {
	L4_TRAP_SYSCALL = 0xfd, /* system call of an alien (err 0 before, 1 after) or vCPU */
	L4_TRAP_IPC = 0xfe,	/* vCPU entry because of a message */
	L4_TRAP_EX_REGS = 0xff	/* artificial exception asked for by ex_regs */
};

L4_STATIC_ASSERT(offsetof(l4_utcb_t, mr) == L4_UTCB_MSG_REGS_OFFSET);
L4_STATIC_ASSERT(offsetof(l4_utcb_t, self) == L4_UTCB_SELF_OFFSET);
L4_STATIC_ASSERT(offsetof(l4_utcb_t, br) == L4_UTCB_BUF_REGS_OFFSET);
L4_STATIC_ASSERT(offsetof(l4_utcb_t, br.br) == 0x208);
L4_STATIC_ASSERT(offsetof(l4_utcb_t, tcr) == L4_UTCB_THREAD_REGS_OFFSET);
L4_STATIC_ASSERT(offsetof(l4_utcb_t, tcr.free_marker) == 0x3e0);
L4_STATIC_ASSERT(offsetof(l4_utcb_t, tcr.user) == 0x3e8);
L4_STATIC_ASSERT(sizeof(l4_utcb_t) == L4_UTCB_OFFSET);
L4_STATIC_ASSERT(offsetof(l4_exc_regs_t, rdi) == 8 * 8 && offsetof(l4_exc_regs_t, pfa) == 11 * 8);
L4_STATIC_ASSERT(offsetof(l4_exc_regs_t, rax) == 15 * 8 && offsetof(l4_exc_regs_t, ip) == 18 * 8);
L4_STATIC_ASSERT(offsetof(l4_exc_regs_t, sp) == 21 * 8 && offsetof(l4_exc_regs_t, ds) == 25 * 8);
L4_STATIC_ASSERT(sizeof(l4_exc_regs_t) == L4_UTCB_EXCEPTION_REGS_SIZE * 8);

EXTERN_C_BEGIN
/* UTCB of the calling thread by function call; a library may replace it. */
L4_CV l4_utcb_t *l4_utcb_wrap(void) L4_NOTHROW L4_PURE;
EXTERN_C_END

/* UTCB of the calling thread; the compiler may keep the result, as a thread never changes it. */
L4_INLINE l4_utcb_t *l4_utcb_direct(void) L4_NOTHROW
{
	l4_utcb_t *utcb;

	__asm__("mov %%gs:0, %0" : "=r"(utcb));
	return utcb;
}

/* UTCB of the calling thread. */
L4_INLINE l4_utcb_t *l4_utcb(void) L4_NOTHROW
{
#ifdef L4SYS_USE_UTCB_WRAP
	return l4_utcb_wrap();
#else
	return l4_utcb_direct();
#endif
}

/* Message registers of a UTCB. */
L4_INLINE l4_msg_regs_t *l4_utcb_mr_u(l4_utcb_t *u) L4_NOTHROW
{
	return &u->mr;
}

/* Buffer registers of a UTCB. */
L4_INLINE l4_buf_regs_t *l4_utcb_br_u(l4_utcb_t *u) L4_NOTHROW
{
	return &u->br;
}

/* Thread registers of a UTCB. */
L4_INLINE l4_thread_regs_t *l4_utcb_tcr_u(l4_utcb_t *u) L4_NOTHROW
{
	return &u->tcr;
}

/* Message registers of a UTCB as the registers of an exception message. */
L4_INLINE l4_exc_regs_t *l4_utcb_exc_u(l4_utcb_t *u) L4_NOTHROW
{
	return (l4_exc_regs_t *)(void *)&u->mr;
}

/* Message registers of the calling thread. */
L4_INLINE l4_msg_regs_t *l4_utcb_mr(void) L4_NOTHROW
{
	return l4_utcb_mr_u(l4_utcb());
}

/* Buffer registers of the calling thread. */
L4_INLINE l4_buf_regs_t *l4_utcb_br(void) L4_NOTHROW
{
	return l4_utcb_br_u(l4_utcb());
}

/* Thread registers of the calling thread. */
L4_INLINE l4_thread_regs_t *l4_utcb_tcr(void) L4_NOTHROW
{
	return l4_utcb_tcr_u(l4_utcb());
}

/* Exception message of the calling thread. */
L4_INLINE l4_exc_regs_t *l4_utcb_exc(void) L4_NOTHROW
{
	return l4_utcb_exc_u(l4_utcb());
}

/* Program counter in an exception message. */
L4_INLINE l4_umword_t l4_utcb_exc_pc(l4_exc_regs_t const *u) L4_NOTHROW
{
	return u->ip;
}

/* Set the program counter in an exception message. */
L4_INLINE void l4_utcb_exc_pc_set(l4_exc_regs_t *u, l4_addr_t pc) L4_NOTHROW
{
	u->ip = pc;
}

/* Trap number of an exception message. */
L4_INLINE unsigned long l4_utcb_exc_typeval(l4_exc_regs_t const *u) L4_NOTHROW
{
	return u->trapno;
}

/* Not 0 if the exception is a page fault. */
L4_INLINE int l4_utcb_exc_is_pf(l4_exc_regs_t const *u) L4_NOTHROW
{
	return u->trapno == 14;
}

/* Page-fault address in the form of a page-fault message: bit 1 set for a write. */
L4_INLINE l4_addr_t l4_utcb_exc_pfa(l4_exc_regs_t const *u) L4_NOTHROW
{
	return (u->pfa & ~7UL) | (u->err & 2);
}

/* Not 0 if ex_regs with L4_THREAD_EX_REGS_TRIGGER_EXCEPTION raised the exception. */
L4_INLINE int l4_utcb_exc_is_ex_regs_exception(l4_exc_regs_t const *u) L4_NOTHROW
{
	return u->trapno == L4_TRAP_EX_REGS;
}

/* Accept (not 0) or refuse (0) FPU state of senders. */
L4_INLINE void l4_utcb_inherit_fpu_u(l4_utcb_t *u, int switch_on) L4_NOTHROW
{
	l4_umword_t rest = u->br.bdr & ~L4_UTCB_INHERIT_FPU;

	u->br.bdr = switch_on ? rest | L4_UTCB_INHERIT_FPU : rest;
}

/* l4_utcb_inherit_fpu_u() for the calling thread. */
L4_INLINE void l4_utcb_inherit_fpu(int switch_on) L4_NOTHROW
{
	l4_utcb_inherit_fpu_u(l4_utcb(), switch_on);
}

/*
 * Buffer descriptor from the buffer-register indices (below 32) of the first memory, I/O and
 * object buffer; flags is 0 or L4_UTCB_INHERIT_FPU.
 */
L4_INLINE l4_umword_t l4_bdr(l4_umword_t mem, l4_umword_t io, l4_umword_t obj,
			     l4_umword_t flags) L4_NOTHROW
{
	return (mem << L4_BDR_MEM_SHIFT) | (io << L4_BDR_IO_SHIFT) | (obj << L4_BDR_OBJ_SHIFT) |
	       flags;
}

/* Timeout at the kernel-clock time pint (microseconds), which goes to buffer register br. */
L4_INLINE l4_timeout_s l4_timeout_abs_u(l4_kernel_clock_t pint, int br, l4_utcb_t *utcb) L4_NOTHROW
{
	l4_timeout_s to;

	utcb->br.br[br] = (l4_umword_t)pint;
	to.t = (l4_uint16_t)(0x8000 | br);
	return to;
}

/* l4_timeout_abs_u() for the calling thread. */
L4_INLINE l4_timeout_s l4_timeout_abs(l4_kernel_clock_t pint, int br) L4_NOTHROW
{
	return l4_timeout_abs_u(pint, br, l4_utcb());
}

/* Index in mr64 of message register idx. */
L4_INLINE unsigned l4_utcb_mr64_idx(unsigned idx) L4_NOTHROW
{
	return idx;
}

#endif
