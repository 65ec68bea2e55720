/* SPDX-License-Identifier: MIT */
/*
 * What is kept of an operation that stopped at a preemption point, until the same system call runs
 * again (REPLY_RESTART) or the transfer of a message goes on. All zero at first. User land may have
 * changed the arguments meanwhile, or the objects that they name: what is kept here must be
 * harmless with any of them.
 */
#ifndef KERNEL_RESTART_H
#define KERNEL_RESTART_H

#include "core/types.h"

/* Within one item: a flexpage that is mapped or unmapped (core/map.h). */
struct map_progress {
	u64 done;     /* bytes, ports or capabilities */
	u64 stamp;    /* the mapping database's: number of a reduction of rights */
	u64 clearing; /* likewise: where a target is half unmapped */
	u32 mapped; /* pages of any size, ranges of ports or capabilities; as if with a mismatch */
	u8 phase;   /* unmap of everything: type of object that it is at */
	u8 flags;   /* unmap: 1 referenced, 2 dirty, of all pages removed or reduced */
	bool no_grant; /* a grant that has become a map */
};

struct restart {
	u32 item; /* items that are done */
	struct map_progress map;
};

#endif
