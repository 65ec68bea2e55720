/* SPDX-License-Identifier: MIT */
/*
 * Fills that are put off until a process goes on (l4/zwinger/vcpu_ext.h, offers): what a vCPU
 * offers may be in the view from then on. Machine's lock held.
 */
#ifndef GUEST_SHIM_OFFERS_H
#define GUEST_SHIM_OFFERS_H

#include "shim/own.h"
#include "shim/walk.h"

/* The entry of a view for a page, or a run of pages. order: log2 bytes. */
static inline l4_zw_view_entry_t offers_entry(const struct walk_page *p, unsigned order)
{
	return l4_zw_view_entry(p->address, GUEST_RAM + (p->frame << PAGE_SHIFT), order, p->rights);
}

/* For the process view of the vCPU, which is the caller's. An earlier offer is forgotten, which
 * costs its process a fault. */
static inline void offers_make(struct vcpu *v, const struct walk_page *page)
{
	l4_zw_view_entry_t e = offers_entry(page, PAGE_SHIFT);
	l4_zw_view_entry_t *offer = &own_ext(own_from(v))->offer;

	v->machine->offers |= 1U << v->id;
	offer->home = e.home;
	__atomic_store_n(&offer->guest, e.guest, __ATOMIC_RELEASE);
}

/* That of one vCPU, which loads another base. */
static inline void offers_forget(struct vcpu *v)
{
	own_ext(own_from(v))->offer.guest = 0;
}

/* All of them, before something is dropped from the view of a process. */
static inline void offers_withdraw(struct machine *m)
{
	for (unsigned i = 0; m->offers; i++, m->offers >>= 1)
		if (m->offers & 1)
			offers_forget(m->vcpu[i]);
}

#endif
