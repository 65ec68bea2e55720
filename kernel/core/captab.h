/* SPDX-License-Identifier: MIT */
/*
 * Capability table of a task: 65536 slots, in pages of 128 made on demand. Look-ups take no lock.
 * Changes of slots hold captab.lock and inside it the object's lock; the deletion of an object
 * clears its slots holding only the object's lock.
 */
#ifndef KERNEL_CAPTAB_H
#define KERNEL_CAPTAB_H

#include "core/kobject.h"
#include "core/spinlock.h"
#include "core/types.h"
#include "mm/quota.h"

#define CAP_SLOTS	   65536u
#define CAPS_PER_PAGE	   128u
#define CAP_SELECTOR_SHIFT 12 /* of the slot number in a selector */
#define CAP_PAGES	   (CAP_SLOTS / CAPS_PER_PAGE)

struct captab {
	struct cap **pages; /* CAP_PAGES pointers; one page without capabilities is everybody's */
	struct spinlock lock;
	u64 used[CAP_PAGES / 64]; /* pages of its own */
	bool closed;		  /* being destroyed: nothing is put in any more */
	struct quota *quota;
};

/* 0 or -L4_ENOMEM. */
int captab_init(struct captab *t, struct quota *q);

/* Word of the slot (struct cap) that a selector, any number, denotes; 0 if it is empty. */
static always_inline u64 captab_word(const struct captab *t, u64 selector)
{
	u64 p = selector >> CAP_SELECTOR_SHIFT, offset = selector;
	struct cap *page;

	p /= CAPS_PER_PAGE;
	if (unlikely(p >= CAP_PAGES))
		return 0;
	page = __atomic_load_n(&t->pages[p], __ATOMIC_RELAXED);
	/* (selector >> CAP_SELECTOR_SHIFT) % CAPS_PER_PAGE * sizeof(struct cap) */
	offset = offset >> (CAP_SELECTOR_SHIFT - 5) & (PAGE_MASK & ~31UL);
	return __atomic_load_n(&((struct cap *)((char *)page + offset))->word, __ATOMIC_RELAXED);
}

/* Capability in slot idx (any number); .obj NULL if empty. */
static always_inline struct cap_ref captab_lookup(const struct captab *t, u64 idx)
{
	u64 word = unlikely(idx >= CAP_SLOTS) ? 0 : captab_word(t, idx << CAP_SELECTOR_SHIFT);

	return (struct cap_ref){ .obj = cap_object(word), .rights = word & CAP_MASK };
}

/* Put a first capability, with all rights, to a new object into slot idx; what was there is removed
 * as by captab_unmap. 0, -L4_ENOMEM, -L4_EINVAL (idx too large). */
int captab_insert_new(struct captab *t, u64 idx, struct kobject *o);

enum cap_map_result { CAP_MAPPED, CAP_NOTHING, CAP_NO_MEMORY };

/* Map one slot to another: the target gets (rights of the source & mask), CAP_COUNTED only with
 * counted. grant empties the source. Abi spec 4.3, 4.8. */
enum cap_map_result captab_map(struct captab *src, u64 sidx, struct captab *dst, u64 didx, u8 mask,
			       bool counted, bool grant);

/*
 * Remove (rights & 4) or reduce (only CAP_W / CAP_S in rights) the capability in slot idx; the
 * object is deleted if this was the last counted one, or if del is set and the capability has
 * CAP_D. Abi spec 4.9.
 */
void captab_unmap(struct captab *t, u64 idx, u8 rights, bool del);

/* Next slot >= idx in a page of its own, or CAP_SLOTS; to step over holes. */
u64 captab_next(const struct captab *t, u64 idx);

/* Empty the table: every slot is unmapped, objects held with CAP_D are deleted. False: preemption
 * point, call again. */
bool captab_destroy(struct captab *t, u64 *progress);
/* Free the pages; nobody can look anything up any more. The latter frees a part of them: true when
 * nothing is left, false: call again. */
void captab_free(struct captab *t);
bool captab_free_some(struct captab *t);

#endif
