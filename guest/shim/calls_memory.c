/* SPDX-License-Identifier: MIT */
/* Hypercall for memory: its map, and giving some of it back for a while. */
#include "guest/requests.h"
#include "shim/access.h"
#include "shim/calls.h"
#include "shim/host.h"
#include "shim/lock.h"
#include "shim/space.h"
#include "xen/memory.h"

/* Frame numbers that are copied from the guest at a time; extents are at most 2 MiB. */
enum { CHUNK = GUEST_EXTENTS_MAX, OP_BITS = 6 };

static uint64_t ram_frames(const struct vcpu *v)
{
	return v->machine->start->ram_frames;
}

/* Is each frame of an extent RAM, and given back or there, as asked for? */
static bool extent_is(const struct vcpu *v, uint64_t frame, uint64_t pages, bool released)
{
	const struct track_frame *frames = v->machine->track.frames;

	if (frame >= ram_frames(v) || pages > ram_frames(v) - frame || frame % pages)
		return false;
	for (uint64_t i = frame; i < frame + pages; i++)
		if (frames[i].released != released)
			return false;
	return true;
}

/* The tracker's words are next to the mark, so both locks are held. */
static void mark(struct vcpu *v, uint64_t frame, uint64_t pages, bool released)
{
	struct machine *m = v->machine;

	lock_take(v, &m->lock);
	for (uint64_t i = frame; i < frame + pages; i++)
		m->track.frames[i].released = released;
	m->released += released ? pages : -pages;
	lock_drop(&m->lock);
}

/* Frames that nobody uses as tables any more. */
static void unpin(struct vcpu *v, uint64_t frame, uint64_t pages)
{
	for (uint64_t i = frame; i < frame + pages; i++)
		space_pin(v->machine, i, 0);
}

void memory_give_back(struct vcpu *v, uint64_t frame)
{
	unpin(v, frame, 1);
	mark(v, frame, 1, true);
	v->settle = true;
	host_release(v, &frame, 1, 0);
}

/* Mark as many extents, from the first one on, as are not as asked for; none of them twice. */
static unsigned mark_some(struct vcpu *v, const uint64_t *extents, unsigned count, unsigned order,
			  bool released)
{
	uint64_t pages = 1UL << order;
	unsigned n = 0;

	for (; n < count && extent_is(v, extents[n], pages, !released); n++) {
		if (released)
			unpin(v, extents[n], pages);
		mark(v, extents[n], pages, released);
	}
	return n;
}

/* Frames are marked before they are gone, and those that do not come back once more. Returns how
 * many of the extents worked, from the first one on. */
static unsigned change_some(struct vcpu *v, const uint64_t *extents, unsigned count, unsigned order,
			    bool give_back)
{
	unsigned marked, done;

	lock_take(v, &v->machine->bindings);
	marked = mark_some(v, extents, count, order, give_back);
	v->settle |= marked && give_back;
	if (!marked)
		done = 0;
	else if (give_back)
		done = host_release(v, extents, marked, order);
	else
		done = host_populate(v, extents, marked, order);
	for (unsigned i = done; i < marked; i++)
		mark(v, extents[i], 1UL << order, !give_back);
	lock_drop(&v->machine->bindings);
	return done;
}

static bool read_reservation(struct vcpu *v, uint64_t at, struct xen_memory_reservation *r)
{
	return guest_read(v, r, at, sizeof(*r)) && r->domain == XEN_DOMAIN_SELF &&
	       r->extent_order <= GUEST_ORDER_MAX &&
	       r->nr_extents <= (uint64_t)INT64_MAX >> OP_BITS;
}

/* Both return the number of extents done, those of earlier calls (start) included. A populated
 * frame is the one that was asked for, so the guest's list stays as it is. */
