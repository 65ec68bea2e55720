/* SPDX-License-Identifier: MIT */
/* Guest-virtual memory from a hypercall, by direct access: the handler fills what is missing, or
 * ends the copy where the guest's tables do not allow it. */
#include "shim/access.h"
#include "shim/walk.h"
#include "xen/start_info.h"

size_t copy_guest(void *to, const void *from, size_t bytes);

/* Is a range the guest's own? What is not canonical does not get this far. */
static bool is_guests(uint64_t start, size_t bytes)
{
	uint64_t last = start + bytes - 1;

	if (last < start)
		return false;
	return last < LOWER_HALF_END || start >= XEN_HOLE_END;
}

bool guest_read(struct vcpu *v, void *to, uint64_t from, size_t bytes)
{
	(void)v;
	if (!bytes)
		return true;
	return is_guests(from, bytes) && !copy_guest(to, (const void *)from, bytes);
}

bool guest_write(struct vcpu *v, uint64_t to, const void *from, size_t bytes)
{
	(void)v;
	if (!bytes)
		return true;
	return is_guests(to, bytes) && !copy_guest((void *)to, from, bytes);
}

bool guest_frame(struct vcpu *v, uint64_t address, uint64_t *frame)
{
	struct walk w;

	if (walk(&v->machine->memory, v->root, address, 0, &w) != WALK_OK)
		return false;
	*frame = w.frame;
	return true;
}
