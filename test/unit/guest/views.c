/* SPDX-License-Identifier: MIT */
/* Processes of a guest, and what its views show. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include <l4/zwinger/view.h>

#include "shim/drops.h"
#include "shim/host.h"
#include "unit/guest/views.h"

struct guest_words memory;
struct track_frame tracked[FRAMES];
struct own *running;

struct machine machine;
struct guest_start start;
struct own owns[VCPUS];
struct views_told told;
static l4_utcb_t utcbs[VCPUS];
static _Alignas(4096) char states[VCPUS][4096];

/* --- The microkernel: what each view shows --- */

static struct view {
	struct shown pages[SHOWN_MAX];
	unsigned count;
} views[1 + VIEWS];

struct recorded_call recorded;

struct shown *find_shown(unsigned base, uint64_t address)
{
	struct view *v = &views[base];

	for (unsigned i = 0; i < v->count; i++)
		if (v->pages[i].address == (address & -(uint64_t)PAGE_BYTES))
			return &v->pages[i];
	return NULL;
}

static void show(unsigned base, uint64_t address, uint64_t frame, unsigned rights)
{
	struct shown *s = find_shown(base, address);

	if (!s)
		s = &views[base].pages[views[base].count++];
	assert_true(views[base].count < SHOWN_MAX);
	*s = (struct shown){ address, frame, rights };
}

static void show_entry(unsigned base, l4_zw_view_entry_t e)
{
	unsigned order = l4_zw_view_entry_order(e);

	assert_int_equal(0, l4_zw_view_entry_guest(e) & ((1UL << order) - 1));
	assert_int_equal(0, l4_zw_view_entry_home(e) & ((1UL << order) - 1));
	for (uint64_t at = 0; at < 1UL << order; at += PAGE_BYTES)
		show(base, l4_zw_view_entry_guest(e) + at,
		     (l4_zw_view_entry_home(e) + at - GUEST_RAM) >> PAGE_SHIFT,
		     l4_zw_view_entry_rights(e));
}

/* Fills; what was told to be dropped, and is still on its way, must not be filled anew. */
l4_msgtag_t record_call(l4_umword_t selector, l4_utcb_t *utcb, l4_umword_t slabel, l4_msgtag_t tag,
			l4_umword_t *rlabel, l4_timeout_t timeout)
{
	l4_umword_t *words = l4_utcb_mr_u(utcb)->mr;
	unsigned base = (unsigned)((selector & -(l4_umword_t)VIEW_STEP) - KERNEL_VIEW) / VIEW_STEP;

	(void)slabel, (void)rlabel, (void)timeout;
	assert_int_equal(L4_ZW_VIEW_FILL_OP, words[0]);
	assert_ptr_equal(running->utcb, utcb);
	assert_int_equal(1, machine.lock);
	assert_int_equal(0, machine.drops.count);
	told.fills++;
	told.entries = (unsigned)(l4_msgtag_words(tag) - 1) / 2;
	words[0] = 0;
	if (told.refusals) {
		told.refusals--;
		return l4_msgtag(-L4_ENOENT, 1, 0, 0);
	}
	for (unsigned i = 0; i < told.entries; i++)
		show_entry(base, (l4_zw_view_entry_t){ words[1 + 2 * i], words[2 + 2 * i] });
	words[0] = told.entries;
	return l4_msgtag(0, 1, 0, 0);
}

static void drop_range(unsigned base, const struct drop_range *range)
{
	uint64_t start = range->start & -4096UL;

	for (unsigned p = views[base].count; p--;) {
		if (views[base].pages[p].address - start >= range->bytes)
			continue;
		if (range->start & DROP_WRITING)
			views[base].pages[p].rights &= ~(unsigned)WALK_W;
		else
			views[base].pages[p] = views[base].pages[--views[base].count];
	}
}

void host_drop(struct vcpu *v, unsigned base, const struct drop_range *ranges, unsigned count)
{
	(void)v;
	told.drops++;
	if (!count)
		views[base].count = 0;
	for (unsigned i = 0; i < count; i++)
		drop_range(base, &ranges[i]);
}

/* Nobody else holds the lock; the other vCPU is done with what it tells after a while. */
void host_yield(struct vcpu *v)
{
	assert_ptr_not_equal(vcpu_of(1), v);
	assert_true(vcpu_of(1)->telling & 1);
	vcpu_of(1)->telling++;
}

/* --- The guest --- */

void run(unsigned id)
{
	running = &owns[id];
}

uint64_t table_of(unsigned process, unsigned level)
{
	return PROCESSES + process * TABLES + TABLE_LEVELS - level;
}

