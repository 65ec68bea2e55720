/* SPDX-License-Identifier: MIT */
/* Between thread.c and the files with its methods. */
#ifndef KERNEL_THREAD_METHOD_H
#define KERNEL_THREAD_METHOD_H

#include "obj/thread.h"

u64 thread_invoke(struct kobject *o, struct invocation *inv);

/* Extended-state areas: from a slab when they fit, else pages. */
void *fpu_area_alloc(struct quota *q);
void fpu_area_free(struct quota *q, void *area);

#endif
