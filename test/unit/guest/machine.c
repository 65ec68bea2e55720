/* SPDX-License-Identifier: MIT */
/* The guest, its vCPUs and the host's side of them. */
#include <stdlib.h>
#include <string.h>

#include "shim/access.h"
#include "shim/drops.h"
#include "shim/host.h"
#include "shim/space.h"
#include "shim/timers.h"
#include "shim/walk.h"
#include "unit/guest/machine.h"
#include "xen/sched.h"

enum { BASES = 2, WAITS_MAX = 10000 };

struct guest_frames guest;
struct machine machine;
struct told told;

static struct vcpu vcpus[VCPUS];
static struct guest_start start;
static struct event_channel channels[PORTS];
static struct xen_vcpu_info *infos[VCPUS];
static bool polling[VCPUS];
static struct track_frame tracked[FRAMES];
static struct track_base bases[BASES];

static void drop(void *context, unsigned base, uint64_t from, uint64_t bytes)
{
	drops_add(((struct machine *)context)->vcpu[0], base, from, bytes);
}

static void protect(void *context, uint64_t frame)
{
	(void)context, (void)frame;
}

static void kick(void *context, unsigned vcpu)
{
	host_kick(context, vcpu);
}

static void notify(void *context, unsigned domain, uint32_t port)
{
	(void)domain, (void)port;
	host_notify(((struct machine *)context)->vcpu[0]);
}

static void show(void *context, unsigned base, const struct walk_page *page)
{
	(void)context, (void)base, (void)page;
}

static const struct track_effects track_effects = { drop, drop, protect, show };

static void *page(void *context, uint64_t frame)
{
	(void)context;
	return frame < RAM_FRAMES ? guest.words[frame] : NULL;
}

static void relax(void *context)
{
	(void)context;
}

static const struct events_effects events_effects = { kick, notify, page, relax };

void machine_map(void)
{
	const uint64_t upper = PTE_PRESENT | PTE_WRITE | PTE_USER;

	guest.words[ROOT][table_index(KERNEL_ADDRESS, 4)] = (uint64_t)L3 << PAGE_SHIFT | upper;
	guest.words[L3][table_index(KERNEL_ADDRESS, 3)] = (uint64_t)L2 << PAGE_SHIFT | upper;
	guest.words[L2][table_index(KERNEL_ADDRESS, 2)] = (uint64_t)L1 << PAGE_SHIFT | upper;
	for (uint64_t i = 0; i < FRAMES; i++)
		guest.words[L1][i] = i << PAGE_SHIFT | PTE_PRESENT | PTE_WRITE;
	guest.words[L1][table_index(READ_ONLY, 1)] &= ~PTE_WRITE;
}

static void start_vcpus(void)
{
	memset(vcpus, 0, sizeof(vcpus));
	for (unsigned i = 0; i < VCPUS; i++) {
		infos[i] = &machine.shared->vcpu_info[i];
		infos[i]->upcall_mask = 1;
		vcpus[i].machine = &machine;
		vcpus[i].id = i;
		vcpus[i].root = ROOT;
		vcpus[i].info = infos[i];
		vcpus[i].times.state = i ? XEN_OFFLINE : XEN_RUNNING;
		machine.vcpu[i] = &vcpus[i];
	}
	vcpus[0].run = VCPU_UP;
}

int machine_start(void **state)
{
	(void)state;
	memset(&guest, 0, sizeof(guest));
	memset(channels, 0, sizeof(channels));
	memset(polling, 0, sizeof(polling));
	told = (struct told){
		.now = 1000, .shutdown = -1, .accesses_left = UINT32_MAX, .populate_max = UINT64_MAX
	};
	start = (struct guest_start){ .frames = FRAMES,
				      .ram_frames = RAM_FRAMES,
				      .vcpus = VCPUS,
				      .grant_frame = GRANT_FRAME,
				      .grant_frames = GRANT_FRAMES };
	machine = (struct machine){ .start = &start,
				    .memory = { guest.words, FRAMES },
				    .shared = at(SHARED_FRAME),
				    .scale = tsc_scale(2000000),
				    .vcpus = VCPUS };
	machine.track = (struct track){ .frames = tracked,
					.bases = bases,
					.frame_count = FRAMES,
					.base_count = BASES,
					.effects = &track_effects,
					.context = &machine };
	machine.events = (struct events){ .shared = machine.shared,
					  .infos = infos,
					  .polling = polling,
					  .vcpus = VCPUS,
					  .channels = channels,
					  .ports = PORTS,
					  .effects = &events_effects,
					  .context = &machine };
	track_init(&machine.track);
	machine_map();
	start_vcpus();
	return 0;
}

