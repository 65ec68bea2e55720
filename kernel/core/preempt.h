/* SPDX-License-Identifier: MIT */
/* Preemption points of long operations. */
#ifndef KERNEL_PREEMPT_H
#define KERNEL_PREEMPT_H

#include <stdbool.h>

/*
 * Let pending interrupts in for a moment. True if the operation must stop now, keep its progress
 * and be called again later. No lock may be held.
 */
bool preempt_pending(void);

#endif
