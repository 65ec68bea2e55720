/* SPDX-License-Identifier: MIT */
/* Long operations on memory: mapping, revoking, page by page and in large pages, deep and wide. */
#include "stages.h"
#include "guest.h"

#include <l4/sys/factory.h>
#include <l4/sys/task.h>
#include <l4/zwinger/view.h>

#define AREA   0x40000000UL /* 4 MiB in 4 KiB pages */
#define COPY   0x50000000UL
#define PLACES 0x60000000UL
#define KU     0x70000000UL
enum { AREA_ORDER = 22, AREA_PAGES = 1024, LEVELS = 250, COPIES = 1000, BATCH = 61, ITEMS = 28 };
enum { KU_ORDER_MAX = 17, VIEWS = 16, VIEW_QUOTA = 1 << 20, VIEW_SLOTS = 8 };
enum { SHARING = 64, UPPER_FIRST = 272 };
#define ROOT_SLOT_BYTES (1UL << 39)

static char *memory; /* large pages */
static struct task *from, *to;

static l4_fpage_t fpage(const void *at, unsigned order)
{
	return l4_fpage((l4_addr_t)at, order, L4_FPAGE_RWX);
}

static void map(struct task *dst, struct task *src, l4_addr_t at, unsigned order, l4_addr_t place)
{
	must("map", l4_task_map(dst->cap, src->cap, l4_fpage(at, order, L4_FPAGE_RW),
				l4_map_control(place, 0, L4_MAP_ITEM_MAP)));
}

static void unmap(struct task *t, l4_addr_t at, unsigned order, l4_umword_t whence)
{
	must("unmap", l4_task_unmap(t->cap, l4_fpage(at, order, L4_FPAGE_RWX), whence));
}

static void fill_area(struct task *t)
{
	for (unsigned i = 0; i < AREA_PAGES; i++)
		map(t, &root_task, (l4_addr_t)memory + i * PAGE_BYTES, L4_PAGESHIFT,
		    AREA + i * PAGE_BYTES);
}

static void stages_small_pages(void)
{
	fill_area(from);
	STAGE("map 1024 pages", map(to, from, AREA, AREA_ORDER, COPY));
	STAGE("unmap 1024 pages from others", unmap(from, AREA, AREA_ORDER, L4_FP_OTHER_SPACES));
	map(to, from, AREA, AREA_ORDER, COPY);
	STAGE("write-protect 1024 pages",
	      must("unmap", l4_task_unmap(from->cap, l4_fpage(AREA, AREA_ORDER, L4_FPAGE_W),
					  L4_FP_OTHER_SPACES)));
	STAGE("unmap 1024 pages from all", unmap(from, AREA, AREA_ORDER, L4_FP_ALL_SPACES));
}

static void stages_large_pages(void)
{
	STAGE("map 4 MiB", map(to, &root_task, (l4_addr_t)memory, AREA_ORDER, COPY));
	STAGE("unmap 4 MiB", unmap(&root_task, (l4_addr_t)memory, AREA_ORDER, L4_FP_OTHER_SPACES));
	STAGE("map everything", map(to, &root_task, 0, L4_WHOLE_ADDRESS_SPACE, 0));
	STAGE("unmap everything from others",
	      unmap(&root_task, 0, L4_WHOLE_ADDRESS_SPACE, L4_FP_OTHER_SPACES));
}

static void stages_trees(void)
{
	for (unsigned i = 0; i < COPIES; i++)
		map(to, &root_task, (l4_addr_t)memory, L4_PAGESHIFT, PLACES + i * PAGE_BYTES);
	STAGE("unmap a page that was mapped 1000 times",
	      unmap(&root_task, (l4_addr_t)memory, L4_PAGESHIFT, L4_FP_OTHER_SPACES));
	map(to, &root_task, (l4_addr_t)memory, L4_PAGESHIFT, PLACES);
	for (unsigned i = 0; i < LEVELS; i++)
		map(to, to, PLACES + i * PAGE_BYTES, L4_PAGESHIFT, PLACES + (i + 1) * PAGE_BYTES);
	STAGE("unmap a page that was mapped on 250 times in a row",
	      unmap(&root_task, (l4_addr_t)memory, L4_PAGESHIFT, L4_FP_OTHER_SPACES));
}

