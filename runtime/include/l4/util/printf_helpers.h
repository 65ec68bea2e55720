/* SPDX-License-Identifier: MIT */
/* Texts for people. */
#ifndef L4_UTIL_PRINTF_HELPERS_H
#define L4_UTIL_PRINTF_HELPERS_H

#include <l4/sys/compiler.h>
#include <l4/sys/l4int.h>

EXTERN_C_BEGIN

/* Write "960.1 MiB" and the like, for so many bytes, to the size bytes at buf. Returns its length.
 */
L4_CV int l4util_human_readable_size(char *buf, unsigned size, l4_uint64_t bytes);

EXTERN_C_END

#endif