/* The memory of an access that the tables allow up to the end of its page, or NULL. */
static char *reach(struct vcpu *v, uint64_t address, unsigned access)
{
	struct walk w;

	if (walk(&machine.memory, v->root, address, access, &w) != WALK_OK)
		return NULL;
	return (char *)at(w.frame) + address % PAGE_BYTES;
}

static bool copy(struct vcpu *v, char *ours, uint64_t theirs, size_t bytes, bool write)
{
	if (!told.accesses_left)
		return false;
	told.accesses_left--;
	while (bytes) {
		size_t some = PAGE_BYTES - theirs % PAGE_BYTES;
		char *page = reach(v, theirs, write ? WALK_WRITE : 0);

		if (!page)
			return false;
		some = some < bytes ? some : bytes;
		memcpy(write ? page : ours, write ? ours : page, some);
		ours += some;
		theirs += some;
		bytes -= some;
	}
	return true;
}

bool guest_read(struct vcpu *v, void *to, uint64_t from, size_t bytes)
{
	return copy(v, to, from, bytes, false);
}

bool guest_write(struct vcpu *v, uint64_t to, const void *from, size_t bytes)
{
	return copy(v, (char *)from, to, bytes, true);
}

bool guest_frame(struct vcpu *v, uint64_t address, uint64_t *frame)
{
	struct walk w;

	if (walk(&machine.memory, v->root, address, 0, &w) != WALK_OK)
		return false;
	*frame = w.frame;
	return true;
}

void space_switch(struct vcpu *v, uint64_t root)
{
	if (root >= FRAMES)
		abort();
	told.switches++;
	v->root = root;
}

void space_flush(struct vcpu *v)
{
	(void)v;
	told.flushes++;
}

void space_flush_page(struct vcpu *v, uint64_t address)
{
	(void)v;
	told.page_flushes++;
	told.flushed = address;
}

static void flush_mask(uint64_t mask)
{
	if (mask >> VCPUS)
		abort();
	told.mask = mask;
}

void space_flush_mask(struct machine *m, uint64_t mask)
{
	(void)m;
	told.mask_flushes++;
	flush_mask(mask);
}

void space_flush_page_mask(struct machine *m, uint64_t mask, uint64_t address)
{
	(void)m;
	told.page_mask_flushes++;
	told.flushed = address;
	flush_mask(mask);
}

bool space_set_entry(struct machine *m, uint64_t address, uint64_t entry, bool keep_ad)
{
	table_entry *slot = guest_entry(&m->memory, address);
	uint64_t old;

	if (!slot)
		return false;
	old = *slot;
	*slot = entry | (keep_ad ? old & (PTE_ACCESSED | PTE_DIRTY) : 0);
	track_changed(&m->track, address >> PAGE_SHIFT, address % PAGE_BYTES / 8, old, *slot);
	return true;
}

bool space_set_mapping(struct vcpu *v, uint64_t address, uint64_t entry)
{
	uint64_t slot;

	return walk_entry_address(&v->machine->memory, v->root, address, &slot) &&
	       space_set_entry(v->machine, slot, entry, false);
}

void host_drop(struct vcpu *v, unsigned base, const struct drop_range *ranges, unsigned count)
{
	(void)v, (void)ranges;
	if (base >= BASES || count > DROPS_MAX)
		abort();
	told.drops++;
}

void space_begin(struct vcpu *v)
{
	(void)v;
}

void space_end(struct vcpu *v)
{
	(void)v;
}

void space_pin(struct machine *m, uint64_t frame, unsigned level)
{
	if (frame >= FRAMES || level > 4)
		abort();
	told.pinned[frame] = level + 1;
	track_pin(&m->track, frame, level);
}

uint64_t host_time(struct machine *m)
{
	(void)m;
	return told.now;
}

