/* SPDX-License-Identifier: MIT */
/* Debug functions of servers. */
#ifndef L4_RE_C_DEBUG_H
#define L4_RE_C_DEBUG_H

#include <l4/sys/compiler.h>
#include <l4/sys/types.h>

EXTERN_C_BEGIN

/* Ask the server of the object to print what it knows; function 0 is a dump. 0, or an error. */
L4_CV long l4re_debug_obj_debug(l4_cap_idx_t srv, unsigned long function) L4_NOTHROW;

EXTERN_C_END

#endif
