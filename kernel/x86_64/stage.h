/* SPDX-License-Identifier: MIT */
/*
 * Does the system-call entry save all registers at once, or those that C code preserves only when
 * they are needed (core/syscall.c)? The latter takes a compiler that can be told to keep away from
 * them (-ffixed-REGISTER).
 */
#ifndef KERNEL_STAGE_H
#define KERNEL_STAGE_H

#ifdef __clang__
#define ENTRY_SAVES_ALL 1
#else
#define ENTRY_SAVES_ALL 0
#endif

#endif
