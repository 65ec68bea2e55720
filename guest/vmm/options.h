/* SPDX-License-Identifier: MIT */
/* The arguments of vmm, see doc/vmm.md. Pure. */
#ifndef VMM_OPTIONS_H
#define VMM_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

enum { OPTIONS_COMMAND_BYTES = 1024, OPTIONS_NAME_BYTES = 24, OPTIONS_MESSAGE_BYTES = 200 };

struct options {
	char name[OPTIONS_NAME_BYTES];
	const char *kernel, *ramdisk, *symbols; /* paths; NULL: none */
	char command_line[OPTIONS_COMMAND_BYTES];
	uint64_t memory; /* bytes, a multiple of 2 MiB */
	unsigned vcpus;
	unsigned priority; /* of the vCPUs */
	uint64_t cpus;	   /* mask of CPUs that vCPUs run on */
	bool patch;	   /* let the kernel's hypercalls jump to the shim */
	bool reboot;	   /* start again when the guest reboots; false: end */
	bool crash;	   /* the same when it crashes, or its watchdog ends it */
	char message[OPTIONS_MESSAGE_BYTES];
};

/*
 * Read arguments KEY=VALUE; those behind one that is `--` are the kernel's command line. False:
 * o->message says what is wrong.
 */
bool options_read(int count, char **arguments, struct options *o);

#endif
