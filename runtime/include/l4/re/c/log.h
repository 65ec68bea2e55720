/* SPDX-License-Identifier: MIT */
/* Text to the log. The message registers of the caller's UTCB are kept. */
#ifndef L4_RE_C_LOG_H
#define L4_RE_C_LOG_H

#include <l4/re/env.h>

EXTERN_C_BEGIN

/* Write a string to that log. */
L4_CV void l4re_log_print_srv(const l4_cap_idx_t logcap, char const *string) L4_NOTHROW;

/* Write len bytes to that log; long texts take several messages. */
L4_CV void l4re_log_printn_srv(const l4_cap_idx_t logcap, char const *string, int len) L4_NOTHROW;

/* Write a string to the program's log. */
L4_INLINE void l4re_log_print(char const *string) L4_NOTHROW
{
	l4re_log_print_srv(l4re_env()->log, string);
}

/* Write len bytes to the program's log. */
L4_INLINE void l4re_log_printn(char const *string, int len) L4_NOTHROW
{
	l4re_log_printn_srv(l4re_env()->log, string, len);
}

EXTERN_C_END

#endif
