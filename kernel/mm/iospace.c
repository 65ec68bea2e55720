/* SPDX-License-Identifier: MIT */
/*
 * I/O port spaces. The hardware bitmap says what is allowed; why it is allowed says the mapping
 * tree, the same as for memory with a port as a page of 4 KiB (its address is port << 12): order 12
 * is a port, 21 a block of 512 ports, 30 all ports. Everything is guarded by the mapdb lock; the
 * bitmap may be read without.
 */
#include <l4/sys/err.h>
#include "core/preempt.h"
#include "mm/mapnode.h"

enum {
	PORTS = 65536,
	BLOCK_PORTS = 512,
	BLOCKS = PORTS / BLOCK_PORTS,
	BITMAP_BYTES = PORTS / 8,
	BITMAP_ORDER = 1, /* log2 pages */
	ORDER_PORT = 12,
	ORDER_BLOCK = 21,
	ORDER_ALL = 30,
	BLOCK_TABLE = 1, /* flag of io_space.block */
	BLOCK_ONE = 2,	 /* a port in use in the table: counted above the flag */
};

struct io_space {
	struct space space;  /* as owner of mappings; has no page tables */
	u8 *bitmap;	     /* bit set: denied */
	struct mapping *all; /* mapping of all ports */
	u64 block[BLOCKS];   /* 0, mapping of a block, or table of mappings | count | BLOCK_TABLE */
};

static SLAB_CACHE(io_space_cache, sizeof(struct io_space), 64);

struct io_space *io_space_create(struct quota *q)
{
	struct io_space *s = slab_alloc(&io_space_cache, q);

	if (!s)
		return NULL;
	*s = (struct io_space){ .space = { .quota = q, .io = s } };
	s->bitmap = page_alloc(q, BITMAP_ORDER);
	if (!s->bitmap) {
		slab_free(&io_space_cache, q, s);
		return NULL;
	}
	fill_words(s->bitmap, ~0ULL, BITMAP_BYTES);
	return s;
}

const u8 *io_bitmap(struct io_space *s)
{
	return s->bitmap;
}

bool io_allowed(struct io_space *s, u32 port, unsigned bytes)
{
	if (!s || port + bytes > PORTS)
		return false;
	for (u32 p = port; p < port + bytes; p++)
		if (READ_ONCE(s->bitmap[p / 8]) & 1 << p % 8)
			return false;
	return true;
}

static u32 order_ports(unsigned order)
{
	return order == ORDER_ALL ? PORTS : 1u << (order - ORDER_PORT);
}

static u32 mapping_port(const struct mapping *m)
{
	return (u32)(mapping_address(m) >> ORDER_PORT);
}

static void bitmap_set(struct io_space *s, const struct mapping *m, bool denied)
{
	u32 port = mapping_port(m), n = order_ports(mapping_order(m));
	u8 bit = (u8)(1 << port % 8);

	if (n > 1)
		fill_words(s->bitmap + port / 8, denied ? ~0ULL : 0, n / 8);
	else if (denied)
		s->bitmap[port / 8] |= bit;
	else
		s->bitmap[port / 8] &= (u8)~bit;
}

/* --- From port to mapping --- */

static struct mapping **block_table(u64 block)
{
	return (struct mapping **)(block & ~PAGE_MASK);
}

/* The mapping of s at port, NULL if there is none; *order: what it, or the gap found, covers. */
static struct mapping *io_find(struct io_space *s, u32 port, unsigned *order)
{
	u64 block = s->block[port / BLOCK_PORTS];

	*order = ORDER_ALL;
	if (s->all)
		return s->all;
	*order = ORDER_BLOCK;
	if (!(block & BLOCK_TABLE))
		return (struct mapping *)block;
	*order = ORDER_PORT;
	return block_table(block)[port % BLOCK_PORTS];
}

/* First mapping of s that overlaps the ports first..last; *order: of it. */
static struct mapping *io_next(struct io_space *s, u32 first, u32 last, unsigned *order)
{
	for (u32 p = first; p <= last; p = (u32)align_up(p + 1, order_ports(*order))) {
		struct mapping *m = io_find(s, p, order);

		if (m)
			return m;
	}
	return NULL;
}

