/* SPDX-License-Identifier: MIT */
/*
 * One page to another task and back, by task operations and by a message. The place is a fresh one
 * each time; the page tables around it are there, held by one page that stays.
 */
#include "groups.h"

#include <l4/sys/task.h>

#define WINDOW		0x50000000UL /* 2 MiB */
#define WINDOW_CROWD	0x60000000UL
#define PLACE(n)	(WINDOW + (n) % 256 * PAGE_BYTES)
#define PAGE_THAT_STAYS (WINDOW + 511 * PAGE_BYTES)
enum { PATTERN = 0x7a11, CROWD = 500 };

static uint64_t *page;
static volatile uint64_t seen;

static l4_fpage_t page_fpage(unsigned rights)
{
	return l4_fpage((l4_addr_t)page, L4_PAGESHIFT, (unsigned char)rights);
}

static void map_into(struct task *t, l4_addr_t to)
{
	must("map", l4_task_map(t->cap, L4_BASE_TASK_CAP, page_fpage(L4_FPAGE_RW),
				l4_map_control(to, 0, L4_MAP_ITEM_MAP)));
}

static void unmap_others(void)
{
	must("unmap",
	     l4_task_unmap(L4_BASE_TASK_CAP, page_fpage(L4_FPAGE_RWX), L4_FP_OTHER_SPACES));
}

static void read_place(void *place)
{
	seen = *(volatile uint64_t *)place;
}

/* What is measured must really map: a thread of the other task reads the page. */
static void check_mapping(struct task *t, l4_addr_t place)
{
	struct thread *reader = thread_create(t, read_place, (void *)place);

	seen = 0;
	thread_start(reader, 0, PRIO_ABOVE);
	if (!thread_join(reader, 1000) || seen != PATTERN)
		tap_bail("the mapped page does not show in the other task");
	thread_destroy(reader);
}

static void bench_task_map(struct task *t, const char *map_id, const char *unmap_id)
{
	struct row *map = row_open(map_id), *unmap = row_open(unmap_id);
	l4_utcb_t *utcb = l4_utcb();
	l4_msgtag_t tag;

	map_into(t, PLACE(0));
	check_mapping(t, PLACE(0));
	unmap_others();
	while (!row_full(unmap)) {
		l4_umword_t to = l4_map_control(PLACE(map->count), 0, L4_MAP_ITEM_MAP);

		MEASURE(map, tag = l4_task_map_u(t->cap, L4_BASE_TASK_CAP, page_fpage(L4_FPAGE_RW),
						 to, utcb));
		must(map_id, tag);
		MEASURE(unmap, tag = l4_task_unmap_u(L4_BASE_TASK_CAP, page_fpage(L4_FPAGE_RWX),
						     L4_FP_OTHER_SPACES, utcb));
		must(unmap_id, tag);
	}
	row_close(map);
	row_close(unmap);
}

static uint64_t *crowd_memory;

/* Other mappings must not make it dearer. */
static void bench_crowded(struct task *t)
{
	for (unsigned i = 0; i < CROWD; i++)
		must("map", l4_task_map(
				t->cap, L4_BASE_TASK_CAP,
				l4_fpage((l4_addr_t)crowd_memory + i * PAGE_BYTES, L4_PAGESHIFT,
					 L4_FPAGE_RW),
				l4_map_control(WINDOW_CROWD + i * PAGE_BYTES, 0, L4_MAP_ITEM_MAP)));
	bench_task_map(t, "x_map_page_crowd", "x_unmap_page_crowd");
}

/* Takes the page that each message maps. */
static void take_pages(void *unused)
{
	l4_utcb_t *utcb = l4_utcb();
	l4_msgtag_t tag, empty = l4_msgtag(0, 0, 0, 0);
	l4_umword_t label;

	(void)unused;
	utcb->br.bdr = 0;
	utcb->br.br[0] = L4_ITEM_MAP;
	utcb->br.br[1] = l4_fpage(WINDOW, 21, 0).raw;
	utcb->br.br[2] = 0;
	tag = l4_ipc_wait(utcb, &label, L4_IPC_NEVER);
	for (;;) {
		if (l4_msgtag_label(tag))
			seen = *(volatile uint64_t *)PLACE(utcb->mr.mr[0]);
		tag = l4_ipc_reply_and_wait(utcb, empty, &label, L4_IPC_NEVER);
	}
}

static l4_msgtag_t call_with_page(l4_cap_idx_t gate, l4_umword_t to, l4_utcb_t *utcb)
{
	utcb->mr.mr[0] = to;
	utcb->mr.mr[1] = page_fpage(L4_FPAGE_RW).raw;
	return l4_ipc_call(gate, utcb, l4_msgtag(0, 0, 1, 0), L4_IPC_NEVER);
}

static void bench_ipc_map(struct task *t)
{
	struct row *r = row_open("ipc_map_page");
	struct thread *server = thread_create(t, take_pages, NULL);
	l4_utcb_t *utcb = l4_utcb();
	l4_cap_idx_t gate;
	l4_msgtag_t tag;

	thread_start(server, 0, PRIO_MAIN);
	gate = gate_create(server, 0x30);
	while (!row_full(r)) {
		l4_umword_t to = l4_map_control(PLACE(r->count), 0, L4_MAP_ITEM_MAP);

		MEASURE(r, tag = call_with_page(gate, to, utcb));
		must("ipc_map_page", tag);
		mr_set(0, r->count - 1);
		seen = 0;
		must("call", l4_ipc_call(gate, utcb, l4_msgtag(1, 1, 0, 0), L4_IPC_NEVER));
		if (seen != PATTERN)
			tap_bail("ipc_map_page: the page is not there");
		must("unmap",
		     l4_task_unmap(L4_BASE_TASK_CAP, page_fpage(L4_FPAGE_RWX), L4_FP_OTHER_SPACES));
	}
	row_close(r);
	cap_delete(gate);
	thread_destroy(server);
}

void bench_map(void)
{
	struct task *t = task_create();
	uint64_t *stays = mem_alloc(L4_PAGESHIFT);

	page = mem_alloc(L4_PAGESHIFT);
	crowd_memory = mem_alloc(21);
	*page = PATTERN;
	must("map", l4_task_map(t->cap, L4_BASE_TASK_CAP,
				l4_fpage((l4_addr_t)stays, L4_PAGESHIFT, L4_FPAGE_RW),
				l4_map_control(PAGE_THAT_STAYS, 0, L4_MAP_ITEM_MAP)));
	bench_task_map(t, "map_page", "unmap_page");
	bench_ipc_map(t);
	bench_crowded(t);
	task_destroy(t);
}
