/* SPDX-License-Identifier: MIT */
/*
 * View: an address space that is a cache of its home task's mappings (l4/zwinger/view.h).
 *
 * A view has page tables of its own, made of pages within its quota; when they run out, everything
 * is dropped. The PML4 entries, once made, stay: drops empty the tables below, so that composed
 * address spaces (a process view, the kernel view and the home task in one PML4) never hold a stale
 * pointer. Everything is guarded by the lock of the home task's space; a revocation there empties
 * all its views before it returns.
 */
#ifndef KERNEL_VIEW_H
#define KERNEL_VIEW_H

#include "core/kobject.h"
#include "obj/task.h"

struct view_page;

struct view {
	struct kobject obj;
	struct task *home;		/* pinned */
	struct view *next;		/* in home->space.views */
	struct space user;		/* this view alone: guest user mode */
	struct space composed;		/* with kernel view and home: guest-kernel mode */
	struct view *composed_with;	/* kernel view whose entries `composed` has; only compared */
	u64 composed_gen;
	u64 top_gen;			/* counts new PML4 entries */
	struct view_page *free_pages, *used_pages, *kept_pages;
	u32 pages, limit;		/* page-table pages */
	u64 forced_drops;
	u32 pins;
};

static inline struct view *view_of(struct kobject *o)
{
	return container_of(o, struct view, obj);
}

/* quota: bytes of page tables that the view may use (charged to q as they are needed); at least
 * 16 pages. NULL: no memory or too small. */
struct view *view_create(struct quota *q, struct task *home, u64 quota);

void view_pin(struct view *v);   /* NULL is fine */
void view_unpin(struct view *v); /* NULL is fine */

/* What guest user mode sees. */
struct space *view_user_space(struct view *v);

/* What guest-kernel mode sees: process view, kernel view (either may be NULL) and the home's slots
 * 260..271, brought up to date. NULL if there is no process view and no kernel view. */
struct space *view_composed(struct view *process, struct view *kernel);

/* A guest faulted at addr in space s: true if only the composition was out of date. */
bool view_sync(struct view *process, struct view *kernel, struct space *s, u64 addr);

#endif
