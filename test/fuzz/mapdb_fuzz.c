/* SPDX-License-Identifier: MIT */
/*
 * Fuzzer for the mapping database: random maps, grants, unmaps and destructions in three spaces,
 * compared after each step with a model that is a flat array of pages with a parent each. With the
 * first bit of the input set, allocations fail at random instead; then only the invariants are
 * checked. At the end no byte may be left.
 */
#include <stdlib.h>
#include <string.h>
#include "core/print.h"
#include "host.h"
#include "mm/mapnode.h"

enum { SPACES = 3, PAGES = 1024, FRAMES = 2048, MAX_RECORDS = SPACES * PAGES, SIGMA0 = -1 };
#define WINDOW (0x40000000ULL - 0x200000) /* two tables that hang on different ones */

struct record {
	bool used;
	int space;
	int parent; /* index, or SIGMA0 */
	u64 va, pa;
	unsigned order;
	u8 rights;
};

static struct record records[MAX_RECORDS];
static int top;			   /* records from here on are not used */
static short owner[SPACES][PAGES]; /* record of each page, or SIGMA0 */
static struct space sigma0, space[SPACES];
static struct space *const spaces[] = { &space[0], &space[1], &space[2], NULL };

/* --- The model --- */

static u64 size_of(const struct record *r)
{
	return 1ULL << r->order;
}

static int model_find(int s, u64 va)
{
	return owner[s][(va - WINDOW) / PAGE_SIZE];
}

/* Enter record i into, or remove it from, its pages. */
static void model_own(int i, bool enter)
{
	struct record *r = &records[i];
	short *first = &owner[r->space][(r->va - WINDOW) / PAGE_SIZE];

	r->used = enter;
	for (u64 k = 0; k < size_of(r) / PAGE_SIZE; k++)
		first[k] = enter ? (short)i : SIGMA0;
}

static bool model_descends(int i, int ancestor)
{
	while (i != ancestor && i != SIGMA0)
		i = records[i].parent;
	return i == ancestor;
}

/* Remove rights (MAP_R: the page) from i and all its descendants. */
static void model_revoke(int i, u8 rights)
{
	bool below[MAX_RECORDS];

	for (int k = 0; k < top; k++)
		below[k] = records[k].used && model_descends(k, i);
	for (int k = 0; k < top; k++) {
		if (below[k] && rights & MAP_R)
			model_own(k, false);
		else if (below[k])
			records[k].rights &= (u8)~rights;
	}
}

/* Revoke from the children of i (or SIGMA0) that overlap the frames first..last. */
static void model_revoke_children(int i, u64 first, u64 last, u8 rights)
{
	for (int k = 0; k < top; k++)
		if (records[k].used && records[k].parent == i && records[k].pa <= last &&
		    records[k].pa + size_of(&records[k]) - 1 >= first)
			model_revoke(k, rights);
}

static void model_unmap(int s, u64 va, u64 size, u8 rights, bool self)
{
	if (!rights)
		return;
	if (rights & MAP_R)
		rights = MAP_R;
	if (s == SIGMA0) {
		model_revoke_children(SIGMA0, va, va + size - 1, rights);
		return;
	}
	for (u64 a = va; a < va + size; a += PAGE_SIZE) {
		int i = model_find(s, a);

		if (i == SIGMA0)
			continue;
		if (self)
			model_revoke(i, rights);
		else
			model_revoke_children(i, records[i].pa + (a - records[i].va),
					      records[i].pa + (a - records[i].va) + PAGE_SIZE - 1,
					      rights);
	}
}

static int model_new(void)
{
	for (int i = 0; i < top; i++)
		if (!records[i].used)
			return i;
	return top++;
}

/* Deal with what is at the target. 0: free now or before; 1: look again; 2: piece is done. */
static int model_target(int s, u64 dva, unsigned order, int source, u64 pa, u8 rights, bool grant)
{
	int i = model_find(s, dva), again = 0;
	struct record *t = i == SIGMA0 ? NULL : &records[i];

	if (!t || t->order < order) {
		for (u64 a = dva; a < dva + (1ULL << order); a += PAGE_SIZE) {
			i = model_find(s, a);
			if (i != SIGMA0) {
				model_revoke(i, MAP_R);
				again = 1;
			}
		}
		return again;
	}
	if (grant || t->pa + (dva - t->va) != pa || i == source || !model_descends(i, source) ||
	    (t->order > order && rights & ~t->rights)) {
		model_revoke(i, MAP_R);
		return 1;
	}
	if (t->order == order) {
		t->rights |= rights;
		if (t->parent != SIGMA0 && t->rights & ~records[t->parent].rights)
			t->parent = source;
	}
	return 2;
}

static void model_enter(int i, int s, int parent, u64 va, u64 pa, unsigned order, u8 rights)
{
	records[i] = (struct record){ .used = true,
				      .space = s,
				      .parent = parent,
				      .va = va,
				      .pa = pa,
				      .order = order,
				      .rights = rights };
	model_own(i, true);
}

static void model_grant(int source, int s, u64 va, u8 rights)
{
	model_revoke(source, (u8)(~rights & (MAP_W | MAP_X)));
	model_own(source, false);
	records[source].space = s;
	records[source].va = va;
	model_own(source, true);
}

