/* SPDX-License-Identifier: MIT */
/* Explicit reply capabilities of a task: 262144 slots, made on demand. Abi spec 5. */
#ifndef KERNEL_REPLY_H
#define KERNEL_REPLY_H

#include "obj/thread.h"

/* Slot idx of task t. make: allocate its page if needed (charged to the task). NULL: out of range,
 * no memory, or (without make) never used. */
struct reply_cap *reply_table_slot(struct task *t, u64 idx, bool make);

/* Store a caller, whose home is locked, in an explicit slot, over the one that is there; take it
 * out (caller NULL: the slot was empty). Both take the slot's lock, a leaf: what is taken is what
 * one call put there. */
void reply_slot_put(struct reply_cap *slot, struct thread *caller);
struct reply_cap reply_slot_take(struct reply_cap *slot);

/* Forget the slots of a part of the table, from *progress (0 at first) on. True when at the end;
 * false: call again. */
bool reply_table_clear_some(struct task *t, u64 *progress);
/* Free a part of the table, which nobody uses any more. True when it is gone; false: call again. */
bool reply_table_free_some(struct task *t);

#endif
