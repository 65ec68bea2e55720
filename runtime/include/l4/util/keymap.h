/* SPDX-License-Identifier: MIT */
/* Characters of keys. */
#ifndef L4_UTIL_KEYMAP_H
#define L4_UTIL_KEYMAP_H

#include <l4/sys/compiler.h>

EXTERN_C_BEGIN

/* Character of a key (L4RE_KEY_*) on a US keyboard, with or without shift; 0 if it has none. */
L4_CV int l4util_map_event_to_keymap(unsigned value, unsigned shift);

EXTERN_C_END

#endif
