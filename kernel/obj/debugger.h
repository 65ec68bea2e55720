/* SPDX-License-Identifier: MIT */
/* Debugger object: what programs may ask of the kernel's debugging aids. Abi spec 7.12. */
#ifndef KERNEL_DEBUGGER_H
#define KERNEL_DEBUGGER_H

#include "core/kobject.h"

/* Call after kdb_init(). debugger_object stays NULL if the option -nojdb was given. */
void debugger_init(void);
extern struct kobject *debugger_object;

/* An object's name with a terminating 0 (obj->name has none if it is 16 characters long). */
#define KOBJECT_NAME_BYTES 17
const char *kobject_name(const struct kobject *o, char buf[KOBJECT_NAME_BYTES]);

struct thread;
/* "run" for the current thread of a CPU, else the state. No locking. */
const char *thread_state_name(const struct thread *t);

/* One record of "object infos" (the C name in the public headers is L4_kobj_info). */
enum object_info_type {
	INFO_THREAD = 1,
	INFO_SPACE = 2,
	INFO_GATE = 4,
	INFO_IRQ = 5,
	INFO_SEMAPHORE = 6,
	INFO_FACTORY = 7,
	INFO_DEBUGGER = 8,
	INFO_SCHEDULER = 9,
	INFO_VLOG = 10,
	INFO_ICU = 11,
};

struct object_info {
	u64 type_id; /* type in bits 0..4, id above */
	u64 kobject; /* its address: a number that identifies it */
	u64 ref_cnt;
	union {
		struct {
			u8 is_kernel, is_current, in_ready_list, is_kernel_task;
			u32 home_cpu, current_cpu;
			s64 ref_cnt;
			u64 space_id;
		} thread;
		struct {
			u8 is_kernel;
			s64 ref_cnt;
		} space;
		struct {
			u64 label, thread_id;
		} gate;
		struct {
			char chip_type[10];
			u16 flags;
			u32 pin;
			u64 label; /* id of the object itself for a semaphore */
			u64 target_id;
			s64 queued;
		} irq;
		struct {
			u64 current, limit; /* bytes */
		} factory;
		u64 raw[5];
	};
};
_Static_assert(sizeof(struct object_info) == 64, "object info record");

/* Describe o. kobject_list_lock held, so that it stays. Clears *info first. */
void object_info_fill(struct object_info *info, struct kobject *o);

#endif
