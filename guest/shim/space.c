/* SPDX-License-Identifier: MIT */
/*
 * Views of the guest's address spaces. Base 0 of the tracker is the kernel's view, base i the
 * process view i - 1, which is kept for its L4 table until another one needs it.
 */
#include <l4/zwinger/view.h>

#include "shim/drops.h"
#include "shim/lock.h"
#include "shim/offers.h"
#include "shim/own.h"
#include "shim/space.h"
#include "xen/start_info.h"

/* Where Linux has all of its memory once more, and its image: a frame's alias needs no note. */
#define DIRECT_MAP 0xffff888000000000UL
#define IMAGE_MAP  0xffffffff80000000UL
#define IMAGE_SIZE 0x40000000UL

#define NO_ROOT UINT64_MAX

/* Pages that one entry of a fill can show, if they are one piece; those of a group. */
enum { RUN_PAGES = 8, RUN_ORDER = PAGE_SHIFT + 3, GROUP_BYTES = TRACK_GROUP * PAGE_BYTES };
enum { LARGE_ORDER = 21, LARGE_BYTES = 1 << LARGE_ORDER };

struct space {
	uint64_t root;
	uint32_t users; /* vCPUs that have it loaded */
	uint32_t used;	/* when it was loaded last */
};

static struct space spaces[GUEST_VIEWS_MAX];
static uint8_t hints[GUEST_VIEWS_MAX]; /* by L4 frame: where it may be */
static uint32_t uses;

/* --- What the tracker does to views; machine's lock held. --- */

/* Writing to the page of the kernel's view ends: is it a note of some frame? Then this is over, and
 * who protects the frame need not end it again. */
static void forget_writable(struct machine *m, uint64_t address)
{
	uint64_t direct = (address - DIRECT_MAP) >> PAGE_SHIFT;
	uint64_t image = (address - IMAGE_MAP) >> PAGE_SHIFT;

	if (direct < m->track.frame_count)
		m->track.frames[direct].direct = false;
	if (image < m->track.frame_count && address >= IMAGE_MAP)
		m->track.frames[image].image = false;
}

static void take_away(struct machine *m, unsigned base, uint64_t start, uint64_t bytes,
		      unsigned what)
{
	m->kernel_drops += base == TRACK_KERNEL;
	if (base == TRACK_KERNEL && bytes == PAGE_BYTES)
		forget_writable(m, start);
	drops_add(&own_current()->v, base, start + what, bytes);
}

static void drop(void *context, unsigned base, uint64_t start, uint64_t bytes)
{
	take_away(context, base, start, bytes, 0);
}

static void end_writing(void *context, unsigned base, uint64_t start, uint64_t bytes)
{
	take_away(context, base, start, bytes, DROP_WRITING);
}

static void end_writing_to_page(struct machine *m, uint64_t address)
{
	end_writing(m, TRACK_KERNEL, address, PAGE_BYTES);
}

static uint64_t alias_address(const struct track_frame *f)
{
	return XEN_HOLE_END + ((uint64_t)f->alias << PAGE_SHIFT) - PAGE_BYTES;
}

/* Is this an address where Linux has a frame anyway? */
static bool is_usual_place(uint64_t frame, uint64_t address)
{
	uint64_t offset = frame << PAGE_SHIFT;

	return address == DIRECT_MAP + offset || address == IMAGE_MAP + offset;
}

/* An entry of the kernel's view that lets it write to the frame is about to be filled. */
static void note_writable(struct machine *m, uint64_t frame, uint64_t address)
{
	struct track_frame *f = &m->track.frames[frame];

	if (address == DIRECT_MAP + (frame << PAGE_SHIFT)) {
		f->direct = true;
	} else if (is_usual_place(frame, address)) {
		f->image = true;
	} else if (!f->alias || alias_address(f) != address) {
		if (f->alias)
			end_writing_to_page(m, alias_address(f));
		f->alias = (address + PAGE_BYTES - XEN_HOLE_END) >> PAGE_SHIFT;
	}
}

/* The walk that follows counts on it, so this is not put off. Others may be about to drop what
 * forget_writable() has forgotten. */
