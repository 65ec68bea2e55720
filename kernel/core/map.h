/* SPDX-License-Identifier: MIT */
/* Mapping of one item of any type between tasks: for IPC and for the task's map method. */
#ifndef KERNEL_MAP_H
#define KERNEL_MAP_H

#include "core/flexpage.h"
#include "core/restart.h"
#include "obj/task.h"

/*
 * Map or grant an item (word 0 is not 0) from src to dst, into the receive window (a raw flexpage).
 * p: all 0 at first, kept across MAPDB_AGAIN; p->mapped is 0 at the end if the source was empty.
 * 0, MAPDB_AGAIN, or -L4_ENOMEM (what was mapped stays). No lock held.
 */
int map_item(struct task *src, struct task *dst, struct snd_item item, u64 window,
	     struct map_progress *p);

/* Bits of the mask of an unmap (4.9). */
#define UNMAP_SELF   0x80000000u
#define UNMAP_DELETE 0x40000000u

/* Revoke a flexpage from t: raw flexpage word and mask (4.9). p->flags: access flags found.
 * 0 or MAPDB_AGAIN. */
int unmap_fpage(struct task *t, u64 raw, u64 mask, struct map_progress *p);

#endif