static void stage_batch(void)
{
	l4_fpage_t pages[BATCH];

	map(to, &root_task, (l4_addr_t)memory, 21, COPY);
	for (unsigned i = 0; i < BATCH; i++)
		pages[i] = fpage(memory + i * PAGE_BYTES, L4_PAGESHIFT);
	STAGE(
	    "unmap 61 pages in a batch",
	    must("unmap", l4_task_unmap_batch(L4_BASE_TASK_CAP, pages, BATCH, L4_FP_OTHER_SPACES)));
}

static void stages_kernel_user_memory(void)
{
	l4_cap_idx_t slot = cap_alloc();

	STAGE("128 KiB of kernel-user memory",
	      must("add_ku_mem", l4_task_add_ku_mem(to->cap, l4_fpage(KU, KU_ORDER_MAX, 0))));
	STAGE("task with 128 KiB of UTCBs",
	      must("task", l4_factory_create_task(L4_BASE_FACTORY_CAP, slot,
						  l4_fpage(KU, KU_ORDER_MAX, 0))));
	STAGE("delete it", cap_delete(slot));
}

void stages_memory(void)
{
	memory = mem_alloc(AREA_ORDER);
	from = task_create();
	to = task_create();
	stages_small_pages();
	stages_large_pages();
	stages_trees();
	stage_batch();
	stages_kernel_user_memory();
	fill_area(from);
	map(to, from, AREA, AREA_ORDER, COPY);
	STAGE("delete a task with 1024 pages, mapped on", task_destroy(from));
	STAGE("delete a task with nothing left", task_destroy(to));
}

/* --- Messages --- */

/* One window for each item. */
static void take_all(void *unused)
{
	l4_msgtag_t tag, done = l4_msgtag(0, 0, 0, 0);
	l4_umword_t label;

	(void)unused;
	l4_utcb_br()->bdr = 0;
	for (unsigned i = 0; i < ITEMS; i++) {
		l4_utcb_br()->br[2 * i] = L4_ITEM_MAP;
		l4_utcb_br()->br[2 * i + 1] = l4_fpage_all().raw;
	}
	l4_utcb_br()->br[2 * ITEMS] = 0;
	tag = l4_ipc_wait(l4_utcb(), &label, L4_IPC_NEVER);
	for (;;) {
		if (l4_msgtag_has_error(tag))
			tag = l4_ipc_wait(l4_utcb(), &label, L4_IPC_NEVER);
		else
			tag = l4_ipc_reply_and_wait(l4_utcb(), done, &label, L4_IPC_NEVER);
	}
}

/* Word 0: hot spot, word 1: flexpage, for each item. */
static l4_msgtag_t send_pages(l4_cap_idx_t gate, unsigned items, l4_addr_t at, unsigned order)
{
	for (unsigned i = 0; i < items; i++) {
		mr_set(2 * i, l4_map_control(COPY + ((l4_addr_t)i << order), 0, L4_MAP_ITEM_MAP));
		mr_set(2 * i + 1, l4_fpage(at + ((l4_addr_t)i << order), order, L4_FPAGE_RW).raw);
	}
	return l4_ipc_call(gate, l4_utcb(), l4_msgtag(0, 0, items, 0), L4_IPC_NEVER);
}

static void call_with_words(l4_cap_idx_t gate)
{
	must("call", l4_ipc_call(gate, l4_utcb(), l4_msgtag(0, 60, 0, 0), L4_IPC_NEVER));
}

void stages_message(void)
{
	struct task *other = task_create();
	struct thread *t = thread_create(other, take_all, NULL);
	l4_cap_idx_t gate;

	fill_area(&root_task);
	thread_start(t, 0, PRIO_ABOVE);
	gate = gate_create(t, 0x40);
	STAGE("call with 60 words", call_with_words(gate));
	STAGE("message with 28 pages", must("call", send_pages(gate, ITEMS, AREA, L4_PAGESHIFT)));
	unmap(&root_task, AREA, AREA_ORDER, L4_FP_OTHER_SPACES);
	STAGE("message with a range of 1024 pages",
	      must("call", send_pages(gate, 1, AREA, AREA_ORDER)));
	STAGE("delete a task whose thread serves", task_destroy(other));
	cap_delete(gate);
	unmap(&root_task, AREA, AREA_ORDER, L4_FP_ALL_SPACES);
}