static void protect(void *context, uint64_t frame)
{
	struct machine *m = context;
	struct track_frame *f = &m->track.frames[frame];

	if (f->direct)
		end_writing_to_page(m, DIRECT_MAP + (frame << PAGE_SHIFT));
	if (f->image)
		end_writing_to_page(m, IMAGE_MAP + (frame << PAGE_SHIFT));
	if (f->alias)
		end_writing_to_page(m, alias_address(f));
	f->direct = f->image = false;
	f->alias = 0;
	drops_finish(&own_current()->v);
}

static void put_entry(l4_msg_regs_t *words, unsigned i, const struct walk_page *p, unsigned order)
{
	l4_zw_view_entry_t e = offers_entry(p, order);

	words->mr[1 + 2 * i] = e.guest;
	words->mr[2 + 2 * i] = e.home;
}

/* How many of the entries were filled, from the first one on. */
static unsigned send_entries(const struct machine *m, unsigned base, unsigned count)
{
	l4_utcb_t *utcb = own_current()->utcb;
	l4_msg_regs_t *words = l4_utcb_mr_u(utcb);

	words->mr[0] = L4_ZW_VIEW_FILL_OP;
	l4_obj_call_u(own_view(m, base), L4_PROTO_VIEW, 1 + 2 * count, 0, utcb);
	return words->mr[0];
}

/* Where there is no memory nothing is shown; the next access finds that out. What is in the queue
 * came before. */
static void show(void *context, unsigned base, const struct walk_page *page)
{
	struct machine *m = context;

	if (base != TRACK_KERNEL)
		offers_withdraw(m);
	if (base == TRACK_KERNEL && page->rights & WALK_W)
		note_writable(m, page->frame, page->address);
	drops_send(&own_current()->v);
	put_entry(l4_utcb_mr_u(own_current()->utcb), 0, page, PAGE_SHIFT);
	if (!send_entries(m, base, 1))
		drop(m, base, page->address, PAGE_BYTES);
}

static const struct track_effects effects = {
	.drop = drop, .end_writing = end_writing, .protect = protect, .show = show
};

void space_init(struct machine *m)
{
	static struct track_base bases[1 + GUEST_VIEWS_MAX];

	m->track.frames = (struct track_frame *)GUEST_TRACK;
	m->track.bases = bases;
	m->track.frame_count = m->memory.frames;
	m->track.base_count = 1 + m->start->views;
	m->track.effects = &effects;
	m->track.context = m;
	track_init(&m->track);
	for (unsigned i = 0; i < GUEST_VIEWS_MAX; i++)
		spaces[i] = (struct space){ .root = NO_ROOT };
}

static void lock(struct machine *m)
{
	if (!own_current()->batch)
		lock_take(&own_current()->v, &m->lock);
}

static void unlock(struct machine *m)
{
	if (!own_current()->batch)
		lock_drop(&m->lock);
}

void space_begin(struct vcpu *v)
{
	lock(v->machine);
	own_from(v)->batch = true;
}

void space_end(struct vcpu *v)
{
	own_from(v)->batch = false;
	unlock(v->machine);
}

/* --- Faults --- */

/* The pages of a whole group, if they are one piece of memory: as few entries as there can be.
 * Returns how many; 0: they are not. */
static unsigned put_group(l4_msg_regs_t *words, const struct fill *fill)
{
	const struct walk_page *p = fill->pages;
	uint64_t distance = (p->address >> PAGE_SHIFT) - p->frame;
	struct walk_page run = { p->address & -(uint64_t)GROUP_BYTES, 0, p->rights };

	if (fill->count < TRACK_GROUP || distance % RUN_PAGES)
		return 0;
	for (unsigned i = 1; i < fill->count; i++)
		if ((p[i].address >> PAGE_SHIFT) - p[i].frame != distance ||
		    p[i].rights != p->rights)
			return 0;
	for (unsigned i = 0; i < TRACK_GROUP / RUN_PAGES; i++) {
		run.frame = (run.address >> PAGE_SHIFT) - distance;
		put_entry(words, i, &run, RUN_ORDER);
		run.address += RUN_PAGES * PAGE_BYTES;
	}
	return TRACK_GROUP / RUN_PAGES;
}