/* Remember m in s. False: no memory. */
static bool io_enter(struct io_space *s, struct mapping *m)
{
	u32 port = mapping_port(m);
	u64 *block = &s->block[port / BLOCK_PORTS];

	switch (mapping_order(m)) {
	case ORDER_ALL:
		s->all = m;
		break;
	case ORDER_BLOCK:
		*block = (u64)m;
		break;
	default:
		if (!*block) {
			void *table = page_alloc_zeroed(s->space.quota, 0);

			if (!table)
				return false;
			*block = (u64)table | BLOCK_TABLE;
		}
		block_table(*block)[port % BLOCK_PORTS] = m;
		*block += BLOCK_ONE;
	}
	bitmap_set(s, m, false);
	return true;
}

static void io_forget(struct io_space *s, const struct mapping *m)
{
	u32 port = mapping_port(m);
	u64 *block = &s->block[port / BLOCK_PORTS];

	switch (mapping_order(m)) {
	case ORDER_ALL:
		s->all = NULL;
		break;
	case ORDER_BLOCK:
		*block = 0;
		break;
	default:
		block_table(*block)[port % BLOCK_PORTS] = NULL;
		*block -= BLOCK_ONE;
		if ((*block & PAGE_MASK) != BLOCK_TABLE)
			break;
		page_free(s->space.quota, block_table(*block), 0);
		*block = 0;
	}
}

void io_entry_remove(struct mapop *op, struct mapping *m, bool dead)
{
	if (!(m->where & MAPPING_DEAD)) {
		bitmap_set(m->space->io, m, true);
		op->ports = true;
	}
	if (dead)
		m->where |= MAPPING_DEAD;
	else
		io_forget(m->space->io, m);
}

/* --- Map --- */

enum io_step { IO_NEXT, IO_AGAIN, IO_NOMEM };

struct io_piece {
	u32 port;
	unsigned order;
	struct mapping *source;
};

/* Source of the piece at p->port, of at most left ports. NULL: none, p->order is the gap. */
static struct mapping *io_source(const struct io_map_request *r, struct io_piece *p, u32 left)
{
	p->source = &port_root;
	p->order = ORDER_ALL;
	if (r->src) {
		p->source = io_find(r->src, p->port, &p->order);
		if (!p->source || p->source->where & MAPPING_DEAD)
			return NULL;
	}
	while (order_ports(p->order) > left || p->port % order_ports(p->order))
		p->order -= PT_BITS;
	return p->source;
}

static enum io_step io_map_new(struct io_map_request *r, const struct io_piece *p)
{
	struct quota *q = r->dst->space.quota;
	u64 address = (u64)p->port << ORDER_PORT;
	unsigned depth = mapping_depth(p->source) + 1;
	struct mapping *m = depth <= MAPPING_MAX_DEPTH ? slab_alloc(&mapping_cache, q) : NULL;
	struct place place;

	if (!m)
		return IO_NOMEM;
	*m = (struct mapping){ .space = &r->dst->space };
	m->where = mapping_where(depth, address, p->order, MAP_R);
	if (!mapping_place(p->source, address & ((1ULL << mapping_order(p->source)) - 1), p->order,
			   &place))
		goto no_place;
	if (!io_enter(r->dst, m))
		goto no_entry;
	mapping_link(&place, m);
	r->mapped++;
	return IO_NEXT;
no_entry:
	mapping_prune(place.parent);
no_place:
	slab_free(&mapping_cache, q, m);
	return IO_NOMEM;
}

/* Move the whole mapping behind the piece. */
static enum io_step io_grant(struct mapop *op, struct io_map_request *r, const struct io_piece *p)
{
	struct mapping *m = p->source;
	struct quota *old = m->space->quota, *q = r->dst->space.quota;
	u64 bytes = mapping_bytes(m);

	if (!quota_charge(q, bytes))
		return IO_NOMEM;
	if (!io_enter(r->dst, m)) {
		quota_release(q, bytes);
		return IO_NOMEM;
	}
	io_entry_remove(op, m, false);
	mapping_set_space(m, &r->dst->space);
	quota_release(old, bytes);
	r->mapped++;
	return IO_NEXT;
}

static enum io_step io_clear(struct mapop *op, struct io_map_request *r, struct mapping *t)
{
	u32 port = mapping_port(t);

	r->clearing = revoke_mapping(op, t) ? 0 : port + 1;
	return IO_AGAIN;
}

static enum io_step io_map_piece(struct mapop *op, struct io_map_request *r, struct io_piece *p)
{
	bool grant = r->grant && p->source != &port_root && p->order == mapping_order(p->source);
	unsigned order;
	struct mapping *t = io_next(r->dst, p->port, p->port + order_ports(p->order) - 1, &order);

