/* SPDX-License-Identifier: MIT */
/* Capabilities in C programs: allocation of slots, and questions to the kernel about them. */
#ifndef L4_RE_C_UTIL_CAP_H
#define L4_RE_C_UTIL_CAP_H

#include <l4/re/c/util/cap_alloc.h>
#include <l4/re/consts.h>
#include <l4/sys/task.h>
#include <l4/sys/types.h>

/* 1 if the slot of this task holds a capability, otherwise 0. */
L4_INLINE int l4re_util_cap_present(l4_cap_idx_t cap) L4_NOTHROW
{
	return l4_is_valid_cap(cap) &&
	       l4_msgtag_label(l4_task_cap_valid(L4RE_THIS_TASK_CAP, cap)) > 0;
}

#endif
