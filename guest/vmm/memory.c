/* SPDX-License-Identifier: MIT */
/* Memory of a machine: what is in it at the start, and where the guest task has it. */
#include <cpuid.h>
#include <string.h>
#include <time.h>
#include <l4/re/env.h>
#include <l4/sys/kip.h>
#include <l4/util/rdtsc.h>

#include "guest/layout.h"
#include "shim/track.h"
#include "vmm/alternatives.h"
#include "vmm/image.h"
#include "vmm/file.h"
#include "vmm/guest.h"
#include "vmm/patch.h"
#include "vmm/shim.h"
#include "xen/shared_info.h"

enum { PAGE = 4096, PAGE_BITS = 12, GRANT_FRAMES = 8, EXTRA_FRAMES = 1 + GRANT_FRAMES };
enum { STORE_PORT = 1, CONSOLE_PORT = 2, VIEWS_MIN = 8 };

static uint64_t page_round(uint64_t bytes)
{
	return (bytes + PAGE - 1) & ~(uint64_t)(PAGE - 1);
}

/* --- The kernel --- */

/* Clear a part of the guest's memory but for what is kernel. */
static void clear(struct guest *g, uint64_t from, uint64_t end)
{
	const struct kernel *k = &g->kernel;

	for (unsigned i = 0; i < k->count && from < end; i++) {
		uint64_t start = k->segments[i].start, behind = start + k->segments[i].bytes;

		if (from < start)
			memset(g->ram.address + from, 0, (start < end ? start : end) - from);
		from = from < behind ? behind : from;
	}
	if (from < end)
		memset(g->ram.address + from, 0, end - from);
}

/* Where the ELF file is unpacked, and the memory that the decoder works in. */
struct place {
	uint64_t file, work, work_bytes;
};

/*
 * Linux for this processor has its text 2 MiB into the file and wants it at 16 MiB: unpacked here
 * most of it is in place.
 */
enum { IN_PLACE = 14 << 20 };

/* False: the file cannot be there. */
static bool choose_place(const struct guest *g, uint64_t bytes, bool in_place, struct place *p)
{
	uint64_t end = (g->ram.bytes - bytes) & ~(uint64_t)(PAGE - 1);
	uint64_t behind = page_round(IN_PLACE + bytes);

	*p = in_place ? (struct place){ IN_PLACE, behind, g->ram.bytes - behind }
		      : (struct place){ end, 0, end };
	return bytes <= g->ram.bytes && (!in_place || behind <= g->ram.bytes / 2);
}

static const char *unpack_and_read(struct guest *g, const struct file *f, const struct image *image,
				   struct place *p)
{
	uint8_t *ram = g->ram.address;
	const char *wrong =
	    image_unpack(f->bytes, image, ram + p->file, ram + p->work, &p->work_bytes);

	if (!wrong)
		wrong = kernel_read(ram + p->file, image->unpacked, &g->kernel);
	if (!wrong && (g->kernel.end > g->ram.bytes || !kernel_can_move(&g->kernel, p->file)))
		wrong = "does not fit into the guest's memory";
	return wrong;
}

/* Unpack the file and move its segments to their places. What is left of both is cleared. */
static const char *unpack_at(struct guest *g, const struct file *f, const struct image *image,
			     struct place *p)
{
	const char *wrong = unpack_and_read(g, f, image, p);

	if (wrong)
		g->kernel.count = 0;
	else
		kernel_load(g->ram.address + p->file, &g->kernel, g->ram.address);
	clear(g, p->file, p->file + image->unpacked);
	clear(g, p->work, p->work + p->work_bytes);
	return wrong;
}

/* In place if that is possible; or at the end of the memory. */
static const char *unpack_kernel(struct guest *g, const struct file *f)
{
	struct image image;
	struct place p;
	const char *wrong = image_find(f->bytes, f->size, &image);

	if (wrong)
		return wrong;
	if (choose_place(g, image.unpacked, true, &p) && !unpack_at(g, f, &image, &p))
		return NULL;
	if (!choose_place(g, image.unpacked, false, &p))
		return "needs more memory than the guest has: a larger mem= is wanted";
	return unpack_at(g, f, &image, &p);
}

/* Open a file; say what is wrong if it cannot be read. */
static bool open_file(const struct guest *g, struct file *f, const char *path)
{
	const char *wrong = file_open(f, path);

	if (wrong)
		guest_say(g, "cannot read %s: %s", path, wrong);
	return !wrong;
}

static bool load_kernel(struct guest *g)
{
	struct file f;
	const char *wrong;

	if (!open_file(g, &f, g->options->kernel))
		return false;
	wrong = unpack_kernel(g, &f);
	file_close(&f);
	if (wrong)
		guest_say(g, "the kernel %s %s", g->options->kernel, wrong);
	return !wrong;
}

