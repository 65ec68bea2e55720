/* SPDX-License-Identifier: MIT */
/* Restarting the machine. */
#ifndef L4_UTIL_REBOOT_H
#define L4_UTIL_REBOOT_H

#include <l4/sys/compiler.h>

EXTERN_C_BEGIN

/*
 * Restart the machine by the platform control that the program has as `pfc` or `icu`. Without one
 * the program says so and ends with exit code 1.
 */
L4_CV L4_NORETURN void l4util_reboot(void);

EXTERN_C_END

#endif