/* The page of 2 MiB that the first page is in. */
static struct walk_page large_page(const struct fill *fill)
{
	const struct walk_page *p = &fill->pages[0];

	return (struct walk_page){ p->address & -(uint64_t)LARGE_BYTES,
				   p->frame & -(uint64_t)TABLE_ENTRIES, p->rights };
}

static bool fill_large(const struct machine *m, unsigned base, const struct fill *fill)
{
	struct walk_page page = large_page(fill);

	put_entry(l4_utcb_mr_u(own_current()->utcb), 0, &page, LARGE_ORDER);
	return send_entries(m, base, 1) == 1;
}

/* False: the first page has no memory yet, or none any more. That may be so of a neighbour only, so
 * a group is then filled page by page. */
static bool fill_pages(struct machine *m, unsigned base, const struct fill *fill)
{
	l4_msg_regs_t *words = l4_utcb_mr_u(own_current()->utcb);
	unsigned runs;

	if (fill->large && fill_large(m, base, fill))
		return true;
	runs = put_group(words, fill);
	if (runs && send_entries(m, base, runs) == runs)
		return true;
	for (unsigned i = 0; i < fill->count; i++)
		put_entry(words, i, &fill->pages[i], PAGE_SHIFT);
	return send_entries(m, base, fill->count);
}

/* vmm gives memory at the first access. False: the guest has given it back. */
static bool fill_view(struct machine *m, unsigned base, const struct fill *fill)
{
	uint64_t frame = fill->pages[0].frame;

	if (fill_pages(m, base, fill))
		return true;
	if (m->track.frames[frame].released)
		return false;
	(void)*(volatile uint8_t *)guest_table(&m->memory, frame);
	return fill_pages(m, base, fill);
}

/* A page of the kernel in the half of processes is seen by user mode too, so it must not stay. */
static void note_kernel_page(struct vcpu *v)
{
	v->kernel_pages = true;
	own_from(v)->slow_exit = 1;
}

/* Entries of the kernel's view are about to be filled. A large one only where frames need no note
 * of their own for it. */
static void note_all_writable(struct machine *m, struct fill *fill)
{
	struct walk_page large = large_page(fill);

	fill->large &= !(large.rights & WALK_W) || is_usual_place(large.frame, large.address);
	for (unsigned i = 0; i < fill->count; i++)
		if (fill->pages[i].rights & WALK_W)
			note_writable(m, fill->pages[i].frame, fill->pages[i].address);
	for (unsigned i = 0; fill->large && large.rights & WALK_W && i < TABLE_ENTRIES; i++)
		note_writable(m, large.frame + i, large.address + i * (uint64_t)PAGE_BYTES);
}

/* Fill what an access needs. Machine's lock held. */
static enum walk_result fill_access(struct vcpu *v, unsigned base, uint64_t address,
				    unsigned access, struct fill *fill)
{
	struct machine *m = v->machine;
	enum walk_result result =
	    fill_prepare(&m->memory, &m->track, base, v->root, address, access, fill);

	if (result != WALK_OK)
		return result;
	if (base == TRACK_KERNEL)
		note_all_writable(m, fill);
	else if (!fill->user)
		note_kernel_page(v);
	drops_send(v);
	v->counters.fills += fill->count;
	if (fill_view(m, base, fill))
		return WALK_OK;
	fill->error = access | WALK_PRESENT | WALK_RESERVED;
	fill->slot = 0;
	return WALK_FAULT;
}

static unsigned base_of(const struct vcpu *v, uint64_t address)
{
	return address >= LOWER_HALF_END ? TRACK_KERNEL : v->base;
}

enum walk_result space_fault(struct vcpu *v, uint64_t address, unsigned access, unsigned *error)
{
	enum walk_result result;
	struct fill fill;