static void patch_kernel(struct guest *g)
{
	static const char *const results[] = {
		[PATCH_DONE] = NULL,
		[PATCH_NOT_FOUND] = "the kernel's hypercalls are not found and remain exits",
		[PATCH_AMBIGUOUS] = "the kernel's hypercalls are not unique and remain exits"
	};
	const char *wrong = NULL;

	if (!g->options->patch) {
		guest_say(g, "hypercalls remain exits, as asked for");
		return;
	}
	if (g->kernel.hypercall_page)
		patch_hypercall_page(&g->kernel, g->ram.address);
	else
		wrong = results[patch_sites(&g->kernel, g->ram.address)];
	if (wrong)
		guest_say(g, "%s", wrong);
	alternatives_select(&g->kernel, g->ram.address);
}

/* --- The rest of what the guest finds --- */

static bool build(struct guest *g, const struct file *ramdisk)
{
	const struct builder_wish wish = { .kernel = &g->kernel,
					   .ram_frames = g->ram_frames,
					   .ramdisk_bytes = ramdisk->size,
					   .command_line = g->options->command_line,
					   .shared_frame = g->ram_frames,
					   .console_port = CONSOLE_PORT,
					   .store_port = STORE_PORT };
	struct guest_start *start = g->start;
	const char *wrong = builder_plan(&wish, &g->plan);

	if (wrong) {
		guest_say(g, "%s (%lu MiB are needed at the least)", wrong,
			  (g->plan.needed >> (20 - PAGE_BITS)) + 1);
		return false;
	}
	builder_write(&wish, &g->plan, g->ram.address);
	if (ramdisk->bytes)
		memcpy(g->ram.address + (g->plan.ramdisk.first << PAGE_BITS), ramdisk->bytes,
		       ramdisk->size);
	start->entry = g->kernel.entry;
	start->stack = builder_address(&wish, g->plan.stack.first + 1);
	start->start_info = builder_address(&wish, g->plan.info.first);
	start->root = g->plan.tables.first;
	return true;
}

static bool load_ramdisk(struct guest *g)
{
	struct file ramdisk = { 0 };
	bool ok;

	if (g->options->ramdisk && !open_file(g, &ramdisk, g->options->ramdisk))
		return false;
	ok = build(g, &ramdisk);
	file_close(&ramdisk);
	return ok;
}

/* Time of day when the time-stamp counter was 0. */
static void set_boot_time(struct guest_start *start)
{
	enum { BILLION = 1000000000 };
	uint64_t ticks = l4_rdtsc();
	struct timespec now;
	uint64_t since, at;

	clock_gettime(CLOCK_REALTIME, &now);
	since = (uint64_t)((unsigned __int128)ticks * 1000000 / start->tsc_khz);
	at = (uint64_t)now.tv_sec * BILLION + (uint64_t)now.tv_nsec;
	at = at > since ? at - since : 0;
	start->boot_seconds = at / BILLION;
	start->boot_nanoseconds = (uint32_t)(at % BILLION);
}

static void fill_start(struct guest *g)
{
	struct guest_start *start = g->start;

	start->version = GUEST_START_VERSION;
	start->frames = g->frames;
	start->ram_frames = g->ram_frames;
	start->vcpus = g->options->vcpus;
	start->tsc_khz = (uint32_t)l4re_kip()->frequency_cpu;
	start->shared_frame = g->ram_frames;
	start->grant_frame = g->ram_frames + 1;
	start->grant_frames = GRANT_FRAMES;
	start->console_port = CONSOLE_PORT;
	start->store_port = STORE_PORT;
	set_boot_time(start);
}

static void fill_shared(struct guest *g)
{
	struct xen_shared_info *shared =
	    (struct xen_shared_info *)(g->own.address + g->own_at.extra);

	for (unsigned i = 0; i < XEN_SHARED_VCPUS; i++)
		shared->vcpu_info[i].upcall_mask = 1;
	memset(shared->mask, 0xff, sizeof(shared->mask));
}

static void fill_m2p(struct guest *g)
{
	uint64_t *m2p = (uint64_t *)(g->own.address + g->own_at.m2p);

	for (uint64_t i = 0; i < g->ram_frames; i++)
		m2p[i] = i;
}

/* --- Frames that go and come back --- */

static void free_frames(void *context, uint64_t first)
{
	const struct guest *g = context;

	l4re_ds_clear(g->ram.memory, first << PAGE_BITS, BALLOON_FRAMES * PAGE);
}

/* Mapped like all of it: when it is accessed. */
static long give_frames(void *context, uint64_t first)
{
	const struct guest *g = context;

	return l4re_ds_allocate(g->ram.memory, first << PAGE_BITS, BALLOON_FRAMES * PAGE);
}

static const struct balloon_effects balloon_effects = { free_frames, give_frames };

/* --- Places --- */

static uint64_t take(uint64_t *end, uint64_t bytes)
{
	uint64_t at = *end;

	*end += page_round(bytes);
	return at;
}

