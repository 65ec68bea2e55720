/* SPDX-License-Identifier: MIT */
/* Time stamp counter, in CPU ticks; the kernel info page says what a tick is. */
#ifndef L4_UTIL_RDTSC_H
#define L4_UTIL_RDTSC_H

#include <l4/sys/compiler.h>
#include <l4/sys/kip.h>
#include <l4/sys/l4int.h>

/* Where the scale comes from; here always the kernel. */
#define L4_TSC_INIT_AUTO      0
#define L4_TSC_INIT_KERNEL    1
#define L4_TSC_INIT_CALIBRATE 2

EXTERN_C_BEGIN

/* 2^32 / (ticks a microsecond), or 0 if the kernel tells no scale. The KIP can be NULL. */
L4_CV l4_uint32_t l4_tsc_init(l4_kernel_info_t const *kip);

/* Frequency of the CPU in Hz, cut to 32 bits. */
L4_CV l4_uint32_t l4_get_hz(void);

EXTERN_C_END

/* Ticks since the CPU's start. */
L4_INLINE l4_cpu_time_t l4_rdtsc(void)
{
	l4_uint32_t low, high;

	__asm__ __volatile__("rdtsc" : "=a"(low), "=d"(high));
	return (l4_cpu_time_t)high << 32 | low;
}

/* Their low half. */
L4_INLINE l4_uint32_t l4_rdtsc_32(void)
{
	return (l4_uint32_t)l4_rdtsc();
}

/* Performance counter number ecx; a fault where the kernel does not allow it. */
L4_INLINE l4_cpu_time_t l4_rdpmc(int ecx)
{
	l4_uint32_t low, high;

	__asm__ __volatile__("rdpmc" : "=a"(low), "=d"(high) : "c"(ecx));
	return (l4_cpu_time_t)high << 32 | low;
}

/* Its low half. */
L4_INLINE l4_uint32_t l4_rdpmc_32(int ecx)
{
	return (l4_uint32_t)l4_rdpmc(ecx);
}

/* A scaling factor of the kernel info page. */
L4_INLINE l4_uint64_t l4_tsc_scaler(unsigned offset)
{
	return *(l4_uint64_t const *)((char const *)l4_kip() + offset);
}

/* a * b >> shift with all bits in between. */
L4_INLINE l4_uint64_t l4_tsc_scale(l4_uint64_t a, l4_uint64_t b, unsigned shift)
{
	__extension__ typedef unsigned __int128 wide;

	return (l4_uint64_t)((wide)a * b >> shift);
}

/* Ticks to nanoseconds. */
L4_INLINE l4_uint64_t l4_tsc_to_ns(l4_cpu_time_t tsc)
{
	return l4_tsc_scale(tsc, l4_tsc_scaler(L4_KIP_OFFS_SCALER_NS), 27);
}

/* Ticks to microseconds. */
L4_INLINE l4_uint64_t l4_tsc_to_us(l4_cpu_time_t tsc)
{
	return l4_tsc_scale(tsc, l4_tsc_scaler(L4_KIP_OFFS_SCALER_US), 32);
}

/* Ticks to seconds, and nanoseconds of the last one. */
L4_INLINE void l4_tsc_to_s_and_ns(l4_cpu_time_t tsc, l4_uint32_t *s, l4_uint32_t *ns)
{
	l4_uint64_t all = l4_tsc_to_ns(tsc);

	*s = (l4_uint32_t)(all / 1000000000);
	*ns = (l4_uint32_t)(all % 1000000000);
}

/* Nanoseconds to ticks. */
L4_INLINE l4_cpu_time_t l4_ns_to_tsc(l4_uint64_t ns)
{
	__extension__ typedef unsigned __int128 wide;

	return (l4_cpu_time_t)(((wide)ns << 27) / l4_tsc_scaler(L4_KIP_OFFS_SCALER_NS));
}

/* Spin for so many nanoseconds. */
L4_INLINE void l4_busy_wait_ns(l4_uint64_t ns)
{
	l4_cpu_time_t start = l4_rdtsc(), ticks = l4_ns_to_tsc(ns);

	while (l4_rdtsc() - start < ticks)
		__asm__ __volatile__("pause");
}

/* Spin for so many microseconds. */
L4_INLINE void l4_busy_wait_us(l4_uint64_t us)
{
	l4_busy_wait_ns(us * 1000);
}

/* l4_tsc_init() */
L4_INLINE l4_uint32_t l4_calibrate_tsc(l4_kernel_info_t const *kip)
{
	return l4_tsc_init(kip);
}

#endif
