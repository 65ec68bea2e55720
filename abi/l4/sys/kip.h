/* SPDX-License-Identifier: MIT */
/* Kernel info page (KIP): one page, readable and executable for programs, with start-up facts. */
#ifndef L4_SYS_KIP_H
#define L4_SYS_KIP_H

#include <l4/sys/types.h>
#include <l4/sys/compiler.h>
#include <l4/sys/l4int.h>

#define L4_KERNEL_INFO_MAGIC 0x4BE6344CL /* bytes "L4", 0xe6, "K" */

#define L4_KIP_VERSION_FIASCO	   0x87004444U /* version with the ABI sub-version masked out */
#define L4_KIP_VERSION_FIASCO_MASK 0xff00ffffU
#define L4_KIP_VERSION_CURRENT	   0x87034444U /* ABI sub-version 3 */

enum L4_kip_offsets {
	L4_KIP_OFFS_MEM_DESCS = 0x90,
	L4_KIP_OFFS_VERSION_STRING = 0x490, /* with L4_KIP_MEM_DESCS_NUM descriptors */
	L4_KIP_OFFS_READ_US = 0x900,	    /* code: kernel clock in microseconds */
	L4_KIP_OFFS_READ_NS = 0x980,	    /* code: the same in nanoseconds */
	L4_KIP_OFFS_SCALER_US = 0x9f0,	    /* u64: us = tsc * scaler >> 32 */
	L4_KIP_OFFS_SCALER_NS = 0x9f8,	    /* u64: ns = tsc * scaler >> 27 */
	L4_KIP_MEM_DESCS_NUM = 64
};

struct l4_kip_platform_info {
	char name[16];	   /* zero padded */
	l4_uint32_t is_mp; /* 1: the kernel supports several CPUs */
	l4_uint32_t _reserved[3];
};

typedef struct l4_kernel_info_t {
	l4_uint32_t magic;
	l4_uint32_t version;
	l4_uint8_t offset_version_strings; /* in units of 16 bytes */
	l4_uint8_t _fill0[3];
	l4_uint8_t kip_sys_calls;
	l4_uint8_t node;
	l4_uint8_t _fill1[2];
	l4_uint64_t sigma0_ip;		   /* entry points, physical = user address */
	l4_uint64_t root_ip;		   /* 0: no root task */
	volatile l4_cpu_time_t _clock_val; /* us; programs call the code at 0x900 instead */
	l4_uint64_t frequency_cpu;	   /* kHz */
	l4_uint64_t acpi_rsdp_addr;	   /* physical; 0 = none passed */
	l4_uint64_t dt_addr;		   /* physical device tree; 0 = none */
	l4_uint64_t user_ptr; /* physical address of the module list, l4util_l4mod_info */
	l4_uint64_t _res0[1];
	l4_uint32_t scheduler_granularity; /* us */
	l4_uint32_t mem_descs;		   /* bytes from the KIP's start */
	l4_uint32_t mem_descs_num;	   /* slots, used or not */
	l4_uint32_t _res1[1];
	l4_uint64_t _res2[2];
	struct l4_kip_platform_info platform_info;
} l4_kernel_info_t;

