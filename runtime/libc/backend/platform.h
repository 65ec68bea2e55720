/* SPDX-License-Identifier: MIT */
/*
 * What the back end needs of the program's surroundings. There are two implementations: program.c
 * for programs that have a region map and an environment, service.c for those that have neither,
 * such as the root task.
 */
#ifndef BACKEND_PLATFORM_H
#define BACKEND_PLATFORM_H

#include <stddef.h>
#include <l4/sys/types.h>

/* Capabilities, or L4_INVALID_CAP. The pager is a new thread's pager and exception handler. */
l4_cap_idx_t platform_factory(void);
l4_cap_idx_t platform_scheduler(void);
l4_cap_idx_t platform_pager(void);
l4_cap_idx_t platform_log(void);

/* An empty slot, or L4_INVALID_CAP; and give it back, empty. Any thread. */
l4_cap_idx_t platform_cap_alloc(void);
void platform_cap_free(l4_cap_idx_t cap);

/* Address of memory for UTCBs, *bytes of it, or 0. Is never given back. */
l4_addr_t platform_utcb_memory(size_t *bytes);

/* Priority that the first thread has, as the scheduler is told. */
unsigned platform_priority(void);

/* From now on the program answers to faults itself, so nobody else needs to print a line. */
void platform_faults_handled(void);

enum platform_access {
	PLATFORM_READ = L4_FPAGE_RO,
	PLATFORM_WRITE = L4_FPAGE_W,
	PLATFORM_EXECUTE = L4_FPAGE_X
};
enum platform_place { PLATFORM_NOTHING, PLATFORM_FORBIDDEN, PLATFORM_UNUSABLE };

/* Why an access to that user address was not resolved: nothing is there, it may not be accessed so,
 * or what is there has nothing at that place. error: the CPU's error code of the fault. */
enum platform_place platform_place(l4_addr_t address, enum platform_access need, l4_umword_t error);

/* End the program and tell whoever started it. */
_Noreturn void platform_exit(int code);

#endif
