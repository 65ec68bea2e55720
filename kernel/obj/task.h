/* SPDX-License-Identifier: MIT */
/* Task: a protection domain of memory, capabilities, I/O ports and threads. Abi spec 7.1. */
#ifndef KERNEL_TASK_H
#define KERNEL_TASK_H

#include "core/captab.h"
#include "core/kobject.h"
#include "mm/space.h"
#include "x86_64/special.h"

struct io_space;
struct reply_table;

struct ku_area {
	struct ku_area *next;
	uaddr_t user; /* page aligned */
	void *kernel;
	unsigned order; /* log2 bytes */
};

struct task {
	struct kobject obj;
	struct space space;
	struct captab caps;
	struct ku_area *ku_areas; /* grows only; under obj.lock, read without */
	struct io_space *io;
	struct reply_table *replies; /* explicit reply capabilities, made on demand */
	u32 pins;		     /* bound threads + 1 while not destroyed; atomic */
	u32 threads;		     /* bound threads that are not destroyed; atomic */
	bool is_sigma0;
	u64 destroy_progress;
	u8 destroy_step;
	struct ldt ldt; /* made on demand, then it stays */
};

struct task *task_create(struct quota *q, bool upper);

/* Kernel address of bytes of KU memory at user address a, which must lie in one area and be
 * aligned to 8; NULL otherwise. Any CPU, no lock. */
void *task_ku_ptr(struct task *t, u64 a, u64 bytes);

/* Add a KU area of 2^order bytes at a: 0, -L4_EINVAL, -L4_EEXIST, -L4_ENOMEM. */
int task_add_ku(struct task *t, u64 a, unsigned order);

static inline void task_pin(struct task *t)
{
	__atomic_fetch_add(&t->pins, 1, __ATOMIC_RELAXED);
}
/* Drop a pin; the last one frees the task after the grace period. */
void task_unpin(struct task *t);

static inline struct task *task_of_space(struct space *s)
{
	return container_of(s, struct task, space);
}

static inline struct task *task_of(struct kobject *o)
{
	return container_of(o, struct task, obj);
}

#endif
