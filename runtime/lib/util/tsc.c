/* SPDX-License-Identifier: MIT */
/* The scale of the time stamp counter. */
#include <l4/util/rdtsc.h>

l4_uint32_t l4_tsc_init(l4_kernel_info_t const *kip)
{
	if (!kip)
		kip = l4_kip();
	return (l4_uint32_t) * (l4_uint64_t const *)((char const *)kip + L4_KIP_OFFS_SCALER_US);
}

l4_uint32_t l4_get_hz(void)
{
	return (l4_uint32_t)(l4_kip()->frequency_cpu * 1000);
}
