/* SPDX-License-Identifier: MIT */
/*
 * Address spaces of the guest: which view shows which L4 table, and what a change of the tables
 * does to views. Everything that reads or changes the tracker holds the machine's lock, which these
 * functions take themselves.
 */
#ifndef GUEST_SHIM_SPACE_H
#define GUEST_SHIM_SPACE_H

#include "shim/fill.h"
#include "shim/vcpu.h"

/* Before the first vCPU runs. */
void space_init(struct machine *m);

/*
 * A page fault of the vCPU: fill its views if its tables allow the access (of WALK_ACCESS); *error
 * for WALK_FAULT as in walk.h.
 */
enum walk_result space_fault(struct vcpu *v, uint64_t address, unsigned access, unsigned *error);

/*
 * The alias of an address of the kernel's half that it may write to, and whose tables are tracked
 * from now on: it stays true until something is dropped from the kernel's view. NULL: there is
 * none.
 */
void *space_alias(struct vcpu *v, uint64_t address);

/* Changes between these two are told to the views at the end, together. No guest-virtual memory may
 * be touched meanwhile. */
void space_begin(struct vcpu *v);
void space_end(struct vcpu *v);

/* Before user mode: empty the view of what only the kernel may see (v->kernel_pages). */
void space_drop_kernel_pages(struct vcpu *v);

/* The vCPU loads an L4 table (frame): a flush of its lower half if it is loaded already. */
void space_switch(struct vcpu *v, uint64_t root);

/* Flush all / one page of what the vCPU has loaded, as mmuext TLB_FLUSH and INVLPG ask for. */
void space_flush(struct vcpu *v);
void space_flush_page(struct vcpu *v, uint64_t address);

/* The same on the vCPUs of a mask (bit n = vCPU n). */
void space_flush_mask(struct machine *m, uint64_t mask);
void space_flush_page_mask(struct machine *m, uint64_t mask, uint64_t address);

/* Store an entry at a physical address (multiple of 8 in guest memory) and drop what it took away.
 * keep_ad: accessed and dirty of the old entry stay set. False: there is no such entry. */
bool space_set_entry(struct machine *m, uint64_t address, uint64_t entry, bool keep_ad);

/* The same for the entry of level 1 that translates an address for the vCPU. False: there is none,
 * since its tables do not lead there. */
bool space_set_mapping(struct vcpu *v, uint64_t address, uint64_t entry);

/* The frame is now a table of this level (1..4), or none (0). */
void space_pin(struct machine *m, uint64_t frame, unsigned level);

#endif
