/* SPDX-License-Identifier: MIT */
/* Base 64. */
#ifndef L4_UTIL_BASE64_H
#define L4_UTIL_BASE64_H

#include <stddef.h>
#include <l4/sys/compiler.h>

EXTERN_C_BEGIN

/* Text of in_size bytes, padded, from malloc; NULL without memory. */
L4_CV void base64_encode(char const *in_data, size_t in_size, char **out_data);

/* Bytes of a text of in_size characters and a NUL, from malloc; NULL without memory. */
L4_CV void base64_decode(char const *in_data, size_t in_size, char **out_data);

EXTERN_C_END

#endif
