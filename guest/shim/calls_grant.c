/* SPDX-License-Identifier: MIT */
/* Hypercall for grant tables, version 1. */
#include "shim/access.h"
#include "shim/calls.h"
#include "shim/host.h"
#include "xen/grant.h"

static uint32_t table_frames(const struct vcpu *v)
{
	return v->machine->start->grant_frames;
}

/* All frames of the table are there from the start; the guest asks for more of them step by step.
 */
static int16_t give_frames(struct vcpu *v, const struct xen_grant_setup *a)
{
	if (a->domain != XEN_DOMAIN_SELF)
		return XEN_GRANT_BAD_DOMAIN;
	if (a->nr_frames > table_frames(v))
		return XEN_GRANT_ERROR;
	for (uint32_t i = 0; i < a->nr_frames; i++) {
		uint64_t frame = v->machine->start->grant_frame + i;

		if (!guest_write(v, a->frame_list + 8UL * i, &frame, sizeof(frame)))
			return XEN_GRANT_BAD_ADDRESS;
	}
	if (a->nr_frames > v->machine->grant_frames)
		v->machine->grant_frames = a->nr_frames;
	return XEN_GRANT_OKAY;
}

static long setup_table(struct vcpu *v, uint64_t at)
{
	struct xen_grant_setup a;

	if (!guest_read(v, &a, at, sizeof(a)))
		return -XEN_EFAULT;
	a.status = give_frames(v, &a);
	return guest_write(v, at, &a, sizeof(a)) ? 0 : -XEN_EFAULT;
}

static long query_size(struct vcpu *v, uint64_t at)
{
	struct xen_grant_query a;

	if (!guest_read(v, &a, at, sizeof(a)))
		return -XEN_EFAULT;
	a.status = a.domain == XEN_DOMAIN_SELF ? XEN_GRANT_OKAY : XEN_GRANT_BAD_DOMAIN;
	if (a.status == XEN_GRANT_OKAY) {
		a.nr_frames = v->machine->grant_frames;
		a.max_nr_frames = table_frames(v);
	}
	return guest_write(v, at, &a, sizeof(a)) ? 0 : -XEN_EFAULT;
}

/* The answer says which version is in use. */
static long set_version(struct vcpu *v, uint64_t at)
{
	struct xen_grant_version a;
	long result;

	if (!guest_read(v, &a, at, sizeof(a)))
		return -XEN_EFAULT;
	result = a.version == 1 ? 0 : -XEN_EINVAL;
	a.version = 1;
	return guest_write(v, at, &a, sizeof(a)) ? result : -XEN_EFAULT;
}

static long get_version(struct vcpu *v, uint64_t at)
{
	struct xen_grant_get_version a;

	if (!guest_read(v, &a, at, sizeof(a)))
		return -XEN_EFAULT;
	if (a.domain != XEN_DOMAIN_SELF)
		return -XEN_ESRCH;
	a.version = 1;
	return guest_write(v, at, &a, sizeof(a)) ? 0 : -XEN_EFAULT;
}

/* Bytes of an element: operations on lists of any length; 0: on one argument. */
static const struct {
	long (*handle)(struct vcpu *v, uint64_t at);
	unsigned bytes;
} operations[] = {
	[XEN_GRANT_MAP] = { grant_map, sizeof(struct xen_grant_map) },
	[XEN_GRANT_UNMAP] = { grant_unmap, sizeof(struct xen_grant_unmap) },
	[XEN_GRANT_SETUP_TABLE] = { setup_table, 0 },
	[XEN_GRANT_TRANSFER] = { grant_transfer, sizeof(struct xen_grant_transfer) },
	[XEN_GRANT_COPY] = { grant_copy, sizeof(struct xen_grant_copy) },
	[XEN_GRANT_QUERY_SIZE] = { query_size, 0 },
	[XEN_GRANT_UNMAP_AND_REPLACE] = { grant_replace, sizeof(struct xen_grant_replace) },
	[XEN_GRANT_SWAP_REF] = { grant_swap, sizeof(struct xen_grant_swap) },
	[XEN_GRANT_SET_VERSION] = { set_version, 0 },
	[XEN_GRANT_GET_VERSION] = { get_version, 0 },
};

/* grant_table_op(operation, arguments, count) */
long call_grant_table_op(struct vcpu *v, const uint64_t *args)
{
	uint32_t op = args[0], count = args[2];
	long result = 0;

	if (op >= sizeof(operations) / sizeof(operations[0]) || !operations[op].handle)
		return -XEN_ENOSYS;
	if (!operations[op].bytes && count != 1)
		return -XEN_EINVAL;
	v->settle = true;
	for (uint32_t i = 0; i < count && !result; i++) {
		result = operations[op].handle(v, args[1] + (uint64_t)operations[op].bytes * i);
		host_look(v);
	}
	return result;
}
