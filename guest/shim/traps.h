/* SPDX-License-Identifier: MIT */
/*
 * Entries to the guest's kernel and its returns: the trap table, callbacks, the frame that is put
 * on the guest's stack, the frame that hypercall iret takes from it.
 */
#ifndef GUEST_SHIM_TRAPS_H
#define GUEST_SHIM_TRAPS_H

#include <stdbool.h>

#include "xen/trap.h"
#include "xen/vcpu.h"

#define FLAG_TRAP      (1UL << 8)
#define FLAG_INTERRUPT (1UL << 9)
#define FLAG_DIRECTION (1UL << 10)
#define FLAG_IOPL      (3UL << 12)
#define FLAG_NESTED    (1UL << 14)
#define FLAG_RESUME    (1UL << 16)
#define FLAG_VM	       (1UL << 17)
#define FLAG_ALIGN     (1UL << 18)

enum { UPCALL_WORDS_MAX = 12, VECTOR_GP = 13 };
enum { TRAPS_PRIVILEGE = 3, TRAPS_MASK_SHIFT = 32 };

/* Where a vector or callback enters; address 0: nowhere. */
struct entry_point {
	uint64_t address;
	uint8_t flags; /* enum xen_trap_flags */
};

struct traps {
	struct entry_point vectors[XEN_TRAPS];
	struct entry_point callbacks[XEN_CALLBACKS];
};

/* What was interrupted. */
struct interrupted {
	uint64_t rip, rflags, rsp, rcx, r11;
	uint16_t cs, ss;
	bool user;	 /* in user mode */
	bool masked;	 /* upcall mask before the entry */
	bool syscall;	 /* the entry is a system call: the direction flag is cleared too */
	bool with_error; /* the frame has an error code */
	bool failsafe;	 /* the frame has the four data selectors */
	uint32_t error;
	uint16_t data[4]; /* ds, es, fs, gs */
};

/* Words to store at rsp, the lowest first, and the flags to go on with. */
struct upcall {
	uint64_t words[UPCALL_WORDS_MAX];
	unsigned count;
	uint64_t rsp;
	uint64_t rflags;
};

/* A return to the guest, checked and corrected. */
struct guest_return {
	uint64_t rip, rflags, rsp, rax, rcx, r11;
	uint16_t cs, ss;
	bool user;
	bool masked; /* upcall mask to set */
};

/* One entry of the guest's list replaces its vector. */
void traps_set(struct traps *t, const struct xen_trap_info *entry);

/* The table of vcpu_initialise: entries without address are none. */
void traps_set_all(struct traps *t, const struct xen_trap_info *table);

/* Callback operations; 0, -XEN_EINVAL (unknown type) or -XEN_ENOSYS (one that is never called). */
int traps_register(struct traps *t, const struct xen_callback_register *r);
int traps_unregister(struct traps *t, unsigned type);

/*
 * `int vector` in user mode: true if the gate lets user mode; else *error is the error code of the
 * general protection fault instead.
 */
bool traps_may_int(const struct traps *t, uint8_t vector, uint32_t *error);

/* Does the processor push an error code for the vector: 8, 10 to 14, 17, 21, 29, 30? */
static inline bool traps_has_error(unsigned vector)
{
	return vector < 32 && 0x60227d00U >> vector & 1;
}

/* CS as an entry saves it: in that of the kernel, privilege 0 says where it comes from. */
static inline uint64_t upcall_cs(const struct interrupted *i)
{
	if (i->user)
		return i->cs | TRAPS_PRIVILEGE;
	return (i->cs & ~TRAPS_PRIVILEGE) | (uint64_t)i->masked << TRAPS_MASK_SHIFT;
}

/* Store the frame for an entry so that it ends below end; returns its start. At most
 * UPCALL_WORDS_MAX words. */
static inline uint64_t *upcall_store(const struct interrupted *i, uint64_t *end)
{
	*--end = i->ss;
	*--end = i->rsp;
	*--end = (i->rflags & ~(FLAG_INTERRUPT | FLAG_IOPL)) | (i->masked ? 0 : FLAG_INTERRUPT);
	*--end = upcall_cs(i);
	*--end = i->rip;
	if (i->with_error)
		*--end = i->error;
	for (unsigned n = 4; i->failsafe && n--;)
		*--end = i->data[n];
	*--end = i->r11;
	*--end = i->rcx;
	return end;
}

/* The flags that an entry goes on with. */
static inline uint64_t upcall_flags(const struct interrupted *i)
{
	uint64_t flags = (i->rflags | FLAG_INTERRUPT) & ~(FLAG_TRAP | FLAG_NESTED | FLAG_RESUME |
							  FLAG_ALIGN | FLAG_VM | FLAG_IOPL);

	return i->syscall ? flags & ~FLAG_DIRECTION : flags;
}

/* The frame for an entry; kernel_rsp is that of the last stack_switch, for entries from user. */
void upcall_build(const struct interrupted *i, uint64_t kernel_rsp, struct upcall *u);

/*
 * Does a processor's `iret` to user mode accept these: selectors that user mode can have, and in
 * 64-bit code a canonical address? If not, *error is the error code of the general protection
 * fault. Segments of the local table are not looked at here.
 */
bool traps_may_return(uint64_t rip, uint16_t cs, uint16_t ss, uint32_t *error);

/* What hypercall iret asks for. Selectors get privilege 3; flags that are not the guest's are set.
 */
void iret_decode(const struct xen_iret_frame *frame, struct guest_return *r);

#endif
