/* SPDX-License-Identifier: MIT */
/* Finding what a partner registers. */
#ifndef SHMC_LOOKUP_H
#define SHMC_LOOKUP_H

#include <l4/sys/types.h>

/*
 * Look name up in the namespace into a new slot, for at most timeout_ms milliseconds while it is
 * not there. 0, -L4_ENOENT, -L4_ENOMEM, or an error of the namespace.
 */
long lookup(l4_cap_idx_t ns, const char *name, l4_umword_t timeout_ms, l4_cap_idx_t *cap);

#endif