static long change_reservation(struct vcpu *v, uint64_t at, uint64_t start, bool give_back)
{
	struct xen_memory_reservation r;
	uint64_t frames[CHUNK], done = start;

	if (!read_reservation(v, at, &r))
		return start;
	while (done < r.nr_extents) {
		uint64_t left = r.nr_extents - done;
		unsigned count = left < CHUNK ? left : CHUNK, worked;

		if (!guest_read(v, frames, r.extents + 8 * done, count * sizeof(frames[0])))
			break;
		worked = change_some(v, frames, count, r.extent_order, give_back);
		done += worked;
		if (worked < count)
			break;
		host_look(v);
	}
	return done;
}

static long decrease(struct vcpu *v, uint64_t at, uint64_t start)
{
	return change_reservation(v, at, start, true);
}

static long populate_physmap(struct vcpu *v, uint64_t at, uint64_t start)
{
	return change_reservation(v, at, start, false);
}

/* An extent that was given back, from *frame on. */
static bool find_released(const struct vcpu *v, uint64_t *frame, unsigned order)
{
	for (; *frame < ram_frames(v); *frame += 1UL << order)
		if (extent_is(v, *frame, 1UL << order, true))
			return true;
	return false;
}

/* The guest takes what it gets, and is told which frames that is. */
static long increase(struct vcpu *v, uint64_t at, uint64_t start)
{
	struct xen_memory_reservation r;
	uint64_t done = start, frame = 0;

	if (!read_reservation(v, at, &r))
		return start;
	for (; done < r.nr_extents && find_released(v, &frame, r.extent_order); done++) {
		if (!change_some(v, &frame, 1, r.extent_order, false))
			break;
		if (r.extents && !guest_write(v, r.extents + 8 * done, &frame, sizeof(frame))) {
			change_some(v, &frame, 1, r.extent_order, true);
			break;
		}
	}
	return done;
}

/* --- Exchange --- */

static bool read_frame(struct vcpu *v, const struct xen_memory_reservation *r, uint64_t n,
		       uint64_t *frame)
{
	return guest_read(v, frame, r->extents + 8 * n, sizeof(*frame));
}

/* Page n of a reservation's list. */
static bool page_of(struct vcpu *v, const struct xen_memory_reservation *r, uint64_t n,
		    uint64_t *frame)
{
	if (!read_frame(v, r, n >> r->extent_order, frame))
		return false;
	*frame += n & ((1UL << r->extent_order) - 1);
	return true;
}

/* 0 if what the guest has is what it wants: frames that follow each other and are where it says. */
static long compare(struct vcpu *v, const struct xen_memory_exchange *x, uint64_t pages)
{
	unsigned bits = x->out.flags & XEN_MEMORY_ADDRESS_BITS;
	uint64_t in, out;

	for (uint64_t n = 0; n < pages; n++) {
		if (!page_of(v, &x->in, n, &in) || !page_of(v, &x->out, n, &out))
			return -XEN_EFAULT;
		if (!extent_is(v, in, 1, false))
			return -XEN_EINVAL;
		if (in != out || (bits && bits < 64 && (in + 1) << PAGE_SHIFT > 1UL << bits))
			return -XEN_ENOMEM;
	}
	return 0;
}

/*
 * Frames that are contiguous for the guest are so for its devices, since both numbers are the same.
 * So the guest keeps what it has, if that is what it asks for; other frames there are none.
 */
static long exchange(struct vcpu *v, uint64_t at)
{
	struct xen_memory_exchange x;
	uint64_t pages;
	long result;

	if (!guest_read(v, &x, at, sizeof(x)))
		return -XEN_EFAULT;
	if (x.in.domain != XEN_DOMAIN_SELF || x.out.domain != XEN_DOMAIN_SELF)
		return -XEN_EPERM;
	if (x.in.extent_order > GUEST_ORDER_MAX || x.out.extent_order > GUEST_ORDER_MAX ||
	    x.in.nr_extents > ram_frames(v) || x.out.nr_extents > ram_frames(v) || x.nr_exchanged)
		return -XEN_EINVAL;
	pages = x.in.nr_extents << x.in.extent_order;
	if (pages != x.out.nr_extents << x.out.extent_order || pages > ram_frames(v))
		return -XEN_EINVAL;
	result = compare(v, &x, pages);
	x.nr_exchanged = result ? 0 : x.in.nr_extents;
	return guest_write(v, at, &x, sizeof(x)) ? result : -XEN_EFAULT;
}