/* --- Views --- */

/* One page in as many top-level slots as fit, so that the view has many tables. */
static void fill_view(l4_cap_idx_t view, l4_addr_t home)
{
	l4_zw_view_entry_t entry[VIEW_SLOTS];
	unsigned filled;

	for (unsigned i = 0; i < VIEW_SLOTS; i++)
		entry[i] =
		    l4_zw_view_entry(AREA + i * ROOT_SLOT_BYTES, home, L4_PAGESHIFT, L4_FPAGE_RW);
	must("view fill", l4_zw_view_fill(view, entry, VIEW_SLOTS, &filled));
	if (filled != VIEW_SLOTS)
		tap_bail("only %u of %u view entries", filled, VIEW_SLOTS);
}

static void fill_window(l4_cap_idx_t view)
{
	static l4_zw_view_entry_t entry[L4_ZW_VIEW_PAIRS_MAX];
	unsigned filled;

	for (unsigned i = 0; i < L4_ZW_VIEW_PAIRS_MAX; i++)
		entry[i] = l4_zw_view_entry(COPY + i * 8 * PAGE_BYTES, AREA + i * 8 * PAGE_BYTES,
					    L4_PAGESHIFT + 3, L4_FPAGE_RW);
	must("view fill", l4_zw_view_fill(view, entry, L4_ZW_VIEW_PAIRS_MAX, &filled));
}

/* All root slots of the upper half of a kernel view. */
static void fill_upper(l4_cap_idx_t view)
{
	for (l4_addr_t slot = UPPER_FIRST; slot < 512; slot++)
		must("view fill", l4_msgtag(view_fill(view, ~(l4_addr_t)0 << 48 | slot << 39,
						      memory, L4_LOG2_SUPERPAGESIZE, L4_FPAGE_RW),
					    0, 0, 0));
}

/* As many as a paravirtual guest may have, with the same kernel. */
static void stages_shared_view(void)
{
	struct guest *g = guest_start(NULL, 0);
	l4_cap_idx_t kernel = view_create(L4_BASE_TASK_CAP, 1024), view[SHARING];

	g->kernel = kernel;
	for (unsigned i = 0; i < SHARING; i++) {
		g->process = view[i] = view_create(L4_BASE_TASK_CAP, 16);
		guest_run(g, GUEST_KERNEL, 1000);
	}
	fill_upper(kernel);
	STAGE("drop a whole view that 64 others are put together with",
	      must("drop", l4_zw_view_drop_all(kernel)));
	guest_end(g);
	for (unsigned i = 0; i < SHARING; i++)
		cap_delete(view[i]);
	cap_delete(kernel);
}

void stages_view(void)
{
	struct task *home = task_create();
	l4_cap_idx_t view[VIEWS];

	fill_area(home);
	for (unsigned i = 0; i < VIEWS; i++) {
		view[i] = cap_alloc();
		must("view", l4_zw_factory_create_view(L4_BASE_FACTORY_CAP, view[i], home->cap,
						       VIEW_QUOTA));
		fill_view(view[i], AREA);
	}
	STAGE("fill 31 view entries of 8 pages", fill_window(view[0]));
	STAGE("drop a whole view", must("drop", l4_zw_view_drop_all(view[0])));
	STAGE("unmap a page below 16 views",
	      unmap(&root_task, (l4_addr_t)memory, L4_PAGESHIFT, L4_FP_OTHER_SPACES));
	for (unsigned i = 0; i < VIEWS; i++)
		fill_view(view[i], AREA + PAGE_BYTES);
	STAGE("unmap 1024 pages below 16 views",
	      unmap(&root_task, (l4_addr_t)memory, AREA_ORDER, L4_FP_OTHER_SPACES));
	STAGE("delete a view", cap_delete(view[0]));
	STAGE("delete a task with 15 views", task_destroy(home));
	stages_shared_view();
}
