/* SPDX-License-Identifier: MIT */
/* Mapping of one item of any type between tasks: for IPC and for the task's map method. */
#ifndef KERNEL_MAP_H
#define KERNEL_MAP_H

#include "core/flexpage.h"
#include "core/restart.h"
#include "obj/task.h"

struct map_args {
	struct task *src, *dst;
	struct snd_item item;
	struct fpage window;
	struct map_progress *progress; /* all 0 at first, kept across MAPDB_AGAIN */
	bool nothing;		       /* out: the source was empty */
};

/* 0, MAPDB_AGAIN, or -L4_ENOMEM (what was mapped stays). No lock held. */
int map_item(struct map_args *m);

/* Revoke a flexpage from t: raw flexpage word and mask (4.9). p->flags: access flags found.
 * 0 or MAPDB_AGAIN. */
int unmap_fpage(struct task *t, u64 raw, u64 mask, struct map_progress *p);

#endif
