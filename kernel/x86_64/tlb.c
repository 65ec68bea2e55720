/* SPDX-License-Identifier: MIT */
/*
 * TLB shoot-down and tagged TLB entries.
 *
 * A CPU that switches spaces stores cpu->loaded_space and then loads CR3. A CPU that revokes
 * changes the page tables, counts s->tlb_gen up, and after a full fence looks at loaded_space of
 * all others. So either it sees the space there and sends a request, or the other's load of CR3
 * comes after the change and starts with no old entries (without tags) or sees the new tlb_gen
 * (with tags, whose reading of tlb_gen is fenced as well).
 *
 * A request is a number: the sender counts target.requested up, sends VECTOR_TLB, and waits for
 * target.done to reach its number. The target notes requested, flushes the space it has loaded,
 * and stores the noted number in done; requests of several CPUs share one flush. A CPU that waits,
 * here or for a lock, serves its own requests in spin_relax, so two CPUs can flush each other.
 *
 * Values of tlb_gen are unique over all spaces when tags are in use. So a tag whose generation
 * equals that of a space has that space's entries, and a record left by a dead space at the same
 * address cannot be mistaken for it.
 *
 * A space of a group (obj/composition.c) shows what another one shows, which need not know its
 * members: a flush of that one is for whoever has a member loaded, and a tag has the generations of
 * both.
 */
#include "core/cpu.h"
#include "core/spinlock.h"
#include "x86_64/insn.h"
#include "x86_64/tlb.h"

enum { TAGS = 6 }; /* PCIDs 1..TAGS; 0 belongs to the boot tables */

#define WHOLE_SPACE (~0ull)

struct tag {
	const struct space *owner; /* only compared */
	u64 gen, group_gen;
};

static struct tlb_cpu {
	u64 requested, done;
	u64 telling; /* see tlb_announce() */
	struct tag tag[TAGS];
	unsigned next_tag;
} cacheline_aligned tlb_cpu[MAX_CPUS];

static u64 last_gen;

/* --- Tags --- */

static u64 new_gen(void)
{
	return __atomic_add_fetch(&last_gen, 1, __ATOMIC_RELAXED);
}

/* A space starts with generation 0: give it one of its own. */
static u64 space_gen(struct space *s)
{
	u64 gen = READ_ONCE(s->tlb_gen), fresh;

	if (likely(gen))
		return gen;
	fresh = new_gen();
	if (__atomic_compare_exchange_n(&s->tlb_gen, &gen, fresh, false, __ATOMIC_SEQ_CST,
					__ATOMIC_SEQ_CST))
		return fresh;
	return gen;
}

static u64 group_gen(const struct space *s)
{
	return s->group ? space_gen(s->group) : 0;
}

u64 tlb_cr3_tagged(struct space *s)
{
	unsigned n = this_cpu()->number;
	struct tlb_cpu *t = &tlb_cpu[n];
	unsigned i = s->pcid_slot[n];
	u64 root = (u64)s->root - DIRECT_MAP_BASE;
	u64 gen, shared;

	mfence(); /* loaded_space is visible before tlb_gen is read */
	gen = space_gen(s);
	shared = group_gen(s);
	if (t->tag[i].gen == gen && t->tag[i].group_gen == shared)
		return root | (i + 1) | CR3_NOFLUSH;
	if (t->tag[i].owner != s) {
		i = t->next_tag;
		t->next_tag = i + 1 < TAGS ? i + 1 : 0;
		s->pcid_slot[n] = (u8)i;
	}
	t->tag[i] = (struct tag){ .owner = s, .gen = gen, .group_gen = shared };
	return root | (i + 1);
}

/* The loaded space is about to be flushed as a whole: its tag is up to date then. */
static void refresh_tag(const struct cpu *c)
{
	const struct space *s = c->loaded_space;
	struct tag *t;

	if (!s)
		return;
	t = &tlb_cpu[c->number].tag[s->pcid_slot[c->number]];
	if (t->owner != s)
		return;
	t->gen = READ_ONCE(s->tlb_gen);
	t->group_gen = s->group ? READ_ONCE(s->group->tlb_gen) : 0;
}

/* --- This CPU --- */

