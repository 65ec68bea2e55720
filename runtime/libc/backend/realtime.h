/* SPDX-License-Identifier: MIT */
/* Offset of real time. */
#ifndef BACKEND_REALTIME_H
#define BACKEND_REALTIME_H

#include <stdint.h>

/* Nanoseconds from the kernel's start to 1970, added to the monotonic clock; 0 if nobody knows. */
uint64_t realtime_offset_ns(void);

#endif
