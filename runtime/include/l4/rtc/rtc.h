/* SPDX-License-Identifier: MIT */
/* Wall-clock time: the offset between the time of day and a local clock. */
#ifndef L4_RTC_RTC_H
#define L4_RTC_RTC_H

#include <l4/sys/compiler.h>
#include <l4/sys/l4int.h>
#include <l4/sys/types.h>

EXTERN_C_BEGIN

/* Nanoseconds to add to l4rtc_get_timer() for nanoseconds since 1970, UTC. 0, or an error. */
L4_CV int l4rtc_get_offset_to_realtime(l4_cap_idx_t server, l4_uint64_t *nanoseconds);

/* Set that offset; other clients get an interrupt. 0, or an error. */
L4_CV int l4rtc_set_offset_to_realtime(l4_cap_idx_t server, l4_uint64_t nanoseconds);

/* The local clock, nanoseconds. */
L4_CV l4_uint64_t l4rtc_get_timer(void);

EXTERN_C_END

#endif