	lock(v->machine);
	if (fill_is_absent(&v->machine->memory, &v->machine->track, base_of(v, address), address,
			   &fill.slot)) {
		fill.error = access;
		result = WALK_FAULT;
	} else {
		result = fill_access(v, base_of(v, address), address, access, &fill);
	}
	unlock(v->machine);
	*error = fill.error;
	if (result == WALK_FAULT)
		v->told = (struct told_fault){ address, fill.slot, access, true };
	return result;
}

/* A hypercall has set the entry at a physical address: if it is the one that a fault wants, it is
 * filled, and the next fault, which would only do that, need not happen. Tables that were not there
 * have come meanwhile. */
static void answer_fault(struct vcpu *v, uint64_t address)
{
	struct machine *m = v->machine;
	struct told_fault *t = &v->told;
	struct walk_page page;
	struct fill fill;

	if (!t->slot)
		walk_entry_address(&m->memory, v->root, t->address, &t->slot);
	if (address != t->slot)
		return;
	t->waits = false;
	if (!(t->access & WALK_USER) ||
	    !fill_is_known(&m->memory, &m->track, v->base, t->address, t->access, &page)) {
		fill_access(v, base_of(v, t->address), t->address, t->access, &fill);
		return;
	}
	drops_send(v);
	v->counters.fills++;
	offers_make(v, &page);
}

void *space_alias(struct vcpu *v, uint64_t address)
{
	struct machine *m = v->machine;
	enum walk_result result;
	struct fill fill;

	if (address < LOWER_HALF_END)
		return NULL;
	lock(m);
	result =
	    fill_prepare(&m->memory, &m->track, TRACK_KERNEL, v->root, address, WALK_WRITE, &fill);
	unlock(m);
	if (result != WALK_OK)
		return NULL;
	return (char *)m->memory.base + (fill.pages[0].frame << PAGE_SHIFT) + address % PAGE_BYTES;
}

void space_drop_kernel_pages(struct vcpu *v)
{
	struct machine *m = v->machine;

	lock(m);
	drop(m, v->base, 0, 0);
	unlock(m);
	drops_settle(v);
	v->kernel_pages = false;
}

/* --- Switches --- */

static unsigned find(const struct machine *m, uint64_t root)
{
	unsigned hint = hints[root % GUEST_VIEWS_MAX];

	if (spaces[hint].root == root)
		return hint;
	for (unsigned i = 0; i < m->start->views; i++)
		if (spaces[i].root == root)
			return i;
	return GUEST_VIEWS_MAX;
}

/* The view that was used longest ago; there are more of them than vCPUs. */
static unsigned oldest(const struct machine *m)
{
	unsigned best = GUEST_VIEWS_MAX;

	for (unsigned i = 0; i < m->start->views; i++) {
		if (spaces[i].users)
			continue;
		if (spaces[i].root == NO_ROOT)
			return i;
		if (best == GUEST_VIEWS_MAX || uses - spaces[i].used > uses - spaces[best].used)
			best = i;
	}
	return best;
}

static unsigned take(struct machine *m, uint64_t root)
{
	unsigned i = find(m, root);

	if (i < GUEST_VIEWS_MAX) {
		track_flush(&m->track, i + 1);
	} else {
		i = oldest(m);
		if (spaces[i].root != NO_ROOT) /* else it is empty */
			track_release(&m->track, i + 1);
		spaces[i].root = root;
	}
	hints[root % GUEST_VIEWS_MAX] = i;
	spaces[i].users++;
	spaces[i].used = ++uses;
	return i;
}

void space_switch(struct vcpu *v, uint64_t root)
{
	struct machine *m = v->machine;
	unsigned old = v->base, i;

	v->counters.switches++;
	lock(m);
	if (old && v->root == root) {
		track_flush(&m->track, old);
		unlock(m);
		return;
	}
	if (old)
		spaces[old - 1].users--;
	i = take(m, root);
	v->base = i + 1;
	v->root = root;
	v->told.waits = false;
	offers_forget(v);
	unlock(m);
	own_ext(own_from(v))->process_view = m->start->process_views[i];
	own_from(v)->finish = 1;
}

/* --- Flushes --- */

void space_flush(struct vcpu *v)
{
	space_flush_mask(v->machine, 1UL << v->id);
}