bool host_displaced(struct machine *m, unsigned vcpu)
{
	(void)m;
	return told.displaced >> vcpu & 1;
}

void host_kick(struct machine *m, unsigned vcpu)
{
	if (vcpu >= m->vcpus)
		abort();
	told.kicks[vcpu]++;
}

void host_timer(struct vcpu *v)
{
	(void)v;
	told.timers++;
}

/* Time goes on to the end of the wait or the next timer. */
void host_wait(struct vcpu *v, uint64_t until)
{
	uint64_t next = timers_next(v);

	if (++told.waits > WAITS_MAX)
		abort();
	told.wait_until = until;
	if (told.meanwhile)
		told.meanwhile(v);
	if (until && (!next || until < next))
		next = until;
	if (next > told.now)
		told.now = next;
	timers_run(v, told.now);
}

uint64_t host_away(struct vcpu *v)
{
	uint64_t away = told.away;

	(void)v;
	told.away = 0;
	return away;
}

void host_look(struct vcpu *v)
{
	(void)v;
	told.looks++;
}

void host_watchdog(struct vcpu *v)
{
	host_shutdown(v, XEN_SHUTDOWN_WATCHDOG);
}

void host_yield(struct vcpu *v)
{
	(void)v;
	if (++told.yields > WAITS_MAX)
		abort();
}

void host_shutdown(struct vcpu *v, unsigned reason)
{
	(void)v;
	told.shutdown = reason;
}

void host_segment_base(struct vcpu *v, enum xen_segment_base which)
{
	(void)v;
	if (which > XEN_SEGMENT_GS_USER_SELECTOR)
		abort();
	told.bases |= 1U << which;
}

void host_new_task(struct vcpu *v)
{
	(void)v;
	told.tasks++;
}

void host_descriptor(struct vcpu *v, unsigned entry, uint64_t descriptor)
{
	(void)v;
	if (entry < 12 || entry > 15)
		abort();
	told.descriptors[entry] = descriptor;
}

long host_new_ldt(struct vcpu *v, unsigned entries)
{
	(void)v;
	if (told.ldt_error)
		return told.ldt_error;
	if (entries > 8192)
		abort();
	told.ldt_entries = entries;
	for (unsigned i = 0; i < 64; i++)
		told.ldt[i] = 0;
	return 0;
}

long host_ldt(struct vcpu *v, unsigned first, const uint64_t *descriptors, unsigned count)
{
	(void)v;
	if (told.ldt_error)
		return told.ldt_error;
	if (!count || first + count > told.ldt_entries)
		abort();
	for (unsigned i = 0; i < count && first + i < 64; i++)
		told.ldt[first + i] = descriptors[i];
	return 0;
}

long host_debug(struct vcpu *v)
{
	told.debugs++;
	for (unsigned i = 0; i < 8; i++)
		told.dr[i] = v->dr[i];
	return told.debug_error;
}

void host_console(struct vcpu *v, const char *text, size_t bytes)
{
	(void)v;
	for (size_t i = 0; i < bytes; i++)
		told.text[(told.text_bytes + i) % sizeof(told.text)] = text[i];
	told.text_bytes += bytes;
}

void host_notify(struct vcpu *v)
{
	(void)v;
	told.notified++;
}

static void check_ram(const uint64_t *extents, unsigned count, unsigned order)
{
	for (unsigned i = 0; i < count; i++)
		if (extents[i] >= RAM_FRAMES || 1UL << order > RAM_FRAMES - extents[i])
			abort();
	told.messages++;
}

unsigned host_release(struct vcpu *v, const uint64_t *extents, unsigned count, unsigned order)
{
	(void)v;
	check_ram(extents, count, order);
	told.given_back += (uint64_t)count << order;
	return count;
}

unsigned host_populate(struct vcpu *v, const uint64_t *extents, unsigned count, unsigned order)
{
	uint64_t max = told.populate_max >> order, some = count < max ? count : max;

	(void)v;
	check_ram(extents, count, order);
	told.taken += some << order;
	told.populate_max -= some << order;
	return (unsigned)some;
}

/* Messages to capabilities are no matter of these tests. */
long call_outside(struct vcpu *v, const uint64_t *args)
{
	(void)v, (void)args;
	return -XEN_ENOSYS;
}
