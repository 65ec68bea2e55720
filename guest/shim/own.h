/* SPDX-License-Identifier: MIT */
/*
 * A vCPU as its own thread sees it: the start of its memory at GUEST_VCPU, with the stacks behind.
 * The handler's stack is at the end; that of hypercalls, which may be interrupted by faults that
 * the handler takes, in the middle. Only the thread itself uses anything here but v.
 */
#ifndef GUEST_SHIM_OWN_H
#define GUEST_SHIM_OWN_H

#include <l4/sys/ipc.h>
#include <l4/sys/vcpu.h>
#include <l4/zwinger/vcpu_ext.h>

#include "guest/extended.h"
#include "shim/vcpu.h"

enum { OWN_CALL_STACK = 0xa000, OWN_STACKS = 0x4000 };

/*
 * Values of the vCPU's state. Open: events enter the handler, so nothing of the shim may depend on
 * the state's registers or on which vCPU it is on. Closed: faults only. The handler itself has
 * neither, as an entry leaves the state: its faults go to vmm, which ends the machine.
 */
enum {
	OWN_HANDLER = L4_ZW_VCPU_F_GUEST_KERNEL | L4_VCPU_F_FPU_ENABLED,
	OWN_CLOSED = OWN_HANDLER | L4_VCPU_F_PAGE_FAULTS | L4_VCPU_F_EXCEPTIONS,
	OWN_OPEN = OWN_CLOSED | L4_VCPU_F_IRQ,
	OWN_USER = (OWN_OPEN & ~L4_ZW_VCPU_F_GUEST_KERNEL) | L4_VCPU_F_USER_MODE
};

/* Entry of the GDT whose limit is the vCPU's number, and its selector. */
enum { OWN_GDT_ENTRY = 11, OWN_SELECTOR = OWN_GDT_ENTRY << 3 | 3 };

struct own {
	l4_vcpu_state_t *state;
	l4_utcb_t *utcb;
	uint64_t guest_rsp;    /* of the hypercall that is carried out */
	uint32_t finish;       /* views, GS base or deadline have changed: sync or resume */
	uint32_t slow_exit;    /* a return to user mode has more to do than load registers */
	bool fs_told, gs_told; /* host_new_task(): the guest has told a base, not 0 */
	bool handling;	       /* the handler runs: an entry now is an error of the shim */
	bool crashed;
	bool batch;		  /* between space_begin and space_end */
	uint64_t stands;	  /* in a pause: 1 in the guest, 2 in a hypercall; for vmm */
	l4_vcpu_regs_t stopped;	  /* the context of the last pause, which vmm may change */
	struct extended extended; /* the same for its extended state */
	uint32_t breakpoints;	  /* version of guest_start's that the processor has */
	struct vcpu v;
};

_Static_assert(sizeof(struct own) <= OWN_STACKS, "stacks");

/* Memory of a vCPU by number, by its vCPU, and of the vCPU whose stack this is. */
static inline struct own *own_of(unsigned number)
{
	return (struct own *)(GUEST_VCPU + number * GUEST_VCPU_BYTES);
}

static inline struct own *own_from(struct vcpu *v)
{
	return (struct own *)((char *)v - offsetof(struct own, v));
}

static inline struct own *own_current(void)
{
	uint64_t stack;

	__asm__("mov %%rsp, %0" : "=r"(stack));
	return (struct own *)(stack & ~(GUEST_VCPU_BYTES - 1));
}

static inline l4_zw_vcpu_ext_t *own_ext(const struct own *o)
{
	return l4_zw_vcpu_ext(o->state);
}

/* The view of a base of the tracker. */
static inline l4_cap_idx_t own_view(const struct machine *m, unsigned base)
{
	return base == TRACK_KERNEL ? m->start->kernel_view : m->start->process_views[base - 1];
}

/* --- entry.S --- */

/* Go on in the mode that saved (OWN_*) says with all registers of the state. */
void go_resume(struct own *o, unsigned saved) __attribute__((noreturn));
/* Go on in the guest's kernel with the registers of the state but for rcx, r11 and flags. */
void go_jump(struct own *o) __attribute__((noreturn));

/* Instructions that the handler knows. */
extern const char call_restart[], call_restart_end[], iret_restart[], iret_restart_end[];
extern const char call_pending[], jump_pending[], iret_pending[];
extern const char call_trapped[], iret_trapped[], handler_entry[];
extern const char short_entry[], short_entry_end[], short_refused[], short_exit[];
extern const char return_exit[];
extern const char copy_words[], copy_bytes[], copy_failed[];

/* --- Called from there --- */

void own_start(struct own *o) __attribute__((noreturn));
void own_entered(struct own *o) __attribute__((noreturn));
void own_call_left(struct own *o) __attribute__((noreturn));
void own_iret_left(struct own *o) __attribute__((noreturn));
void own_resume_failed(struct own *o, long tag) __attribute__((noreturn));

/* --- The rest of the shim --- */

/* The machine cannot go on because of this vCPU: tell vmm why, with the state's registers. */
void crash(struct own *o, const char *why) __attribute__((noreturn));

/* What a message to the vCPU means: a label of enum guest_event. */
void own_event(struct own *o, uint64_t label);
/* Stand still if vmm says so, until it does not. */
void own_pause(struct own *o);
/*
 * An exception of the context, 1 or 3: is it of a debugger's making? If so it is over, and the
 * context is as the debugger has left it.
 */
bool own_debug(struct own *o, unsigned vector);
/* Take messages that are waiting, without blocking, and timers that are due. */
void own_drain(struct own *o);
/* The deadline has passed: raise what is due, set the next one. */
void own_timer(struct own *o);

#endif
