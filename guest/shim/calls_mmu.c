/* SPDX-License-Identifier: MIT */
/* Hypercalls for page tables: entries, base pointers, flushes. */
#include "shim/access.h"
#include "shim/calls.h"
#include "shim/host.h"
#include "shim/space.h"
#include "xen/mmu.h"

/* Entries that are copied from the guest at a time. */
enum { UPDATES = 16 };

/* How far a batch went: batches may be continued from an earlier call. */
struct batch {
	uint64_t count;
	uint64_t done_at; /* guest address of the 32-bit number of entries done; 0: not wanted */
	uint32_t before;  /* entries done by earlier calls */
};

/* The arguments that mmu_update and mmuext_op share: 1 count, 2 done, 3 domain. */
static long batch_start(struct vcpu *v, const uint64_t *args, struct batch *b)
{
	uint32_t count = args[1];

	if ((uint32_t)args[3] != XEN_DOMAIN_SELF)
		return -XEN_EPERM;
	*b = (struct batch){ .count = count & ~XEN_MMU_CONTINUED, .done_at = args[2] };
	if (count & XEN_MMU_CONTINUED && b->done_at &&
	    !guest_read(v, &b->before, b->done_at, sizeof(b->before)))
		return -XEN_EFAULT;
	return 0;
}

static long batch_end(struct vcpu *v, const struct batch *b, uint64_t done, long result)
{
	uint32_t all = b->before + done;

	if (b->done_at && !guest_write(v, b->done_at, &all, sizeof(all)))
		return -XEN_EFAULT;
	return result;
}

/* Machine frames are physical frames, for ever: only what says so, or "none", is accepted. */
static long machphys_update(struct machine *m, uint64_t frame, uint64_t value)
{
	return frame < m->memory.frames && (value == frame || value == UINT64_MAX) ? 0
										   : -XEN_EINVAL;
}

static long update(struct machine *m, const struct xen_mmu_update *u)
{
	unsigned type = u->ptr & XEN_MMU_TYPE_MASK;
	uint64_t address = u->ptr & ~(uint64_t)XEN_MMU_TYPE_MASK;

	if (type == XEN_MMU_MACHPHYS)
		return machphys_update(m, address >> PAGE_SHIFT, u->val);
	return space_set_entry(m, address, u->val, type == XEN_MMU_PRESERVE_AD) ? 0 : -XEN_EINVAL;
}

/* Up to UPDATES entries from a guest address; *done = how many worked. */
static long update_some(struct vcpu *v, uint64_t at, unsigned count, unsigned *done)
{
	struct xen_mmu_update updates[UPDATES];
	long result = 0;

	*done = 0;
	if (!guest_read(v, updates, at, count * sizeof(updates[0])))
		return -XEN_EFAULT;
	space_begin(v);
	while (*done < count) {
		result = update(v->machine, &updates[*done]);
		if (result)
			break;
		++*done;
	}
	space_end(v);
	return result;
}

/* The usual call: one entry, no count wanted. */
static long update_one(struct vcpu *v, uint64_t at)
{
	struct xen_mmu_update u;

	return guest_read(v, &u, at, sizeof(u)) ? update(v->machine, &u) : -XEN_EFAULT;
}

/* mmu_update(updates, count, done, domain) */
long call_mmu_update(struct vcpu *v, const uint64_t *args)
{
	struct batch b;
	uint64_t done = 0;
	long result;

	if ((uint32_t)args[1] == 1 && !args[2] && (uint32_t)args[3] == XEN_DOMAIN_SELF)
		return update_one(v, args[0]);
	result = batch_start(v, args, &b);
	if (result)
		return result;
	while (!result && done < b.count) {
		uint64_t left = b.count - done;
		unsigned some;

		result = update_some(v, args[0] + done * sizeof(struct xen_mmu_update),
				     left < UPDATES ? left : UPDATES, &some);
		done += some;
		if (done < b.count)
			host_look(v);
	}
	return batch_end(v, &b, done, result);
}

/* The vCPUs of the guest's mask at a guest address. */
static bool read_mask(struct vcpu *v, uint64_t at, uint64_t *mask)
{
	*mask = 0;
	return guest_read(v, mask, at, (v->machine->vcpus + 7) / 8);
}

static uint64_t all_vcpus(const struct machine *m)
{
	return (1UL << m->vcpus) - 1;
}

static void flush_page_or_all(struct vcpu *v, uint64_t mask, bool page, uint64_t address)
{
	mask &= all_vcpus(v->machine);
	if (page)
		space_flush_page_mask(v->machine, mask, address);
	else
		space_flush_mask(v->machine, mask);
}

static void flush_self(struct vcpu *v, bool page, uint64_t address)
{
	if (page)
		space_flush_page(v, address);
	else
		space_flush(v);
}

/* What update_va_mapping flushes; the mask was read before anything was changed. */
struct va_flush {
	bool wanted, page, self;
	uint64_t mask;
};

static long va_flush_decode(struct vcpu *v, uint64_t flags, struct va_flush *f)
{
	uint64_t type = flags & XEN_UVM_TYPE_MASK, who = flags & ~(uint64_t)XEN_UVM_TYPE_MASK;

	*f = (struct va_flush){ .wanted = type != XEN_UVM_NONE,
				.page = type == XEN_UVM_INVLPG,
				.self = who == XEN_UVM_LOCAL,
				.mask = all_vcpus(v->machine) };
	if (type == XEN_UVM_TYPE_MASK)
		return -XEN_EINVAL;
	if (f->wanted && !f->self && who != XEN_UVM_ALL && !read_mask(v, who, &f->mask))
		return -XEN_EFAULT;
	return 0;
}