static void flush_loaded(const struct cpu *c)
{
	if (cpu_feat.pcid)
		refresh_tag(c);
	write_cr3(read_cr3());
}

void tlb_serve(void)
{
	struct cpu *c = this_cpu();
	struct tlb_cpu *t = &tlb_cpu[c->number];
	u64 wanted = __atomic_load_n(&t->requested, __ATOMIC_ACQUIRE);

	if (wanted == t->done)
		return;
	flush_loaded(c);
	__atomic_store_n(&t->done, wanted, __ATOMIC_RELEASE);
}

void spin_relax(void)
{
	tlb_serve();
	pause();
}

/* Does a flush of s concern a CPU that has `loaded` loaded? */
static bool shows(const struct space *loaded, const struct space *s)
{
	return loaded && (loaded == s || loaded->group == s);
}

static void flush_local(const struct tlb_batch *b, const struct cpu *c)
{
	if (b->all) {
		flush_loaded(c);
		return;
	}
	for (unsigned i = 0; i < b->count; i++) {
		if (!shows(c->loaded_space, b->space[i]))
			continue;
		if (b->va[i] == WHOLE_SPACE)
			flush_loaded(c);
		else
			invlpg(b->va[i]);
	}
}

/* --- Other CPUs --- */

/* A space that another CPU had loaded a moment ago is not freed before this CPU is done. */
static bool concerns(const struct tlb_batch *b, const struct cpu *c)
{
	const struct space *loaded = READ_ONCE(c->loaded_space);

	if (b->all)
		return true;
	for (unsigned i = 0; i < b->count; i++)
		if (shows(loaded, b->space[i]))
			return true;
	return false;
}

static void flush_remote(const struct tlb_batch *b, const struct cpu *self)
{
	u64 number[MAX_CPUS];
	u64 targets = 0;

	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	for (unsigned n = 0; n < cpus_online; n++) {
		const struct cpu *c = cpu_of(n);

		if (c == self || !concerns(b, c))
			continue;
		number[n] = __atomic_add_fetch(&tlb_cpu[n].requested, 1, __ATOMIC_SEQ_CST);
		targets |= 1ull << n;
		lapic_ipi(c->apic_id, VECTOR_TLB);
	}
	for (; targets; targets &= targets - 1) {
		unsigned n = bit_lowest(targets);

		while ((s64)(__atomic_load_n(&tlb_cpu[n].done, __ATOMIC_ACQUIRE) - number[n]) < 0)
			spin_relax();
	}
}

/* --- Announcements: odd from the announcement until all is done. The lock orders the first change,
 * and this CPU alone changes it. --- */

static struct tlb_cpu *own_record(void)
{
	return &tlb_cpu[this_cpu()->number];
}

void tlb_tell_begin(void)
{
	own_record()->telling++;
}

void tlb_tell_end(void)
{
	struct tlb_cpu *t = own_record();

	__atomic_store_n(&t->telling, t->telling + 1, __ATOMIC_RELEASE);
}

void tlb_wait(void)
{
	for (const struct tlb_cpu *t = tlb_cpu; t < tlb_cpu + cpus_online; t++) {
		u64 telling = __atomic_load_n(&t->telling, __ATOMIC_ACQUIRE);

		while (telling & 1 && __atomic_load_n(&t->telling, __ATOMIC_ACQUIRE) == telling)
			spin_relax();
	}
}

/* --- Batches --- */

void tlb_batch_add(struct tlb_batch *b, struct space *s, u64 va)
{
	unsigned i = 0;

	WRITE_ONCE(s->tlb_gen, cpu_feat.pcid ? new_gen() : s->tlb_gen + 1);
	while (i < b->count && b->space[i] != s)
		i++;
	if (i == ARRAY_SIZE(b->space)) {
		b->all = true;
	} else if (i < b->count) {
		if (b->va[i] != va)
			b->va[i] = WHOLE_SPACE;
	} else {
		b->space[i] = s;
		b->va[i] = va;
		b->count++;
	}
}

void tlb_batch_flush(struct tlb_batch *b)
{
	const struct cpu *self;

	if (likely(!b->count))
		return;
	self = this_cpu();
	flush_local(b, self);
	if (cpus_online > 1)
		flush_remote(b, self);
	tlb_batch_init(b);
}
