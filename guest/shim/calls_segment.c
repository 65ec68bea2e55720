/* SPDX-License-Identifier: MIT */
/* Hypercalls for segments: descriptor tables and bases. */
#include "shim/access.h"
#include "shim/calls.h"
#include "shim/host.h"
#include "shim/segments.h"
#include "shim/space.h"
#include "xen/hypercall.h"

/* What set_gdt accepts; entries behind are the hypervisor's. */
enum {
	GDT_ENTRIES_MAX = 7168,
	LDT_ENTRIES_MAX = 8192,
	TABLE_DESCRIPTORS = PAGE_BYTES / 8,
	GDT_FRAMES_MAX = GDT_ENTRIES_MAX / TABLE_DESCRIPTORS,
	CHUNK = 32
};

/* Are all descriptors of a table (frames of 512 each) such that a guest may have them? */
static bool gdt_valid(const struct machine *m, const uint64_t *frames, unsigned entries)
{
	for (unsigned i = 0; i < entries; i++) {
		const table_entry *page = guest_table(&m->memory, frames[i / TABLE_DESCRIPTORS]);

		if (!page || !descriptor_valid(page[i % TABLE_DESCRIPTORS]))
			return false;
	}
	return true;
}

/*
 * The descriptor of an entry as the processor gets it. Processes of Linux ask for the number of
 * their CPU by the last entry (function getcpu of the vdso), and Linux from 5.14 on writes it for
 * the first CPU only, where it is paravirtualised; so what is not there is the vCPU's number.
 */
static uint64_t own_descriptor(const struct vcpu *v, unsigned entry, uint64_t d)
{
	if (entry == GDT_NUMBER && !(d & DESCRIPTOR_PRESENT))
		return descriptor_of_number(v->id);
	return descriptor_valid(d) ? descriptor_for_guest(d) : 0;
}

static void load_own(struct vcpu *v)
{
	const table_entry *gdt = guest_table(&v->machine->memory, v->gdt_frame);

	for (unsigned i = GDT_THREAD_FIRST; i <= GDT_NUMBER; i++)
		host_descriptor(v, i, own_descriptor(v, i, i < v->gdt_entries ? gdt[i] : 0));
}

/* set_gdt(frames, entries) */
long call_set_gdt(struct vcpu *v, const uint64_t *args)
{
	uint64_t frames[GDT_FRAMES_MAX] = { 0 };
	uint32_t entries = args[1];
	unsigned count = (entries + TABLE_DESCRIPTORS - 1) / TABLE_DESCRIPTORS;

	if (entries > GDT_ENTRIES_MAX)
		return -XEN_EINVAL;
	if (count && !guest_read(v, frames, args[0], count * sizeof(frames[0])))
		return -XEN_EFAULT;
	if (!gdt_valid(v->machine, frames, entries))
		return -XEN_EINVAL;
	v->gdt_frame = frames[0];
	v->gdt_entries = entries;
	load_own(v);
	return 0;
}

/* Pass on an entry of the LDT that lies at a physical address. */
static long refresh_ldt(struct vcpu *v, uint64_t address, uint64_t descriptor)
{
	long result = 0;

	descriptor = descriptor_local(descriptor);
	for (uint64_t i = 0; i < v->ldt_entries; i += TABLE_DESCRIPTORS) {
		uint64_t frame, entry = i + address % PAGE_BYTES / 8;

		if (entry < v->ldt_entries && guest_frame(v, v->ldt_base + 8 * i, &frame) &&
		    frame == address >> PAGE_SHIFT)
			result = host_ldt(v, entry, &descriptor, 1);
	}
	return result;
}

/* update_descriptor(physical address, descriptor) */
long call_update_descriptor(struct vcpu *v, const uint64_t *args)
{
	uint64_t address = args[0], entry = address % PAGE_BYTES / 8;
	uint64_t d = descriptor_for_guest(args[1]);

	if (!descriptor_valid(args[1]) || !space_set_entry(v->machine, address, d, false))
		return -XEN_EINVAL;
	if (address >> PAGE_SHIFT == v->gdt_frame && entry < v->gdt_entries) {
		if (entry >= GDT_THREAD_FIRST && entry <= GDT_NUMBER)
			host_descriptor(v, entry, own_descriptor(v, entry, d));
		return 0;
	}
	return refresh_ldt(v, address, d);
}

static long load_ldt(struct vcpu *v, uint64_t base, uint32_t entries)
{
	uint64_t chunk[CHUNK];
	long result = host_new_ldt(v, entries);

	for (uint32_t first = 0; !result && first < entries; first += CHUNK) {
		unsigned count = entries - first < CHUNK ? entries - first : CHUNK;

		if (!guest_read(v, chunk, base + 8UL * first, count * sizeof(chunk[0])))
			return -XEN_EFAULT;
		for (unsigned i = 0; i < count; i++)
			chunk[i] = descriptor_local(chunk[i]);
		result = host_ldt(v, first, chunk, count);
	}
	return result;
}

long segment_set_ldt(struct vcpu *v, uint64_t base, uint32_t entries)
{
	long result = 0;

	if (entries > LDT_ENTRIES_MAX || base % PAGE_BYTES || canonical(base) != base)
		return -XEN_EINVAL;
	if (entries || v->ldt_entries)
		result = load_ldt(v, base, entries);
	v->ldt_base = base;
	v->ldt_entries = result ? 0 : entries;
	return result;
}

/* The base that a selector of user mode gives. */
static bool selector_base(struct vcpu *v, uint16_t selector, uint64_t *base)
{
	uint64_t entry = selector >> 3, descriptor;
	const table_entry *gdt = guest_table(&v->machine->memory, v->gdt_frame);

	if (selector & 4) {
		if (entry >= v->ldt_entries ||
		    !guest_read(v, &descriptor, v->ldt_base + 8 * entry, sizeof(descriptor)))
			return false;
	} else {
		if (!gdt || entry >= v->gdt_entries || entry >= TABLE_DESCRIPTORS)
			return false;
		descriptor = gdt[entry];
	}
	*base = descriptor_base(descriptor);
	return descriptor_loadable(descriptor);
}

/* A selector that cannot be loaded becomes null, as with a return to user mode. */
static long set_gs_selector(struct vcpu *v, uint16_t selector)
{
	uint64_t base = 0;
	bool usable = selector > 3 && selector_base(v, selector, &base);

	v->gs_selector = usable ? selector | 3 : 0;
	v->gs_user = usable ? base : 0;
	host_segment_base(v, XEN_SEGMENT_GS_USER_SELECTOR);
	return 0;
}

static bool set_base(struct vcpu *v, uint32_t which, uint64_t base)
{
	if (canonical(base) != base)
		return false;
	switch (which) {
	case XEN_SEGMENT_FS:
		v->fs_base = base;
		return true;
	case XEN_SEGMENT_GS_USER:
		v->gs_user = base;
		return true;
	case XEN_SEGMENT_GS_KERNEL:
		v->gs_kernel = base;
		return true;
	default:
		return false;
	}
}

/* set_segment_base(which, base or selector) */
long call_set_segment_base(struct vcpu *v, const uint64_t *args)
{
	uint32_t which = args[0];

	if (which == XEN_SEGMENT_GS_USER_SELECTOR)
		return set_gs_selector(v, args[1]);
	if (!set_base(v, which, args[1]))
		return -XEN_EINVAL;
	host_segment_base(v, which);
	return 0;
}
