/* SPDX-License-Identifier: MIT */
/* The kernel info page, as the kernel uses it; layout in x86_64/kip.S and abi spec 6. */
#ifndef KERNEL_KIP_H
#define KERNEL_KIP_H

#include "core/types.h"

extern u8 kip[];
extern char kip_feature_jdb[];
extern u64 kip_clock_start, kip_scale_us, kip_scale_ns;

static inline u64 *kip_word(unsigned offset)
{
	return (u64 *)(kip + offset);
}

static inline u64 *kip_descriptors(void)
{
	return (u64 *)(kip + *(u32 *)(kip + 0x54));
}

static inline unsigned kip_descriptor_slots(void)
{
	return *(u32 *)(kip + 0x58);
}

enum { KIP_SIGMA0_IP = 0x10, KIP_ROOT_IP = 0x18, KIP_CPU_KHZ = 0x28 };

#endif