/* M2P first: so it has the alignment that large pages need. */
static uint64_t plan_own(struct guest *g)
{
	struct guest_places *p = &g->own_at;
	uint64_t end = 0;

	p->m2p = take(&end, g->ram_frames * sizeof(uint64_t));
	p->track = take(&end, g->frames * sizeof(struct track_frame));
	p->extra = take(&end, EXTRA_FRAMES * PAGE);
	p->vcpus = take(&end, g->options->vcpus * GUEST_VCPU_BYTES);
	p->shim = take(&end, shim_bytes());
	return end;
}

/* All of the memory, so that no access needs any later. */
static bool allocate(struct guest *g, struct area *area, uint64_t bytes, unsigned long flags)
{
	long error = area_alloc(area, bytes, flags);

	if (error >= 0 && !(flags & L4RE_MA_CONTINUOUS))
		error = l4re_ds_allocate(area->memory, 0, bytes);
	if (error < 0)
		guest_say(g, "there is not enough memory: %lu KiB are wanted (error %ld)",
			  bytes >> 10, error);
	return error >= 0;
}

/*
 * An emulating QEMU takes what `iretq` in user mode reads from the stack for accesses of the
 * kernel, and SMAP forbids them. Linux executes it at boot.
 */
static bool smap_is_emulated(void)
{
	enum { LEAF_FEATURES = 7, SMAP = 1U << 20, LEAF_HYPERVISOR = 0x40000000 };
	unsigned a, b, c, d;

	if (!__get_cpuid_count(LEAF_FEATURES, 0, &a, &b, &c, &d) || !(b & SMAP))
		return false;
	__cpuid(LEAF_HYPERVISOR, a, b, c, d);
	return b == 0x54474354 && c == 0x43544743 && d == 0x47435447; /* TCGTCGTCGTCG */
}

bool memory_create(struct guest *g)
{
	g->ram_frames = g->options->memory >> PAGE_BITS;
	g->frames = g->ram_frames + EXTRA_FRAMES;
	if (!allocate(g, &g->own, plan_own(g), L4RE_MA_CONTINUOUS) ||
	    !allocate(g, &g->ram, g->options->memory, L4RE_MA_SUPER_PAGES))
		return false;
	shim_load(g->own.address + g->own_at.shim);
	g->start = (struct guest_start *)(g->own.address + g->own_at.shim);
	if (!load_kernel(g) || !load_ramdisk(g))
		return false;
	patch_kernel(g);
	if (smap_is_emulated())
		guest_say(g, "QEMU's emulation of SMAP may stop Linux: use a processor without it");
	guest_say(g, "starts %s with %lu MiB and %u vCPU%s", g->options->kernel,
		  g->options->memory >> 20, g->options->vcpus, g->options->vcpus > 1 ? "s" : "");
	fill_start(g);
	fill_shared(g);
	fill_m2p(g);
	g->balloon =
	    (struct balloon){ .frames = g->ram_frames, .effects = &balloon_effects, .context = g };
	return balloon_init(&g->balloon);
}

void memory_destroy(struct guest *g)
{
	balloon_end(&g->balloon);
	area_free(&g->ram);
	area_free(&g->own);
}

/* --- Mapping --- */

/* The first page, which is the start record, can only be read. */
static long map_shim(struct guest *g)
{
	struct shim_part part = { 0 };
	long error = 0;

	while (!error && shim_next_part(&part))
		error = area_map(&g->own, g->own_at.shim + part.offset, part.bytes, g->task,
				 GUEST_SHIM + part.offset, part.rights);
	return error;
}

bool memory_give(struct guest *g, uint64_t offset)
{
	uint64_t start = offset & L4_SUPERPAGEMASK;

	if (offset >= g->ram.bytes || balloon_is_free(&g->balloon, offset >> PAGE_BITS))
		return false;
	return !area_map(&g->ram, start, L4_SUPERPAGESIZE, g->task, GUEST_RAM + start,
			 L4_FPAGE_RWX);
}

/* All but the RAM. */
long memory_map(struct guest *g)
{
	const struct guest_places *p = &g->own_at;
	const struct {
		const struct area *area;
		uint64_t offset, bytes, address;
		unsigned rights;
	} maps[] = {
		{ &g->own, p->m2p, g->ram_frames * sizeof(uint64_t), GUEST_M2P, L4_FPAGE_RO },
		{ &g->own, p->track, g->frames * sizeof(struct track_frame), GUEST_TRACK,
		  L4_FPAGE_RW },
		{ &g->own, p->vcpus, g->options->vcpus * GUEST_VCPU_BYTES, GUEST_VCPU,
		  L4_FPAGE_RW },
		{ &g->own, p->extra, EXTRA_FRAMES * PAGE, GUEST_RAM + g->ram.bytes, L4_FPAGE_RW },
	};
	long error = map_shim(g);

	for (unsigned i = 0; !error && i < sizeof(maps) / sizeof(*maps); i++)
		error = area_map(maps[i].area, maps[i].offset, page_round(maps[i].bytes), g->task,
				 maps[i].address, maps[i].rights);
	return error;
}