L4_STATIC_ASSERT(offsetof(l4_kernel_info_t, version) == 0x04);
L4_STATIC_ASSERT(offsetof(l4_kernel_info_t, offset_version_strings) == 0x08);
L4_STATIC_ASSERT(offsetof(l4_kernel_info_t, kip_sys_calls) == 0x0c);
L4_STATIC_ASSERT(offsetof(l4_kernel_info_t, node) == 0x0d);
L4_STATIC_ASSERT(offsetof(l4_kernel_info_t, sigma0_ip) == 0x10);
L4_STATIC_ASSERT(offsetof(l4_kernel_info_t, root_ip) == 0x18);
L4_STATIC_ASSERT(offsetof(l4_kernel_info_t, _clock_val) == 0x20);
L4_STATIC_ASSERT(offsetof(l4_kernel_info_t, frequency_cpu) == 0x28);
L4_STATIC_ASSERT(offsetof(l4_kernel_info_t, acpi_rsdp_addr) == 0x30);
L4_STATIC_ASSERT(offsetof(l4_kernel_info_t, dt_addr) == 0x38);
L4_STATIC_ASSERT(offsetof(l4_kernel_info_t, user_ptr) == 0x40);
L4_STATIC_ASSERT(offsetof(l4_kernel_info_t, scheduler_granularity) == 0x50);
L4_STATIC_ASSERT(offsetof(l4_kernel_info_t, mem_descs) == 0x54);
L4_STATIC_ASSERT(offsetof(l4_kernel_info_t, mem_descs_num) == 0x58);
L4_STATIC_ASSERT(offsetof(l4_kernel_info_t, platform_info) == 0x70);
L4_STATIC_ASSERT(offsetof(l4_kernel_info_t, platform_info.is_mp) == 0x80);
L4_STATIC_ASSERT(sizeof(l4_kernel_info_t) == L4_KIP_OFFS_MEM_DESCS);
L4_STATIC_ASSERT(L4_KIP_OFFS_MEM_DESCS + 16 * L4_KIP_MEM_DESCS_NUM == L4_KIP_OFFS_VERSION_STRING);

/* Where the KIP is mapped; set by the runtime library. */
EXTERN_C_BEGIN
extern l4_kernel_info_t const *l4_global_kip;
EXTERN_C_END

/* The KIP of this program. */
L4_INLINE l4_kernel_info_t const *l4_kip(void) L4_NOTHROW
{
	return l4_global_kip;
}

/* Version without the ABI sub-version; compare with L4_KIP_VERSION_FIASCO. */
L4_INLINE l4_umword_t l4_kip_version(l4_kernel_info_t const *kip) L4_NOTHROW
{
	return kip->version & L4_KIP_VERSION_FIASCO_MASK;
}

/* Bytes from the KIP's start to the version string. */
L4_INLINE int l4_kernel_info_version_offset(l4_kernel_info_t const *kip) L4_NOTHROW
{
	return kip->offset_version_strings << 4;
}

/* Version string; the feature strings follow it. */
L4_INLINE char const *l4_kip_version_string(l4_kernel_info_t const *kip) L4_NOTHROW
{
	return (char const *)kip + l4_kernel_info_version_offset(kip);
}

/* Call the clock code at a byte offset of the KIP. */
L4_INLINE l4_uint64_t l4_kip_clock_code(l4_kernel_info_t const *kip, unsigned offset) L4_NOTHROW
{
	typedef l4_uint64_t (*clock_fn)(void);

	return ((clock_fn)((l4_addr_t)kip + offset))();
}

/* Kernel clock in microseconds since kernel start. */
L4_INLINE l4_cpu_time_t l4_kip_clock(l4_kernel_info_t const *kip) L4_NOTHROW
{
	return l4_kip_clock_code(kip, L4_KIP_OFFS_READ_US);
}

/* Kernel clock in nanoseconds since kernel start. */
L4_INLINE l4_uint64_t l4_kip_clock_ns(l4_kernel_info_t const *kip) L4_NOTHROW
{
	return l4_kip_clock_code(kip, L4_KIP_OFFS_READ_NS);
}

/* Kernel clock in microseconds as a machine word. */
L4_INLINE l4_umword_t l4_kip_clock_lw(l4_kernel_info_t const *kip) L4_NOTHROW
{
	return (l4_umword_t)l4_kip_clock(kip);
}

/* Loop over the feature strings; s is a char const * set to l4_kip_version_string() before. */
#define l4_kip_for_each_feature(s) \
	for ((s) += __builtin_strlen(s) + 1; *(s); (s) += __builtin_strlen(s) + 1)

/* 1 if the kernel announces the feature str, otherwise 0. */
L4_INLINE int l4_kip_kernel_has_feature(l4_kernel_info_t const *kip, char const *str) L4_NOTHROW
{
	char const *s = l4_kip_version_string(kip);

	l4_kip_for_each_feature(s) if (__builtin_strcmp(s, str) == 0) return 1;
	return 0;
}

#endif
