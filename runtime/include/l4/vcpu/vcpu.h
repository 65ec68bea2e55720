/* SPDX-License-Identifier: MIT */
/*
 * vCPU library: switching events on and off, and waiting for them. A program with events on gets
 * them at its entry point; with events off it gets them by waiting. All functions are for the vCPU
 * itself, utcb is its own.
 */
#ifndef L4_VCPU_VCPU_H
#define L4_VCPU_VCPU_H

#include <l4/sys/ipc.h>
#include <l4/sys/utcb.h>
#include <l4/sys/vcpu.h>
#include <l4/vcpu/vcpu_arch.h>

EXTERN_C_BEGIN

typedef void (*l4vcpu_event_hndl_t)(l4_vcpu_state_t *vcpu); /* an event is in vcpu->i */
typedef void (*l4vcpu_setup_ipc_t)(l4_utcb_t *utcb);	    /* prepare the buffer registers */

/* Print the state, each line behind the prefix. */
L4_CV void l4vcpu_print_state(const l4_vcpu_state_t *vcpu, const char *prefix) L4_NOTHROW;

/* Print the registers, each line behind the prefix. */
L4_CV void l4vcpu_print_state_arch(const l4_vcpu_state_t *vcpu, const char *prefix) L4_NOTHROW;

/*
 * Allocate the page of a vCPU with extended state in the task, at an address of its region map;
 * *ext_state becomes the address of the extended state. 0, or an error.
 */
L4_CV int l4vcpu_ext_alloc(l4_vcpu_state_t **vcpu, l4_addr_t *ext_state, l4_cap_idx_t task,
			   l4_cap_idx_t regmgr) L4_NOTHROW;

EXTERN_C_END

/* Events off. */
L4_INLINE void l4vcpu_irq_disable(l4_vcpu_state_t *vcpu) L4_NOTHROW
{
	vcpu->state = (l4_uint16_t)(vcpu->state & ~L4_VCPU_F_IRQ);
	l4_barrier();
}

/* Events off; returns the state before, for l4vcpu_irq_restore(). */
L4_INLINE unsigned l4vcpu_irq_disable_save(l4_vcpu_state_t *vcpu) L4_NOTHROW
{
	unsigned before = vcpu->state;

	l4vcpu_irq_disable(vcpu);
	return before;
}

/* Wait with events off, for at most the timeout; work is called if one came. */
L4_INLINE void l4vcpu_wait(l4_vcpu_state_t *vcpu, l4_utcb_t *utcb, l4_timeout_t to,
			   l4vcpu_event_hndl_t work, l4vcpu_setup_ipc_t setup_ipc) L4_NOTHROW
{
	l4vcpu_irq_disable(vcpu);
	setup_ipc(utcb);
	vcpu->i.tag = l4_ipc_wait(utcb, &vcpu->i.label, to);
	if (!l4_msgtag_has_error(vcpu->i.tag))
		work(vcpu);
}

/* Events on, after work was called for each that waited meanwhile. */
L4_INLINE void l4vcpu_irq_enable(l4_vcpu_state_t *vcpu, l4_utcb_t *utcb, l4vcpu_event_hndl_t work,
				 l4vcpu_setup_ipc_t setup_ipc) L4_NOTHROW
{
	if (!(vcpu->state & L4_VCPU_F_IRQ)) {
		setup_ipc(utcb);
		l4_barrier();
	}
	for (;;) {
		vcpu->state |= L4_VCPU_F_IRQ;
		l4_barrier();
		if (!(*(volatile l4_uint16_t *)&vcpu->sticky_flags & L4_VCPU_SF_IRQ_PENDING))
			return;
		l4vcpu_wait(vcpu, utcb, L4_IPC_BOTH_TIMEOUT_0, work, setup_ipc);
	}
}

/* Events as they were before l4vcpu_irq_disable_save(). */
L4_INLINE void l4vcpu_irq_restore(l4_vcpu_state_t *vcpu, unsigned s, l4_utcb_t *utcb,
				  l4vcpu_event_hndl_t work, l4vcpu_setup_ipc_t setup_ipc) L4_NOTHROW
{
	if (s & L4_VCPU_F_IRQ)
		l4vcpu_irq_enable(vcpu, utcb, work, setup_ipc);
	else if (vcpu->state & L4_VCPU_F_IRQ)
		l4vcpu_irq_disable(vcpu);
}

/* Wait for one event; events are off afterwards. */
L4_INLINE void l4vcpu_wait_for_event(l4_vcpu_state_t *vcpu, l4_utcb_t *utcb,
				     l4vcpu_event_hndl_t work,
				     l4vcpu_setup_ipc_t setup_ipc) L4_NOTHROW
{
	l4vcpu_wait(vcpu, utcb, L4_IPC_NEVER, work, setup_ipc);
}

#endif
