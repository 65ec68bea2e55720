/* SPDX-License-Identifier: MIT */
/* Hypercall for grant tables, version 1. Mapping what others grant is for back ends only. */
#include "shim/access.h"
#include "shim/calls.h"
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

static long (*const operations[])(struct vcpu *v, uint64_t at) = {
	[XEN_GRANT_SETUP_TABLE] = setup_table,
	[XEN_GRANT_QUERY_SIZE] = query_size,
	[XEN_GRANT_SET_VERSION] = set_version,
	[XEN_GRANT_GET_VERSION] = get_version,
};

/* grant_table_op(operation, argument, count): these have one argument each */
long call_grant_table_op(struct vcpu *v, const uint64_t *args)
{
	uint32_t op = args[0];

	if (op >= sizeof(operations) / sizeof(operations[0]) || !operations[op])
		return -XEN_ENOSYS;
	if ((uint32_t)args[2] != 1)
		return -XEN_EINVAL;
	return operations[op](v, args[1]);
}
