/* SPDX-License-Identifier: MIT */
/* Scheduler object: gives CPUs, priorities and time slices to threads. Abi spec 7.9. */
#ifndef KERNEL_SCHEDULER_H
#define KERNEL_SCHEDULER_H

#include "core/kobject.h"

void scheduler_init(void);
extern struct kobject *scheduler_object;

#endif