/* The base of a vCPU, if no vCPU before it in the mask has it too; else 0, which is none here. */
static unsigned base_in(const struct machine *m, uint64_t mask, unsigned id)
{
	unsigned base = m->vcpu[id]->base;

	if (!(mask >> id & 1))
		return 0;
	for (unsigned i = 0; i < id; i++)
		if (mask >> i & 1 && m->vcpu[i]->base == base)
			return 0;
	return base;
}

void space_flush_mask(struct machine *m, uint64_t mask)
{
	lock(m);
	track_flush(&m->track, TRACK_KERNEL);
	for (unsigned i = 0; i < m->vcpus && mask >> i; i++)
		if (base_in(m, mask, i))
			track_flush(&m->track, base_in(m, mask, i));
	unlock(m);
}

/* Nobody waits for another CPU with the lock. */
static bool is_alone(const struct machine *m, unsigned base)
{
	return m->vcpus == 1 || (base != TRACK_KERNEL && spaces[base - 1].users <= 1);
}

static inline void flush_page(struct machine *m, unsigned base, uint64_t address)
{
	if (!track_may_be_old(&m->track, base))
		return;
	if (is_alone(m, base))
		fill_flush_page(&m->memory, &m->track, base, address);
	else
		track_flush_page(&m->track, base, address);
}

void space_flush_page(struct vcpu *v, uint64_t address)
{
	lock(v->machine);
	flush_page(v->machine, base_of(v, address), address);
	unlock(v->machine);
}

void space_flush_page_mask(struct machine *m, uint64_t mask, uint64_t address)
{
	lock(m);
	if (address >= LOWER_HALF_END)
		flush_page(m, TRACK_KERNEL, address);
	for (unsigned i = 0; address < LOWER_HALF_END && i < m->vcpus && mask >> i; i++)
		if (base_in(m, mask, i))
			flush_page(m, base_in(m, mask, i), address);
	unlock(m);
}

/* --- Changes --- */

/* The entry at a physical address is there. Machine's lock held. */
static void set_entry(struct machine *m, uint64_t address, uint64_t entry, bool keep_ad)
{
	uint64_t *slot = (uint64_t *)guest_entry(&m->memory, address);
	struct vcpu *v = &own_current()->v;
	uint64_t old = __atomic_load_n(slot, __ATOMIC_RELAXED), new;

	do
		new = keep_ad ? entry | (old & (PTE_ACCESSED | PTE_DIRTY)) : entry;
	while (!__atomic_compare_exchange_n(slot, &old, new, false, __ATOMIC_SEQ_CST,
					    __ATOMIC_SEQ_CST));
	if (old & PTE_PRESENT)
		fill_changed(&m->memory, &m->track, address >> PAGE_SHIFT, address % PAGE_BYTES / 8,
			     old, new);
	if (v->told.waits && new &PTE_PRESENT)
		answer_fault(v, address);
}

bool space_set_entry(struct machine *m, uint64_t address, uint64_t entry, bool keep_ad)
{
	if (!guest_entry(&m->memory, address))
		return false;
	lock(m);
	set_entry(m, address, entry, keep_ad);
	unlock(m);
	return true;
}

bool space_set_mapping(struct vcpu *v, uint64_t address, uint64_t entry)
{
	struct machine *m = v->machine;
	uint64_t slot;
	bool found;

	lock(m);
	found = fill_known_slot(&m->track, base_of(v, address), address, &slot) ||
		walk_entry_address(&m->memory, v->root, address, &slot);
	if (found)
		set_entry(m, slot, entry, false);
	unlock(m);
	return found;
}

void space_pin(struct machine *m, uint64_t frame, unsigned level)
{
	unsigned before, i;
	bool unpins_root;

	lock(m);
	before = m->track.frames[frame].pinned;
	unpins_root = !level && (!before || before == TABLE_LEVELS);
	track_pin(&m->track, frame, level);
	i = unpins_root ? find(m, frame) : GUEST_VIEWS_MAX;
	if (i < GUEST_VIEWS_MAX && !spaces[i].users) {
		track_release(&m->track, i + 1);
		spaces[i].root = NO_ROOT;
	}
	unlock(m);
}
