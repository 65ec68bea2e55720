/* SPDX-License-Identifier: MIT */
/*
 * Interrupts for programs. Numbers are those of the capability named "icu" in the environment. The
 * label of an interrupt's messages is the address of its l4irq_t.
 */
#ifndef L4_IRQ_IRQ_H
#define L4_IRQ_IRQ_H

#include <l4/sys/compiler.h>
#include <l4/sys/types.h>

EXTERN_C_BEGIN

struct l4irq_t;
typedef struct l4irq_t l4irq_t;

/*
 * Attach interrupt irqnum to a thread: the calling one, or to_thread; with the mode of
 * L4_irq_mode, or as the interrupt controller has it. NULL for an error.
 */
L4_CV l4irq_t *l4irq_attach(int irqnum);
L4_CV l4irq_t *l4irq_attach_ft(int irqnum, unsigned mode);
L4_CV l4irq_t *l4irq_attach_thread(int irqnum, l4_cap_idx_t to_thread);
L4_CV l4irq_t *l4irq_attach_thread_ft(int irqnum, l4_cap_idx_t to_thread, unsigned mode);

/* The same for an interrupt object of the program, which stays its own. Modes mean nothing then. */
L4_CV l4irq_t *l4irq_attach_cap(l4_cap_idx_t irqcap);
L4_CV l4irq_t *l4irq_attach_cap_ft(l4_cap_idx_t irqcap, unsigned mode);
L4_CV l4irq_t *l4irq_attach_thread_cap(l4_cap_idx_t irqcap, l4_cap_idx_t to_thread);
L4_CV l4irq_t *l4irq_attach_thread_cap_ft(l4_cap_idx_t irqcap, l4_cap_idx_t to_thread,
					  unsigned mode);

/* Unmask and wait for the interrupt. 0, or the IPC error code. */
L4_CV long l4irq_wait(l4irq_t *irq);

/* Unmask unmask_irq and wait for any interrupt that is attached to the caller. */
L4_CV long l4irq_unmask_and_wait_any(l4irq_t *unmask_irq, l4irq_t **ret_irq);

/* Wait for any interrupt that is attached to the caller. 0, or the IPC error code. */
L4_CV long l4irq_wait_any(l4irq_t **irq);

/* Unmask. 0, or the IPC error code. */
L4_CV long l4irq_unmask(l4irq_t *irq);

/* Detach and free. 0, or an error. */
L4_CV long l4irq_detach(l4irq_t *irq);

/*
 * Call isr_handler(isr_data) at each interrupt, in a thread of its own with priority
 * irq_thread_prio (relative as of env->scheduler; -1: as the caller). NULL for an error.
 */
L4_CV l4irq_t *l4irq_request(int irqnum, void (*isr_handler)(void *), void *isr_data,
			     int irq_thread_prio, unsigned mode);
L4_CV l4irq_t *l4irq_request_cap(l4_cap_idx_t irqcap, void (*isr_handler)(void *), void *isr_data,
				 int irq_thread_prio, unsigned mode);

/* End the thread of l4irq_request() and free all. Not from the handler itself. 0, or an error. */
L4_CV long l4irq_release(l4irq_t *irq);

EXTERN_C_END

#endif
