/* SPDX-License-Identifier: MIT */
/* Local descriptor tables and debug registers. */
#include "x86_64/special.h"
#include "core/cpu.h"
#include "core/fault.h"
#include "mm/kmem.h"
#include "obj/thread.h"
#include "x86_64/context.h"
#include "x86_64/insn.h"
#include "x86_64/kmap.h"
#include <l4/sys/err.h>
#include <l4/zwinger/wellknown.h>

/* Descriptor of the kernel's own for a table: type 2, present, limit below 64 KiB. */
#define DESC_LDT (0x82ULL << 40)

enum { ERROR_TABLES = 6, ERROR_LDT = 4 }; /* which table a selector in an error code is for */
enum { BREAK_PORT = 2 };

struct spinlock ldt_lock;

static unsigned order_of(u32 count)
{
	return count > LDT_TASK_ENTRIES ? bit_highest((count - 1) / LDT_TASK_ENTRIES) + 1 : 0;
}

int ldt_create(struct ldt *l, struct quota *q, u32 count)
{
	static u64 ids;

	l->entries = page_alloc_zeroed(q, order_of(count));
	if (!l->entries)
		return -L4_ENOMEM;
	l->count = count;
	l->id = __atomic_add_fetch(&ids, 1, __ATOMIC_RELAXED);
	return 0;
}

void ldt_free(struct ldt *l, struct quota *q)
{
	if (l->id)
		page_free(q, l->entries, order_of(l->count));
}

bool ldt_entry_ok(u64 raw)
{
	return desc_user_ok(raw) && !(raw >> 47 & raw >> 53 & 1);
}

const struct ldt *ldt_of(const struct thread *t)
{
	return t->special && t->special->ldt.id ? &t->special->ldt : &t->task->ldt;
}

bool debug_ok(const u64 *dr, u64 dr7)
{
	for (unsigned i = 0; i < BREAKPOINTS; i++) {
		unsigned kind = dr7 >> (16 + 4 * i) & 15;

		if (!(dr7 >> 2 * i & 3))
			continue;
		if ((kind & 3) == BREAK_PORT || (kind && !(kind & 3)))
			return false;
		if (dr[i] != canonical(dr[i]) ||
		    (dr[i] >= L4_ZW_KERNEL_START && dr[i] < L4_ZW_KERNEL_END))
			return false;
	}
	return true;
}

/* With isolation it must be where user page tables have it, too. */
static u64 ldt_address(const struct cpu *c, const struct ldt *l)
{
	u64 base = (u64)c->ldt_window;

	if (!base)
		return (u64)l->entries;
	for (u64 at = 0; at < l->count * 8; at += PAGE_SIZE) {
		kmap_page((char *)base + at, virt_to_phys((char *)l->entries + at), false);
		invlpg(base + at);
	}
	return base;
}

static void load_ldt(struct cpu *c, const struct ldt *l)
{
	u64 *gdt = (u64 *)c->gdt + SEL_LDT / 8, base;

	if (c->ldt_id == l->id)
		return;
	c->ldt_id = l->id;
	if (!l->id) {
		lldt(0);
		return;
	}
	base = ldt_address(c, l);
	gdt[0] =
	    DESC_LDT | (base & 0xffffff) << 16 | (base >> 24 & 0xff) << 56 | (l->count * 8 - 1);
	gdt[1] = base >> 32;
	lldt(SEL_LDT);
}

static void load_debug(struct cpu *c, const struct special *s)
{
	u64 dr7 = s ? s->dr7 : 0;

	if (!(c->dr7 | dr7))
		return;
	c->dr7 = dr7;
	write_dr7(0);
	if (!dr7)
		return;
	write_break_points(s->dr);
	write_dr7(dr7);
}

void special_load(struct cpu *c, struct thread *t)
{
	load_ldt(c, ldt_of(t));
	load_debug(c, t->special);
	c->special = c->ldt_id || c->dr7;
	cpu_update_odd(c);
}

bool special_was_missing(struct cpu *c, struct thread *t, u64 error)
{
	if ((error & ERROR_TABLES) != ERROR_LDT || c->ldt_id == ldt_of(t)->id)
		return false;
	special_load(c, t);
	return true;
}