/* No frame of the guest's is part of the list. */
static long machphys_list(struct vcpu *v, uint64_t at)
{
	struct xen_machphys_list l;

	if (!guest_read(v, &l, at, sizeof(l)))
		return -XEN_EFAULT;
	l.nr_extents = 0;
	return guest_write(v, at, &l, sizeof(l)) ? 0 : -XEN_EFAULT;
}

/* --- The rest --- */

static long of_domain(struct vcpu *v, uint64_t at, uint64_t pages)
{
	uint16_t domain;

	if (!guest_read(v, &domain, at, sizeof(domain)))
		return -XEN_EFAULT;
	return domain == XEN_DOMAIN_SELF ? (long)pages : -XEN_ESRCH;
}

static long memory_map(struct vcpu *v, uint64_t at)
{
	struct xen_e820_entry ram = { 0, ram_frames(v) << PAGE_SHIFT, XEN_E820_RAM };
	struct xen_memory_map map;

	if (!guest_read(v, &map, at, sizeof(map)))
		return -XEN_EFAULT;
	if (map.nr_entries && !guest_write(v, map.buffer, &ram, sizeof(ram)))
		return -XEN_EFAULT;
	map.nr_entries = map.nr_entries ? 1 : 0;
	return guest_write(v, at, &map, sizeof(map)) ? 0 : -XEN_EFAULT;
}

static long machphys_mapping(struct vcpu *v, uint64_t at)
{
	struct xen_machphys_mapping m = { .v_start = GUEST_M2P,
					  .v_end = GUEST_M2P + 8 * ram_frames(v),
					  .max_mfn = ram_frames(v) - 1 };

	return guest_write(v, at, &m, sizeof(m)) ? 0 : -XEN_EFAULT;
}

/* memory_op(operation and extents done before, argument) */
long call_memory_op(struct vcpu *v, const uint64_t *args)
{
	uint64_t start = args[0] >> OP_BITS;

	switch (args[0] & XEN_MEMORY_OP_MASK) {
	case XEN_MEMORY_INCREASE_RESERVATION:
		return increase(v, args[1], start);
	case XEN_MEMORY_DECREASE_RESERVATION:
		return decrease(v, args[1], start);
	case XEN_MEMORY_POPULATE_PHYSMAP:
		return populate_physmap(v, args[1], start);
	case XEN_MEMORY_MAXIMUM_RAM_PAGE:
		return ram_frames(v) - 1;
	case XEN_MEMORY_CURRENT_RESERVATION:
		return of_domain(v, args[1], ram_frames(v) - v->machine->released);
	case XEN_MEMORY_MAXIMUM_RESERVATION:
		return of_domain(v, args[1], ram_frames(v));
	case XEN_MEMORY_MAXIMUM_FRAME:
		return of_domain(v, args[1], ram_frames(v) - 1);
	case XEN_MEMORY_MEMORY_MAP:
		return memory_map(v, args[1]);
	case XEN_MEMORY_EXCHANGE:
		return exchange(v, args[1]);
	case XEN_MEMORY_MACHPHYS_LIST:
		return machphys_list(v, args[1]);
	case XEN_MEMORY_ADD_TO_PHYSMAP:
	case XEN_MEMORY_REMOVE_FROM_PHYSMAP:
		return -XEN_EACCES; /* for domains whose physical addresses are translated */
	case XEN_MEMORY_MACHPHYS_MAPPING:
		return machphys_mapping(v, args[1]);
	default:
		return -XEN_ENOSYS;
	}
}
