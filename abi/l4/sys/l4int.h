/* SPDX-License-Identifier: MIT */
/* Integer types of the L4 interface on amd64: fixed sizes, machine words (64 bits), addresses. */
#ifndef L4_SYS_L4INT_H
#define L4_SYS_L4INT_H

#include <stddef.h>
#include <l4/sys/compiler.h>

#define L4_MWORD_BITS 64

typedef signed char l4_int8_t;
typedef unsigned char l4_uint8_t;
typedef signed short l4_int16_t;
typedef unsigned short l4_uint16_t;
typedef signed int l4_int32_t;
typedef unsigned int l4_uint32_t;
typedef signed long long l4_int64_t;
typedef unsigned long long l4_uint64_t;

typedef unsigned long l4_addr_t; /* user address in bytes, or an offset */
typedef signed long l4_mword_t;
typedef unsigned long l4_umword_t;
typedef unsigned long l4_size_t;
typedef signed long l4_ssize_t;

typedef l4_uint64_t l4_cpu_time_t;     /* microseconds of CPU time */
typedef l4_uint64_t l4_kernel_clock_t; /* microseconds since kernel start */

L4_STATIC_ASSERT(sizeof(l4_umword_t) * 8 == L4_MWORD_BITS);
L4_STATIC_ASSERT(sizeof(void *) == sizeof(l4_addr_t));
L4_STATIC_ASSERT(sizeof(l4_uint64_t) == 8 && sizeof(l4_uint32_t) == 4 && sizeof(l4_uint16_t) == 2);

#endif