	if (!t)
		return grant ? io_grant(op, r, p) : io_map_new(r, p);
	if (grant || order < p->order || t == p->source || t->where & MAPPING_DEAD ||
	    !mapping_is_ancestor(p->source, t))
		return io_clear(op, r, t);
	r->mapped++;
	return IO_NEXT;
}

static enum io_step io_clear_target(struct mapop *op, struct io_map_request *r)
{
	unsigned order;
	struct mapping *t = io_find(r->dst, r->clearing - 1, &order);

	r->clearing = 0;
	return t && t->where & MAPPING_DEAD ? io_clear(op, r, t) : IO_AGAIN;
}

/* Work until done (IO_NEXT) or the budget is used up (IO_AGAIN). */
static enum io_step io_map_run(struct mapop *op, struct io_map_request *r, u32 ports)
{
	while (r->progress < ports) {
		struct io_piece p = { .port = r->port + (u32)r->progress };
		enum io_step step = IO_NEXT;

		if (op->budget-- <= 0)
			return IO_AGAIN;
		if (r->clearing)
			step = io_clear_target(op, r);
		else if (io_source(r, &p, ports - (u32)r->progress))
			step = io_map_piece(op, r, &p);
		if (step == IO_NOMEM)
			return step;
		if (step == IO_NEXT)
			r->progress = align_up(p.port + 1, order_ports(p.order)) - r->port;
	}
	return IO_NEXT;
}

static u32 range_ports(u32 port, unsigned order)
{
	u32 n = order < 16 ? 1u << order : PORTS;

	return port >= PORTS ? 0 : (u32)min_u64(n, PORTS - port);
}

int io_map(struct io_map_request *r)
{
	struct mapop op;
	enum io_step step;

	for (;;) {
		mapop_begin(&op);
		step = io_map_run(&op, r, range_ports(r->port, r->order));
		mapop_end(&op);
		if (step == IO_NEXT)
			return 0;
		if (step == IO_NOMEM)
			return -L4_ENOMEM;
		if (preempt_pending())
			return MAPDB_AGAIN;
	}
}

/* --- Unmap --- */

/* Revoke from mapping m, of which the ports first..last are in the range. */
static bool io_unmap_mapping(struct mapop *op, struct mapping *m, bool self, u32 first, u32 last)
{
	u32 base = mapping_port(m);
	u32 from = first > base ? first - base : 0;

	if (self || m->where & MAPPING_DEAD)
		return revoke_mapping(op, m);
	return revoke_below(op, m, (u64)from << ORDER_PORT,
			    ((u64)(last - base + 1) << ORDER_PORT) - 1);
}

static bool io_unmap_run(struct mapop *op, struct io_space *s, u32 port, u32 ports, bool self,
			 u64 *progress)
{
	u32 last = port + ports - 1;

	while (*progress < ports) {
		u32 at = port + (u32)*progress;
		unsigned order;
		struct mapping *m = io_find(s, at, &order);

		if (op->budget-- <= 0)
			return false;
		if (m && !io_unmap_mapping(op, m, self, at, last))
			return false;
		*progress = align_up(at + 1, order_ports(order)) - port;
	}
	return true;
}

int io_unmap(struct io_space *s, u32 port, unsigned order, bool self, u64 *progress)
{
	u32 ports = range_ports(port, order);
	struct mapop op;
	bool done;

	if (!ports)
		return 0;
	for (;;) {
		mapop_begin(&op);
		done = s ? io_unmap_run(&op, s, port, ports, self, progress)
			 : revoke_below(&op, &port_root, (u64)port << ORDER_PORT,
					((u64)(port + ports) << ORDER_PORT) - 1);
		mapop_end(&op);
		if (done)
			return 0;
		if (preempt_pending())
			return MAPDB_AGAIN;
	}
}

/* Revoke everything from s. Starts from the first port each time: what is gone is quickly passed.
 */
static bool destroy_run(struct mapop *op, struct io_space *s)
{
	unsigned order;
	struct mapping *m;

	while ((m = io_next(s, 0, PORTS - 1, &order)))
		if (!revoke_mapping(op, m) || op->budget <= 0)
			return false;
	return true;
}

int io_space_destroy(struct io_space *s)
{
	struct quota *q = s->space.quota;
	struct mapop op;
	bool done;

	for (;;) {
		mapop_begin(&op);
		done = destroy_run(&op, s);
		mapop_end(&op);
		if (done)
			break;
		if (preempt_pending())
			return MAPDB_AGAIN;
	}
	page_free(q, s->bitmap, BITMAP_ORDER);
	slab_free(&io_space_cache, q, s);
	return 0;
}
