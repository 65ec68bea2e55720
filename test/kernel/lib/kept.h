/* SPDX-License-Identifier: MIT */
/*
 * A guest whose handler keeps views. The handler lies in the home's slots, notes what it finds at
 * each entry, and waits there for the main thread to say how to go on.
 */
#ifndef TEST_KEPT_H
#define TEST_KEPT_H

#include "guest.h"

#include <l4/zwinger/wellknown.h>

#define CODE	0x10000000UL /* of the process view */
#define DATA	0x20000000UL
#define KCODE	0xffff888000000000UL /* of the kernel view */
#define KDATA	0xffffc90000000000UL
#define SHIM	0xffff820000000000UL /* of the home: handler */
#define NOTES	(SHIM + 0x1000)
#define KU	(SHIM + 0x40000000)
#define STATE	((volatile l4_vcpu_state_t *)KU)
#define EXT	((volatile l4_zw_vcpu_ext_t *)(KU + L4_ZW_VCPU_EXT_OFFSET))
#define GS_BASE 0x7f0000012340UL
#define SHORT	(SHIM + 0x800) /* where short system calls enter */
enum { A = 0x111, B, C, PRIO = PRIO_MAIN - 1, JUMP = 1, RESUME, SYNC, GS_MARK = 0x600d };
enum { TRAP_UD = 6, TRAP_PAGE_FAULT = 14, TRAP_DEADLINE = 0xfc, TRAP_SYSCALL, TRAP_IPC };
enum { OPEN_KERNEL = L4_ZW_VCPU_F_GUEST_KERNEL | L4_VCPU_F_FPU_ENABLED | 7 };

/* What the handler notes, and is told; the offsets are known to its code. */
struct notes {
	l4_umword_t entries;
	l4_umword_t state, value, kernel_value, gs_mark, es; /* at the last entry */
	l4_umword_t command, target, argument;
	l4_umword_t error; /* of resume */
	l4_umword_t read, kernel_read;
	l4_umword_t mark; /* what GS base points to */
	/* The last short system call: registers and state at its entry, how many there were. */
	l4_umword_t short_ax, short_di, short_r8, short_sp, short_state, short_gs_mark, short_calls;
	l4_umword_t hold;   /* it waits there as long as this is set */
	l4_umword_t reopen; /* it stores this as its state before it goes back, if not 0 */
};
_Static_assert(offsetof(struct notes, short_ax) == 104 && offsetof(struct notes, hold) == 160,
	       "asm");
extern volatile struct notes *kept_notes;
extern struct thread *kept_thread; /* the vCPU */
extern l4_cap_idx_t kept_process, kept_process2, kept_kernel;
extern volatile long kept_error; /* of the first resume */
/* The `syscall` that ends a short system call, and another one. */
extern l4_addr_t kept_short_exit, kept_return_exit;

/* Memory, code and views; call first. */
void kept_setup(void);
/* A vCPU with this handler and no view yet, not started. */
void kept_create(void);
/* A whole start: with views, as far as the first entry, which is a system call. */
void kept_start(void);
/* A page of the test, to another address of its task. rights: L4_FPAGE_... */
void kept_map(const volatile void *from, unsigned rights, l4_addr_t to);

/* All registers 0 but those that the mode (GUEST_USER, GUEST_KERNEL) and ip need. */
void kept_registers(unsigned mode, l4_addr_t ip);
/* Tell the handler what to do (RESUME, SYNC, JUMP): the trap of its next entry, or GUEST_RUNS. */
unsigned kept_command(unsigned what);
unsigned kept_resume(unsigned mode, l4_addr_t ip);
/* From the handler into the guest's kernel, past the microkernel. */
unsigned kept_jump(l4_addr_t target, l4_addr_t argument);

/* Tests of what the handler found at its last entry, out of this mode. */
void kept_expect_entry(unsigned mode, const char *name);

#endif
