/* SPDX-License-Identifier: MIT */
/* Found before the real header: who runs is not told by the stack, and the tracker's memory is the
 * test's. */
#ifndef TEST_UNIT_GUEST_OWN_H
#define TEST_UNIT_GUEST_OWN_H

#define own_current own_by_stack
#include_next "shim/own.h"
#undef own_current

#undef GUEST_TRACK
#define GUEST_TRACK ((uint64_t)tracked)

extern struct track_frame tracked[];
extern struct own *running;

static inline struct own *own_current(void)
{
	return running;
}

#endif
