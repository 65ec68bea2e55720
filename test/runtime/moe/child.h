/* SPDX-License-Identifier: MIT */
/* What a test of moe starts: threads of its own, and itself as a child program. */
#ifndef TEST_RUNTIME_CHILD_H
#define TEST_RUNTIME_CHILD_H

#include <l4/sys/scheduler.h>
#include "client.h"
#include "loader/loader.h"

/*
 * Create the thread in its empty slot, with the first free UTCB, and start it at `entry` on the
 * stack that ends at stack_end (16-byte aligned). Bails out if it cannot be.
 */
void thread_begin(l4_cap_idx_t thread, void (*entry)(void), char *stack_end,
		  l4_sched_param_t param);

/*
 * Parameters of a child of the program `name` in rom, with memory from `factory` and one argument,
 * "child". The caller fills in window and sched.
 */
void child_params(struct loader_params *params, const char *name, l4_cap_idx_t factory);

#endif
