/* SPDX-License-Identifier: MIT */
/* Explicit reply capabilities of a task: 262144 slots, made on demand. Abi spec 5. */
#ifndef KERNEL_REPLY_H
#define KERNEL_REPLY_H

#include "obj/thread.h"

/* Slot idx of task t. make: allocate its page if needed (charged to the task). NULL: out of range,
 * no memory, or (without make) never used. */
struct reply_cap *reply_table_slot(struct task *t, u64 idx, bool make);

/* Forget all slots (the last thread is gone) / free the table. */
void reply_table_clear(struct task *t);
void reply_table_free(struct task *t);

#endif