uint64_t *user_entry(unsigned process, uint64_t address)
{
	return &memory.words[table_of(process, 1)][table_index(address, 1)];
}

uint64_t physical(const uint64_t *entry)
{
	return (uint64_t)((const char *)entry - (const char *)memory.words);
}

static void link_tables(uint64_t upper, uint64_t lower, uint64_t address, unsigned level)
{
	memory.words[upper][table_index(address, level)] = to_frame(lower, UPPER);
}

static void make_process(unsigned p)
{
	link_tables(table_of(p, 4), DIRECT_L3, DIRECT, 4);
	link_tables(table_of(p, 4), IMAGE_L3, IMAGE, 4);
	for (unsigned level = 4; level > 1; level--)
		link_tables(table_of(p, level), table_of(p, level - 1), USER, level);
	for (unsigned i = 0; i < 32; i++)
		*user_entry(p, USER + i * 4096UL) = to_frame(DATA + i, WRITABLE);
}

static void make_tables(void)
{
	link_tables(DIRECT_L3, DIRECT_L2, DIRECT, 3);
	link_tables(DIRECT_L2, DIRECT_L1, DIRECT, 2);
	link_tables(IMAGE_L3, IMAGE_L2, IMAGE, 3);
	link_tables(IMAGE_L2, IMAGE_L1, IMAGE, 2);
	for (unsigned i = 0; i < TABLE_ENTRIES; i++) {
		memory.words[DIRECT_L1][i] = to_frame(i, PTE_PRESENT | PTE_WRITE);
		memory.words[IMAGE_L1][i] = to_frame(i, PTE_PRESENT | PTE_WRITE);
		memory.words[LARGE_L1][i] =
		    to_frame(LARGE + i, PTE_PRESENT | PTE_WRITE | PTE_ACCESSED | PTE_DIRTY);
	}
	for (unsigned i = 0; i < (DATA - PROCESSES) / TABLES; i++)
		make_process(i);
}

static void make_vcpu(unsigned id)
{
	memset(&owns[id], 0, sizeof(owns[id]));
	owns[id].utcb = &utcbs[id];
	owns[id].state = (l4_vcpu_state_t *)states[id];
	owns[id].v.machine = &machine;
	owns[id].v.id = id;
	machine.vcpu[id] = &owns[id].v;
}

int views_start(void **state)
{
	(void)state;
	memset(&memory, 0, sizeof(memory));
	memset(tracked, 0, sizeof(tracked));
	memset(views, 0, sizeof(views));
	memset(&told, 0, sizeof(told));
	start = (struct guest_start){ .views = VIEWS, .kernel_view = KERNEL_VIEW };
	for (unsigned i = 0; i < VIEWS; i++)
		start.process_views[i] = KERNEL_VIEW + (i + 1) * VIEW_STEP;
	machine =
	    (struct machine){ .start = &start, .memory = { memory.words, FRAMES }, .vcpus = VCPUS };
	for (unsigned i = 0; i < VCPUS; i++)
		make_vcpu(i);
	make_tables();
	run(0);
	space_init(&machine);
	return 0;
}

void switch_to(unsigned id, unsigned process)
{
	run(id);
	space_switch(vcpu_of(id), table_of(process, 4));
	drops_settle(vcpu_of(id));
}

void access_page(unsigned id, uint64_t address, unsigned access)
{
	unsigned error;

	run(id);
	assert_int_equal(WALK_OK, space_fault(vcpu_of(id), address, access, &error));
}

unsigned fault(unsigned id, uint64_t address, unsigned access)
{
	unsigned error = 0;

	run(id);
	assert_int_equal(WALK_FAULT, space_fault(vcpu_of(id), address, access, &error));
	return error;
}

const struct shown *seen(unsigned id, uint64_t address)
{
	return find_shown(address >= LOWER_HALF_END ? TRACK_KERNEL : vcpu_of(id)->base, address);
}

void assert_shows(unsigned id, uint64_t address, uint64_t frame, unsigned rights)
{
	const struct shown *s = seen(id, address);

	assert_non_null(s);
	assert_int_equal(frame, s->frame);
	assert_int_equal(rights, s->rights & rights);
}

bool is_writable(uint64_t frame)
{
	for (unsigned i = 0; i < views[TRACK_KERNEL].count; i++)
		if (views[TRACK_KERNEL].pages[i].frame == frame &&
		    views[TRACK_KERNEL].pages[i].rights & WALK_W)
			return true;
	return false;
}

void set_user_entry(unsigned process, uint64_t address, uint64_t entry)
{
	assert_true(
	    space_set_entry(&machine, physical(user_entry(process, address)), entry, false));
	drops_settle(&running->v);
}
