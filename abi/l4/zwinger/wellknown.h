/* SPDX-License-Identifier: MIT */
/*
 * Fixed values of Zwinger on amd64. Programs that also run on other L4Re kernels do not use the
 * selectors from here: they ask with fiasco_amd64_segment_info() (thread operation 0x13) or read
 * user_ds32, user_cs64 and user_cs32 in the vCPU state.
 */
#ifndef L4_ZWINGER_WELLKNOWN_H
#define L4_ZWINGER_WELLKNOWN_H

/* Selectors of user mode. They are Linux's own numbers; Xen's are valid as well. */
enum l4_zw_selectors {
	L4_ZW_USER_CS32 = 0x23,
	L4_ZW_USER_DS = 0x2b,
	L4_ZW_USER_CS64 = 0x33,
	L4_ZW_XEN_CS32 = 0xe023,
	L4_ZW_XEN_DS = 0xe02b,
	L4_ZW_XEN_CS64 = 0xe033
};

/* Addresses that no task can map: the kernel's part, slots 256..259 of the top-level table. */
#define L4_ZW_KERNEL_START 0xffff800000000000UL
#define L4_ZW_KERNEL_END   0xffff820000000000UL /* first byte behind */

/* The rest of the hole that 64-bit guests leave to a hypervisor, slots 260..271. */
#define L4_ZW_SHIM_AREA_START 0xffff820000000000UL
#define L4_ZW_SHIM_AREA_END   0xffff880000000000UL /* first byte behind */

#endif
