/* SPDX-License-Identifier: MIT */
/* Inhibitor locks: hold off suspend, shutdown and the like. */
#ifndef L4_RE_C_INHIBITOR_H
#define L4_RE_C_INHIBITOR_H

#include <l4/sys/compiler.h>
#include <l4/sys/types.h>

EXTERN_C_BEGIN

/* Take the lock; reason (at most 20 characters are sent) is for people. 0, or an error. */
L4_CV long L4_EXPORT l4re_inhibitor_acquire(l4_cap_idx_t cap, l4_umword_t id, char const *reason);

/* Give the lock back. 0, or an error. */
L4_CV long L4_EXPORT l4re_inhibitor_release(l4_cap_idx_t cap, l4_umword_t id);

/*
 * Id of the lock after current_id (-1 for the first) and its name, cut to len - 1 characters.
 * -L4_ENODEV after the last.
 */
L4_CV long L4_EXPORT l4re_inhibitor_next_lock_info(l4_cap_idx_t cap, char *name, unsigned len,
						   l4_mword_t current_id);

EXTERN_C_END

#endif
