/* SPDX-License-Identifier: MIT */
/* Segments and debug registers of threads, descriptor tables of tasks. */
#include "obj/segment.h"
#include "core/fault.h"
#include "core/string.h"
#include "mm/kmem.h"
#include "x86_64/context.h"
#include "x86_64/special.h"
#include <l4/sys/err.h>
#include <l4/zwinger/thread.h>

static SLAB_CACHE(special_cache, sizeof(struct special), 16);

struct gdt_entries {
	unsigned first, n;
	u64 raw[GDT_USER_COUNT];
};

/* The thread's record and what its CPU has loaded change together: selectors are checked against
 * the one and loaded from the other. */
static void set_gdt(struct cpu *own, struct thread *t, void *arg)
{
	const struct gdt_entries *e = arg;

	memcpy(t->gdt + e->first, e->raw, e->n * 8);
	t->has_gdt = t->odd = true;
	regs_drop_gdt(&t->regs);
	if (own->current != t)
		return;
	desc_load_user_gdt(own, t->gdt);
	own->user_gdt = own->odd = true;
}

/* With one word: number of the first entry; else set entries from mr[1] on. They are copied before
 * they are checked, as other threads may write to the UTCB. */
u64 segment_gdt(struct thread *t, struct invocation *inv)
{
	unsigned words = inv_words(inv);
	u64 first = READ_ONCE(inv->mr[1]);
	struct gdt_entries e;

	if (words < 2) {
		reply_mr(inv)[0] = GDT_USER_FIRST;
		return reply_words(0, 1);
	}
	if (first >= GDT_USER_COUNT)
		return reply_error(-L4_EINVAL);
	e.first = (unsigned)first;
	e.n = (unsigned)min_u64(words - 2, GDT_USER_COUNT - first);
	memcpy(e.raw, inv->mr + 2, e.n * 8);
	barrier();
	for (unsigned i = 0; i < e.n; i++)
		if (!desc_user_ok(e.raw[i]))
			return reply_error(-L4_EINVAL);
	if (e.n)
		thread_call(this_cpu(), t, set_gdt, &e);
	return reply_words((first << 3) + GDT_USER_FIRST * 8 + 3, 0);
}

struct base {
	bool gs;
	u64 base;
};

static void set_segment_base(struct cpu *own, struct thread *t, void *arg)
{
	const struct base *x = arg;

	if (own->current == t)
		context_save_segments(t);
	if (x->gs) {
		t->seg.gs = 0;
		t->seg.gs_base = x->base;
	} else {
		t->seg.fs = 0;
		t->seg.fs_base = x->base;
	}
	if (own->current == t)
		context_load_segments(t);
}

u64 segment_base(struct thread *t, struct invocation *inv)
{
	struct base x = { .base = READ_ONCE(inv->mr[1]) };
	unsigned which = inv->mr[0] >> 16 & 0xffff;

	if (inv_words(inv) < 2)
		return reply_error(-L4_EMSGTOOSHORT);
	if (which > 1 || x.base != canonical(x.base))
		return reply_error(-L4_EINVAL);
	x.gs = which;
	thread_call(this_cpu(), t, set_segment_base, &x);
	return 0;
}

u64 segment_info(struct invocation *inv)
{
	u64 *mr = reply_mr(inv);

	mr[0] = SEL_USER_DATA;
	mr[1] = SEL_USER_CODE64;
	mr[2] = SEL_USER_CODE32;
	return reply_words(0, 3);
}

/* --- Local descriptor tables and debug registers --- */

/* Descriptors from mr[2] on, copied before they are checked. False: one cannot be had. */
static bool read_entries(const struct invocation *inv, u64 *raw, unsigned n)
{
	memcpy(raw, inv->mr + 2, n * 8);
	barrier();
	for (unsigned i = 0; i < n; i++)
		if (!ldt_entry_ok(raw[i]))
			return false;
	return true;
}

static bool store_entries(struct ldt *l, u64 first, const u64 *raw, unsigned n)
{
	if (first + n > l->count)
		return false;
	for (unsigned i = 0; i < n; i++)
		WRITE_ONCE(l->entries[first + i], raw[i]);
	return true;
}

/* See thread_call(). */
struct change {
	struct special *fresh; /* used if the thread has none yet */
	struct ldt table;      /* with n 0: replaces the thread's, and is then the old one */
	u64 first, raw[UTCB_MRS];
	unsigned n;
	bool ok;
};