/* update_va_mapping(address, entry, flags) */
long call_update_va_mapping(struct vcpu *v, const uint64_t *args)
{
	struct va_flush flush;
	long result = va_flush_decode(v, args[2], &flush);

	if (result)
		return result;
	if (!space_set_mapping(v, args[0], args[1]))
		return -XEN_EINVAL;
	v->settle |= flush.wanted;
	if (flush.wanted && flush.self)
		flush_self(v, flush.page, args[0]);
	else if (flush.wanted)
		flush_page_or_all(v, flush.mask, flush.page, args[0]);
	return 0;
}

static bool has_frame(const struct vcpu *v, uint64_t frame)
{
	return frame < v->machine->memory.frames;
}

static long pin(struct vcpu *v, const struct xen_mmuext_op *op, unsigned level)
{
	if (!has_frame(v, op->arg1))
		return -XEN_EINVAL;
	space_pin(v->machine, op->arg1, level);
	return 0;
}

static long new_base(struct vcpu *v, const struct xen_mmuext_op *op)
{
	if (!has_frame(v, op->arg1))
		return -XEN_EINVAL;
	space_switch(v, op->arg1);
	return 0;
}

static long new_user_base(struct vcpu *v, const struct xen_mmuext_op *op)
{
	if (!has_frame(v, op->arg1))
		return -XEN_EINVAL;
	v->user_root = op->arg1;
	return 0;
}

static long flush_some(struct vcpu *v, const struct xen_mmuext_op *op, bool page)
{
	uint64_t mask;

	if (!read_mask(v, op->arg2, &mask))
		return -XEN_EFAULT;
	flush_page_or_all(v, mask, page, op->arg1);
	return 0;
}

/* The frame may be a table whose entries are in use: each is changed in the way of mmu_update. */
static long fill_page(struct vcpu *v, uint64_t to, const table_entry *from)
{
	if (!has_frame(v, to))
		return -XEN_EINVAL;
	for (unsigned i = 0; i < TABLE_ENTRIES; i++)
		space_set_entry(v->machine, (to << PAGE_SHIFT) + 8UL * i, from ? from[i] : 0,
				false);
	return 0;
}

static long copy_page(struct vcpu *v, const struct xen_mmuext_op *op)
{
	const table_entry *from = guest_table(&v->machine->memory, op->arg2);

	return from ? fill_page(v, op->arg1, from) : -XEN_EINVAL;
}

static long flush_op(struct vcpu *v, const struct xen_mmuext_op *op)
{
	switch (op->cmd) {
	case XEN_MMUEXT_TLB_FLUSH_LOCAL:
	case XEN_MMUEXT_INVLPG_LOCAL:
		flush_self(v, op->cmd == XEN_MMUEXT_INVLPG_LOCAL, op->arg1);
		return 0;
	case XEN_MMUEXT_TLB_FLUSH_MULTI:
	case XEN_MMUEXT_INVLPG_MULTI:
		return flush_some(v, op, op->cmd == XEN_MMUEXT_INVLPG_MULTI);
	case XEN_MMUEXT_TLB_FLUSH_ALL:
	case XEN_MMUEXT_INVLPG_ALL:
		flush_page_or_all(v, UINT64_MAX, op->cmd == XEN_MMUEXT_INVLPG_ALL, op->arg1);
		return 0;
	case XEN_MMUEXT_FLUSH_CACHE:
	case XEN_MMUEXT_FLUSH_CACHE_GLOBAL:
		return -XEN_EACCES;
	default:
		return -XEN_ENOSYS;
	}
}

static __attribute__((noinline)) long table_op(struct vcpu *v, const struct xen_mmuext_op *op)
{
	switch (op->cmd) {
	case XEN_MMUEXT_PIN_L1:
	case XEN_MMUEXT_PIN_L2:
	case XEN_MMUEXT_PIN_L3:
	case XEN_MMUEXT_PIN_L4:
		return pin(v, op, op->cmd - XEN_MMUEXT_PIN_L1 + 1);
	case XEN_MMUEXT_UNPIN:
		return pin(v, op, 0);
	case XEN_MMUEXT_SET_LDT:
		return segment_set_ldt(v, op->arg1, (uint32_t)op->arg2);
	case XEN_MMUEXT_CLEAR_PAGE:
		return fill_page(v, op->arg1, NULL);
	case XEN_MMUEXT_COPY_PAGE:
		return copy_page(v, op);
	default:
		return flush_op(v, op);
	}
}

static long extended(struct vcpu *v, const struct xen_mmuext_op *op)
{
	if (op->cmd == XEN_MMUEXT_NEW_BASEPTR)
		return new_base(v, op);
	if (op->cmd == XEN_MMUEXT_NEW_USER_BASEPTR)
		return new_user_base(v, op);
	return table_op(v, op);
}

/* mmuext_op(operations, count, done, domain) */
long call_mmuext_op(struct vcpu *v, const uint64_t *args)
{
	struct xen_mmuext_op op;
	struct batch b;
	uint64_t done = 0;
	long result = batch_start(v, args, &b);

	if (result)
		return result;
	v->settle = true;
	while (done < b.count) {
		result = -XEN_EFAULT;
		if (guest_read(v, &op, args[0] + done * sizeof(op), sizeof(op)))
			result = extended(v, &op);
		if (result)
			break;
		if (!(++done % LOOK_EVERY))
			host_look(v);
	}
	return batch_end(v, &b, done, result);
}
