/* SPDX-License-Identifier: MIT */
/*
 * Kernel objects and the capabilities that refer to them.
 *
 * Every capability to an object is a struct cap in the table of some task; all of them hang in the
 * object's list, so that deletion invalidates them. An object dies when its last counted capability
 * goes or when it is deleted explicitly. Death has three steps: it is marked dead and put on this
 * CPU's zombie list; its capabilities are cleared and ops->destroy() takes it apart, with
 * preemption points (core/reap.h); its memory is freed when no CPU can still hold a pointer
 * (core/defer.h). Kernel code that found an object through a capability may thus use it until it
 * leaves the kernel or passes a preemption point, but must check `dead` under the lock that guards
 * what it changes.
 */
#ifndef KERNEL_KOBJECT_H
#define KERNEL_KOBJECT_H

#include "core/list.h"
#include "core/spinlock.h"
#include "core/types.h"
#include "core/defer_types.h"
#include "core/invocation.h"
#include "mm/quota.h"

struct thread;
struct task;
struct kobject;

enum kobject_type {
	KOBJ_GATE,
	KOBJ_THREAD,
	KOBJ_DEBUGGER,
	KOBJ_WHOLE_FRAME = KOBJ_DEBUGGER, /* up to here: see core/syscall.h */
	KOBJ_TASK,
	KOBJ_IRQ,
	KOBJ_SEMAPHORE,
	KOBJ_FACTORY,
	KOBJ_SCHEDULER,
	KOBJ_VLOG,
	KOBJ_ICU,
	KOBJ_VIEW,
};

/* Objects are aligned so that these fit below a pointer to them. */
#define KOBJECT_ALIGN 128
enum cap_rights {
	CAP_W = 1,
	CAP_S = 2,
	CAP_COUNTED = 4,
	CAP_D = 8,
	CAP_OBJ1 = 16, /* attribute bits 0x20, 0x40, 0x80 of an object item, shifted right by one */
	CAP_OBJ2 = 32,
	CAP_OBJ3 = 64,
	CAP_ALL = 127,
	CAP_MASK = 127,
};

/* One capability slot: link in the object's list, and the object's address | cap_rights. */
struct cap {
	struct list link;
	u64 word;
	u64 unused;
};

static always_inline struct kobject *cap_object(u64 word)
{
	return (struct kobject *)(word & ~(u64)CAP_MASK);
}

/* A capability that was looked up; obj is NULL for an empty slot. */
struct cap_ref {
	struct kobject *obj;
	union {
		u8 rights; /* enum cap_rights */
		u64 error; /* of an argument without an object: the reply tag to give */
	};
};

/*
 * What ops->invoke returns: the reply tag (label 0 or an error, number of words), or one of the
 * special values, which no tag can be because bits 12..14 are never set in a reply.
 */
#define REPLY_SPECIAL 0x7000ULL /* the bits that tell */
#define REPLY_NONE    0x1000ULL /* "no reply" method: go on with a receive phase, if asked for */
#define REPLY_RESTART 0x2000ULL /* preemption point: run the same system call again */
#define REPLY_GONE    0x3000ULL /* the caller was blocked or changed: just schedule */

static inline u64 reply_words(u64 label, unsigned words)
{
	return label << 16 | words;
}

static inline u64 reply_error(long err)
{
	return (u64)err << 16;
}

struct kobject_ops {
	const char *name;
	/* Execute a method; see above for the result. Reply words are written to inv->mr only if
	 * inv_receives() (reply_mr()). */
	u64 (*invoke)(struct kobject *o, struct invocation *inv);
	/* Take the object apart, capabilities being gone. True when done; false at a preemption
	 * point: call again. */
	bool (*destroy)(struct kobject *o);
	/* Return its memory and release its quota (after the grace period). */
	void (*free)(struct kobject *o);
};

struct kobject {
	const struct kobject_ops *ops;
	u8 type;
	bool dead;
	struct spinlock lock;
	struct list caps; /* struct cap.link, under lock */
	s64 counted;	  /* capabilities with CAP_COUNTED, under lock */
	struct quota *quota;
	struct defer defer;
	struct list zombie;
	u64 id;		 /* never reused; ascending in the list of all */
	struct list all; /* for the debugger; under kobject_list_lock */
	char name[16];
};

extern struct list kobject_list; /* objects and cursors */
extern struct spinlock kobject_list_lock;

/* Where a walk through all objects is between two of its steps. It stands in the list in front of
 * the next object and looks like an object with id 0. */
struct kobject_cursor {
	u64 id;
	struct list all;
};
_Static_assert(offsetof(struct kobject, all) - offsetof(struct kobject, id) ==
		   offsetof(struct kobject_cursor, all),
	       "a cursor is the part of an object that is in the list");

/* Begin a walk, c being in no list; returns the id of the newest object. Takes kobject_list_lock.
 */
u64 kobject_walk_begin(struct kobject_cursor *c);

/* Take c out of the list; without effect if it is in none. Takes kobject_list_lock. */
void kobject_walk_end(struct kobject_cursor *c);

/* The next object; NULL: there is none, or it is newer than `newest`. *budget counts down for
 * everything that is passed; NULL also if it is used up (0). kobject_list_lock held. */
struct kobject *kobject_walk_next(struct kobject_cursor *c, u64 newest, unsigned *budget);

/* Initialise the header of a new object (all other fields are the caller's). */
void kobject_init(struct kobject *o, u8 type, const struct kobject_ops *ops, struct quota *q);

/* Mark dead and queue for destruction on this CPU, which follows on the way out of the kernel; no
 * effect if it is dead already. */
void kobject_delete(struct kobject *o);
void kobject_delete_locked(struct kobject *o); /* o->lock is held */

/* Where a method writes its reply words: the caller's message registers, or a dummy when the caller
 * does not receive. */
u64 *reply_mr(struct invocation *inv);

/* Capability argument of a method: the first typed item after the words of the tag. Without an
 * object, error is -L4_EINVAL (no item, or an empty slot) or IPC error 8 (another flexpage type).
 */
struct cap_ref invocation_cap(struct invocation *inv);

/* Reply that is an IPC error: sets the error word of the caller. */
u64 reply_ipc_error(struct thread *t, unsigned code);

static inline unsigned inv_words(const struct invocation *inv)
{
	return inv->tag & 63;
}

static inline unsigned inv_items(const struct invocation *inv)
{
	return inv->tag >> 6 & 63;
}

static inline long inv_proto(const struct invocation *inv)
{
	return (long)inv->tag >> 16;
}

#endif