static struct special *special_of(struct thread *t, struct special **fresh)
{
	if (!t->special) {
		t->special = *fresh;
		*fresh = NULL;
	}
	return t->special;
}

static void changed(struct cpu *own, struct thread *t)
{
	t->odd = true;
	if (own->current == t)
		special_load(own, t);
}

static void change_ldt(struct cpu *own, struct thread *t, void *arg)
{
	struct change *x = arg;
	struct special *s = special_of(t, &x->fresh);
	struct ldt old = s->ldt;

	if (x->n) {
		x->ok = store_entries(&s->ldt, x->first, x->raw, x->n);
	} else {
		s->ldt = x->table;
		x->table = old;
		x->ok = true;
	}
	changed(own, t);
}

static void change_debug(struct cpu *own, struct thread *t, void *arg)
{
	struct change *x = arg;
	struct special *s = special_of(t, &x->fresh);

	memcpy(s->dr, x->raw, sizeof(s->dr));
	s->dr7 = x->raw[BREAKPOINTS];
	changed(own, t);
}

/* Carry out a change of t, which may be the first one. */
static u64 change(struct thread *t, struct change *x,
		  void (*fn)(struct cpu *own, struct thread *t, void *arg))
{
	struct quota *q = t->obj.quota;

	if (!t->special) {
		x->fresh = slab_alloc(&special_cache, q);
		if (!x->fresh)
			return reply_error(-L4_ENOMEM);
		memset(x->fresh, 0, sizeof(*x->fresh));
	}
	thread_call(this_cpu(), t, fn, x);
	if (x->fresh)
		slab_free(&special_cache, q, x->fresh);
	return x->ok ? 0 : reply_error(-L4_EINVAL);
}

u64 segment_ldt(struct thread *t, struct invocation *inv)
{
	struct change x = { .first = READ_ONCE(inv->mr[1]) };
	u64 result;

	if (inv_words(inv) < 2)
		return reply_error(-L4_EMSGTOOSHORT);
	x.n = inv_words(inv) - 2;
	if (x.first > LDT_ENTRIES_MAX || !t->task || !read_entries(inv, x.raw, x.n))
		return reply_error(-L4_EINVAL);
	if (!x.n && x.first && ldt_create(&x.table, t->obj.quota, (u32)x.first))
		return reply_error(-L4_ENOMEM);
	result = change(t, &x, change_ldt);
	ldt_free(&x.table, t->obj.quota);
	return result;
}

u64 segment_debug(struct thread *t, struct invocation *inv)
{
	struct change x = { .ok = true };

	if (inv_words(inv) < 2 + BREAKPOINTS)
		return reply_error(-L4_EMSGTOOSHORT);
	memcpy(x.raw, inv->mr + 1, (1 + BREAKPOINTS) * 8);
	barrier();
	if (!t->task || !debug_ok(x.raw, x.raw[BREAKPOINTS]))
		return reply_error(-L4_EINVAL);
	x.raw[BREAKPOINTS] = x.raw[BREAKPOINTS] & DR7_ANY ? x.raw[BREAKPOINTS] & DR7_USER : 0;
	return change(t, &x, change_debug);
}

u64 segment_task_ldt(struct task *t, struct invocation *inv)
{
	unsigned n = inv_words(inv) - 2;
	struct ldt fresh = { 0 };
	u64 raw[UTCB_MRS], first = READ_ONCE(inv->mr[1]);

	if (inv_words(inv) < 3 || first > LDT_TASK_ENTRIES || first + n > LDT_TASK_ENTRIES ||
	    !read_entries(inv, raw, n))
		return reply_error(-L4_EINVAL);
	if (!t->ldt.id && ldt_create(&fresh, t->obj.quota, LDT_TASK_ENTRIES))
		return reply_error(-L4_ENOMEM);
	spin_lock(&ldt_lock);
	if (!t->ldt.id) {
		t->ldt = fresh;
		fresh.id = 0;
	}
	store_entries(&t->ldt, first, raw, n);
	spin_unlock(&ldt_lock);
	ldt_free(&fresh, t->obj.quota);
	return 0;
}

void segment_free(struct thread *t)
{
	ldt_free(&t->special->ldt, t->obj.quota);
	slab_free(&special_cache, t->obj.quota, t->special);
}