/* One piece; returns its size. */
static u64 model_piece(int src, u64 sva, int dst, u64 dva, u64 left, u8 rights, bool *grant)
{
	int source = src == SIGMA0 ? SIGMA0 : model_find(src, sva);
	struct record *r = source == SIGMA0 ? NULL : &records[source];
	unsigned order = r ? r->order : 21;
	u64 pa = r ? r->pa + (sva - r->va) : sva;
	u8 given = (u8)((r ? r->rights : 7) & (rights | MAP_R));
	int what;

	if (!r && src != SIGMA0)
		return PAGE_SIZE;
	if (((sva | dva) & ((1ULL << order) - 1)) || left < 1ULL << order)
		order = 12;
	if (!r || r->order != order)
		*grant = false;
	what = model_target(dst, dva, order, source, pa, given, *grant);
	if (what == 1)
		return 0;
	if (what == 0 && *grant)
		model_grant(source, dst, dva, rights);
	else if (what == 0)
		model_enter(model_new(), dst, source, dva, pa, order, given);
	return 1ULL << order;
}

static void model_map(int src, u64 sva, int dst, u64 dva, u64 size, u8 rights, bool grant)
{
	for (u64 done = 0; done < size;)
		done += model_piece(src, sva + done, dst, dva + done, size - done, rights, &grant);
}

static void compare(void)
{
	unsigned n = 0;

	for (int i = 0; i < top; i++) {
		struct record *r = &records[i];
		unsigned order;
		phys_t pa;
		u8 rights;

		if (!r->used)
			continue;
		n++;
		BUG_ON(!space_lookup(&space[r->space], uaddr(r->va), &pa, &order, &rights));
		BUG_ON(pa.v != r->pa || order != r->order || rights != r->rights);
	}
	BUG_ON(mapcheck(spaces) != n);
}

/* --- Input --- */

static const uint8_t *input, *input_end;

static unsigned take(void)
{
	return input < input_end ? *input++ : 0;
}

static u64 take_address(int s, u64 mask)
{
	u64 page = take() | take() << 8;

	return s == SIGMA0 ? (page % FRAMES * PAGE_SIZE) & ~mask
			   : WINDOW + ((page % PAGES * PAGE_SIZE) & ~mask);
}

static struct space *space_of(int s)
{
	return s == SIGMA0 ? &sigma0 : &space[s];
}

/* Small ranges often, the whole window sometimes. */
static unsigned take_order(unsigned v)
{
	static const unsigned char orders[] = { 12, 12, 12, 13, 15, 18, 21, 21 };

	return orders[v % sizeof(orders)];
}

/* --- Steps --- */

static void step_map(bool model)
{
	unsigned v = take(), w = take();
	int src = (int)(v % (SPACES + 1)) - 1, dst = (int)(v / 4 % SPACES);
	unsigned order = take_order(v / 16);
	u64 mask = (1ULL << order) - 1;
	struct map_progress p = { 0 };
	struct map_request r = { .src = space_of(src),
				 .dst = &space[dst],
				 .sva = uaddr(take_address(src, mask)),
				 .dva = uaddr(take_address(dst, mask)),
				 .order = order,
				 .rights = w & 7,
				 .grant = (w & 0x38) == 0x38,
				 .progress = &p };
	bool grant = r.grant;
	u8 taken = grant ? ~r.rights & (MAP_W | MAP_X) : 0;

	host_preempt = w & 0x40;
	if (!model)
		host_fail_in = 1 + take() % 16;
	while (mapdb_map(&r) == MAPDB_AGAIN)
		mapcheck_taking(spaces, taken);
	host_fail_in = 0;
	if (model)
		model_map(src, r.sva.v, dst, r.dva.v, mask + 1, r.rights, grant);
}

static void step_unmap(bool model)
{
	unsigned v = take(), w = take();
	int s = (int)(v % (SPACES + 1)) - 1;
	unsigned order = take_order(v / 16);
	struct map_progress p = { 0 };
	struct unmap_request r = { .space = space_of(s),
				   .va = uaddr(take_address(s, (1ULL << order) - 1)),
				   .order = order,
				   .rights = w & 7,
				   .self = w & 8,
				   .progress = &p };

	host_preempt = w & 0x40;
	if (s == SIGMA0)
		r.self = false;
	while (mapdb_unmap(&r) == MAPDB_AGAIN)
		mapcheck_taking(spaces, r.rights & (MAP_W | MAP_X));
	if (model)
		model_unmap(s, r.va.v, 1ULL << order, r.rights, r.self);
}

static void destroy(struct space *s)
{
	s->dying = true;
	while (space_destroy(s) == MAPDB_AGAIN)
		;
	space_free(s);
}

static void step_destroy(bool model)
{
	int s = (int)(take() % SPACES);

	destroy(&space[s]);
	BUG_ON(space_init(&space[s], &root_quota, false));
	if (model)
		model_unmap(s, WINDOW, PAGES * PAGE_SIZE, MAP_R, true);
}

static void step(bool model)
{
	unsigned what = take() % 16;

	if (what < 9)
		step_map(model);
	else if (what < 15)
		step_unmap(model);
	else
		step_destroy(model);
	if (model)
		compare();
	else
		mapcheck(spaces);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bool model;

	input = data;
	input_end = data + size;
	host_reset();
	memset(records, 0, (size_t)top * sizeof(*records));
	memset(owner, 0xff, sizeof(owner));
	top = 0;
	BUG_ON(space_init(&sigma0, &root_quota, false));
	sigma0.sigma0 = true;
	for (unsigned i = 0; i < SPACES; i++)
		BUG_ON(space_init(&space[i], &root_quota, false));
	model = !(take() & 1);
	while (input < input_end)
		step(model);
	for (unsigned i = 0; i < SPACES; i++)
		destroy(&space[i]);
	destroy(&sigma0);
	BUG_ON(host_bytes || quota_used(&root_quota) || memory_root.sub);
	return 0;
}
