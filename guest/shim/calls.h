/* SPDX-License-Identifier: MIT */
/*
 * The hypercalls. Each takes the calling vCPU and up to six arguments and returns what the guest
 * gets in RAX. Nothing of the guest is trusted: pointers are used through access.h only, indices
 * are checked, and an error has changed nothing unless the interface says how far it went.
 *
 * Hypercall iret is the entry code's: it looks at the number first. A call may block (block, poll,
 * going down) and returns when it is over. Afterwards the entry code looks for pending events.
 */
#ifndef GUEST_SHIM_CALLS_H
#define GUEST_SHIM_CALLS_H

#include "shim/vcpu.h"

enum { CALL_ARGS = 6 };

/* Calls with lists look at what waits (host_look) once in so many elements: lists may be endless.
 */
enum { LOOK_EVERY = 32 };

typedef long call_function(struct vcpu *v, const uint64_t *args);

/* Carry out call number (any value): counts it; -XEN_ENOSYS for those that are not there. Guest
 * memory may fault meanwhile, so the caller holds no lock. */
long call(struct vcpu *v, uint64_t number, const uint64_t *args);

/* The same for a call that is part of another one: what it took away may still be in the views. */
long call_inner(struct vcpu *v, uint64_t number, const uint64_t *args);

/* Pages and tables (calls_mmu.c). */
call_function call_mmu_update, call_update_va_mapping, call_mmuext_op;
/* Segments (calls_segment.c). */
call_function call_set_gdt, call_update_descriptor, call_set_segment_base;
/* Entries (calls_trap.c). */
call_function call_set_trap_table, call_callback_op, call_stack_switch, call_fpu_taskswitch,
    call_set_debugreg, call_get_debugreg, call_vm_assist;
/* vCPUs and their timers (calls_vcpu.c, calls_start.c). */
call_function call_vcpu_op, call_set_timer_op;
/* Events, and waiting for them (calls_event.c). */
call_function call_event_channel_op, call_sched_op;
/* Memory (calls_memory.c), grant tables (calls_grant.c). */
call_function call_memory_op, call_grant_table_op;
/* Capabilities of L4 (calls_outside.c). */
call_function call_outside;
/* Everything else (calls_misc.c). */
call_function call_multicall, call_xen_version, call_console_io, call_physdev_op;

/* Operations on one element of grant_table_op's list, at a guest address. */
long grant_map(struct vcpu *v, uint64_t at);
long grant_unmap(struct vcpu *v, uint64_t at);
long grant_copy(struct vcpu *v, uint64_t at);
long grant_replace(struct vcpu *v, uint64_t at);
long grant_transfer(struct vcpu *v, uint64_t at);
long grant_swap(struct vcpu *v, uint64_t at);

/* The guest loses a frame of RAM that it has. machine.bindings is held. */
void memory_give_back(struct vcpu *v, uint64_t frame);

/* Load an LDT: a guest address (page aligned), entries (at most 8192; 0: none). -XEN_E*. */
long segment_set_ldt(struct vcpu *v, uint64_t base, uint32_t entries);

/* May a guest have break points as debug registers dr (0 to 7) say? */
bool debug_valid(const uint64_t *dr);

/* Set what a vCPU starts with: struct xen_vcpu_context at a guest address. Once. -XEN_E*. */
long vcpu_initialise(struct vcpu *v, struct vcpu *target, uint64_t at);

/*
 * The vCPU waits until another one brings it up. The entry code calls this when it finds that
 * v->run is not VCPU_UP: before the first instruction, and after a kick (another one took it down).
 */
void vcpu_park(struct vcpu *v);

#endif
