/* SPDX-License-Identifier: MIT */
/* Victims: small functions that fault at a known place, with the test as pager and handler. */
#ifndef TEST_VICTIM_H
#define TEST_VICTIM_H

#include "thread.h"

#define HOLE	  0x50000000UL					 /* an address without memory */
#define FAULT_CAP ((l4_cap_idx_t)FREE_CAP_FIRST << L4_CAP_SHIFT) /* where victims send faults */
enum { FAULT_LABEL = 0x6660, PRIO_VICTIM = PRIO_MAIN + 20 };
#define LIMIT PATIENT

void victim_read(void *address);  /* a 32-bit word, to victim_value */
void victim_write(void *address); /* 77 */
void victim_call(void *address);
void victim_ud(void *unused); /* rbx 0x1111, r12 0x2222, rax 0x3333; then rax to victim_value */
void victim_divide(void *unused);
void victim_int3(void *unused);
void victim_int80(void *unused);
void victim_cli(void *unused);
void victim_loop(void *counter);   /* counts for ever */
void victim_syscall(void *unused); /* sleeps 0 us; result tag to victim_value */
extern char at_read[], at_write[], at_ud[], after_int3[], at_syscall[];
extern volatile l4_umword_t victim_value;

extern struct thread *victim;
extern l4_umword_t fault_label; /* of the last message */

/* Make the gate of the victims; call first. */
void victim_init(void);
/* A thread of t whose faults and exceptions come to the test's main thread. */
void victim_start(struct task *t, void (*function)(void *), void *argument);
/* Wait for the next message of a victim; answer with what is in the UTCB, and both. */
l4_msgtag_t next_message(void);
void answer(l4_msgtag_t tag);
l4_msgtag_t answer_and_wait(l4_msgtag_t tag);

#endif
