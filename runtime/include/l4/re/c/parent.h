/* SPDX-License-Identifier: MIT */
/* The parent: it learns of a program's end. */
#ifndef L4_RE_C_PARENT_H
#define L4_RE_C_PARENT_H

#include <l4/sys/compiler.h>
#include <l4/sys/types.h>

EXTERN_C_BEGIN

/*
 * Send a signal with a value. Signal 0 is the exit with code val: the parent removes the task, so
 * that call does not return. Other signals: 0, or an error.
 */
L4_CV long L4_EXPORT l4re_parent_signal(l4_cap_idx_t parent, unsigned long sig, unsigned long val);

EXTERN_C_END

#endif
