/* SPDX-License-Identifier: MIT */
/*
 * What the shim asks of the microkernel and of vmm, for code that is built for the host's tests
 * too. All of them act for the vCPU that calls.
 */
#ifndef GUEST_SHIM_HOST_H
#define GUEST_SHIM_HOST_H

#include "shim/vcpu.h"
#include "xen/hypercall.h"

/* Drop ranges (count; 0: everything) from the view of a base of the tracker. */
void host_drop(struct vcpu *v, unsigned base, const struct drop_range *ranges, unsigned count);

/* System time, ns. */
uint64_t host_time(struct machine *m);

/* For how many ns the vCPU had no processor since the last call; if it waited, this is part of it.
 */
uint64_t host_away(struct vcpu *v);

/* Have others the processor of a vCPU that could run? */
bool host_displaced(struct machine *m, unsigned vcpu);

/* Another vCPU has to look at what is pending; the calling one looks before it goes on anyway. */
void host_kick(struct machine *m, unsigned vcpu);

/* The timers of the vCPU have changed: timers_next() says when it has to look again. */
void host_timer(struct vcpu *v);

/* Wait until an event of the vCPU may be deliverable, or until system time until (ns, 0: for ever).
 * Returns early at will. */
void host_wait(struct vcpu *v, uint64_t until);

/* In a call that may take long, as often as is cheap, and without locks: events and timers are
 * noted, and a pause begins. */
void host_look(struct vcpu *v);

/* Let others run. */
void host_yield(struct vcpu *v);

/* The machine ends (enum xen_shutdown). In the shim this does not return. */
void host_shutdown(struct vcpu *v, unsigned reason);

/* The same because of a watchdog, with what the vCPU executes if that is known. */
void host_watchdog(struct vcpu *v);

/* One of v->fs_base, gs_user, gs_kernel has changed; or gs_selector, and gs_user with it. */
void host_segment_base(struct vcpu *v, enum xen_segment_base which);

/*
 * The guest's kernel is about to go to another task, or has just done so. It sets no base for a
 * task that has none if the last one had none, since the instructions by which processes can change
 * theirs all the same are not on offer. So bases of user mode become 0, but for those that
 * selectors give or the kernel has told since the last call.
 */
void host_new_task(struct vcpu *v);

/* The FS base as it is: user mode may have changed it. */
uint64_t host_fs_base(const struct vcpu *v);

/* Set a descriptor (checked: plain, privilege 3, or 0) of the vCPU's GDT entry 12..15. */
void host_descriptor(struct vcpu *v, unsigned entry, uint64_t descriptor);

/* An empty LDT with so many entries (at most 8192) for the vCPU; 0: none. -XEN_E*. */
long host_new_ldt(struct vcpu *v, unsigned entries);

/* Set count entries (checked as above, and not 64-bit code) of it from first on. -XEN_E*. */
long host_ldt(struct vcpu *v, unsigned first, const uint64_t *descriptors, unsigned count);

/* Load v->dr (checked). -XEN_E*. */
long host_debug(struct vcpu *v);

/* The machine ends because of an error; text (bytes, up to GUEST_TEXT_MAX) says which. Does not
 * return. */
void host_crash(struct vcpu *v, const char *text, size_t bytes);

/* Text for the console of vmm; notification of the console ring. */
void host_console(struct vcpu *v, const char *text, size_t bytes);
void host_notify(struct vcpu *v);

/* Memory of extents (their first frames, count up to GUEST_EXTENTS_MAX, 2^order frames each) is
 * given back / wanted again: how many it was done for, from the first one on. */
unsigned host_release(struct vcpu *v, const uint64_t *extents, unsigned count, unsigned order);
unsigned host_populate(struct vcpu *v, const uint64_t *extents, unsigned count, unsigned order);

#endif
