/* SPDX-License-Identifier: MIT */
/* Operations of threads and tasks for segments and debug registers. Abi spec 7.1, 7.2, 13;
 * l4/zwinger/thread.h. */
#ifndef KERNEL_SEGMENT_H
#define KERNEL_SEGMENT_H

#include "obj/thread.h"

/* Methods of the thread protocol: GDT entries, base of FS or GS, selectors of user mode. */
u64 segment_gdt(struct thread *t, struct invocation *inv);
u64 segment_base(struct thread *t, struct invocation *inv);
u64 segment_info(struct invocation *inv);

/* The same, of the extension: local descriptor table, debug registers. */
u64 segment_ldt(struct thread *t, struct invocation *inv);
u64 segment_debug(struct thread *t, struct invocation *inv);

/* Method of the task protocol: entries of the table that its threads share. */
u64 segment_task_ldt(struct task *t, struct invocation *inv);

/* Free what segment_ldt and segment_debug have made. */
void segment_free(struct thread *t);

#endif
