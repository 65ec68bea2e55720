/* SPDX-License-Identifier: MIT */
/*
 * Loader: starts a static ELF program (ET_EXEC or static PIE) from a dataspace in a new task. It
 * speaks protocols only (kernel factory, factory of dataspaces and region maps, region map, task,
 * thread, scheduler), uses neither malloc nor stdio, and keeps no state, so that any thread that
 * has the capabilities can load, the root task's own included.
 *
 * The child finds its capabilities in the slots of enum loader_slot and its vectors as a C program
 * expects them; see stack.h for the image of its stack. Its pager and exception handler is its
 * region map.
 *
 * If anything fails, all that was created is deleted again and loader_error says what was wrong.
 */
#ifndef LOADER_LOADER_H
#define LOADER_LOADER_H

#include <stdbool.h>
#include <l4/sys/scheduler.h>
#include <l4/sys/types.h>

/* Capability slots of a program at its start; selector = slot << L4_CAP_SHIFT. */
enum loader_slot {
	LOADER_SLOT_TASK = 1,
	LOADER_SLOT_FACTORY = 2,
	LOADER_SLOT_THREAD = 3, /* the program's first thread */
	LOADER_SLOT_LOG = 5,
	LOADER_SLOT_SCHEDULER = 7,
	LOADER_SLOT_DEBUGGER = 10, /* only if a capability named "jdb" is passed */
	LOADER_SLOT_RM = 0x10,
	LOADER_SLOT_MEM = 0x11,
	LOADER_SLOT_PARENT = 0x13,
	LOADER_SLOT_KIP = 0x14,
	LOADER_SLOT_DBG_EVENTS = 0x15,
	LOADER_SLOT_FIRST = 0x16 /* named capabilities, in the order given */
};

enum loader_limits {
	LOADER_NAME_MAX = 16,	     /* bytes of a capability's name, without a NUL */
	LOADER_CAPS_MAX = 256,	     /* named capabilities */
	LOADER_WINDOW_SIZE = 0x20000 /* bytes of the window; arguments and vectors must fit in it */
};

/* Flags, as in L4.Ldr_flags; LOADER_UPPER_HALF is Zwinger's (abi/l4/zwinger/task.h). */
enum loader_flags {
	LOADER_EAGER_MAP = 1,	    /* back all memory of the program at once */
	LOADER_ALL_SEGS_COPY = 2,   /* copy read-only segments too */
	LOADER_PINNED_SEGS = 4,	    /* segments in pinned memory; implies copying */
	LOADER_UPPER_HALF = 0x10000 /* the task may map, and the program lie in, the upper half */
};

/*
 * A capability of the caller to be handed on: rights of L4_cap_fpage_rights, or-ed with extended
 * rights of L4_obj_fpage_ctl. cap = L4_INVALID_CAP: absent.
 */
struct loader_cap {
	l4_cap_idx_t cap;
	unsigned rights;
};

struct loader_named_cap {
	const char *name; /* 1 to LOADER_NAME_MAX characters */
	struct loader_cap cap;
};

struct loader_params {
	l4_cap_idx_t file;     /* dataspace with the ELF file; R, not written by anyone meanwhile */
	const char *file_name; /* for messages and the names of regions */
	unsigned argc, envc;
	const char *const *argv; /* argc strings; argv[0] is the path as started */
	const char *const *envp; /* envc strings NAME=VALUE */

	/* Used to build the program, and handed on to it. */
	struct loader_cap factory;   /* kernel factory */
	struct loader_cap mem;	     /* factory of dataspaces, S */
	struct loader_cap scheduler; /* runs the first thread */

	/* Handed on only. */
	struct loader_cap parent;
	struct loader_cap log;	      /* may be absent */
	struct loader_cap dbg_events; /* may be absent */
	unsigned cap_count;
	const struct loader_named_cap *caps;

	/* Used only. */
	l4_cap_idx_t rm_fab; /* factory of region maps */
	l4_cap_idx_t kip;    /* dataspace of the KIP, handed on with R */
	l4_cap_idx_t fault;  /* interrupt to be triggered when the program faults for good; may be
			      * L4_INVALID_CAP. See abi/l4/zwinger/rm.h. */

	unsigned flags;		  /* enum loader_flags */
	unsigned debug_level;	  /* told to the program: L4.Dbg bits */
	l4_addr_t base;		  /* where to put a PIE program; 0: found by its region map */
	unsigned utcb_area_order; /* log2 of bytes; 0: one page, 4 UTCBs */
	l4_sched_param_t sched;	  /* of the first thread */

	/* LOADER_WINDOW_SIZE bytes of the caller's address space, page-aligned, nothing mapped,
	 * used by nobody else during the call. */
	l4_addr_t window;
};

/* Empty slots of the caller. The first three hold the new objects afterwards, with all rights. */
struct loader_objects {
	l4_cap_idx_t task, thread, rm;
	l4_cap_idx_t scratch; /* empty again afterwards */
};

/*
 * What went wrong: code is the negative error, text a constant string for people, subject the name
 * of the file, capability or service that it is about.
 */
struct loader_error {
	long code;
	const char *text;
	const char *subject;
};

/*
 * Start a program. On success it runs already (or is about to, on an offline CPU). It ends when
 * the caller calls loader_kill(), or deletes the task in another way.
 * Returns 0 or a negative error: -L4_ENXIO for a file that is no loadable ELF program, -L4_EINVAL
 * for parameters that make no sense (names, limits), -L4_E2BIG for arguments that do not fit,
 * -L4_ERANGE for addresses that the program may not have, and errors of the services used. error
 * may be NULL. May block in calls to the services. Needs 8 KiB of stack.
 */
long loader_start(const struct loader_params *params, const struct loader_objects *objects,
		  struct loader_error *error);

/* Delete task, thread and region map of a program and so all that only they held. */
void loader_kill(const struct loader_objects *objects);

#endif
