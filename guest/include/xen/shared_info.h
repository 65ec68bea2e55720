/* SPDX-License-Identifier: MIT */
/* Paravirtual interface: the page of events and times, and what each vCPU has in it. */
#ifndef GUEST_XEN_SHARED_INFO_H
#define GUEST_XEN_SHARED_INFO_H

#include "types.h"

enum {
	XEN_SHARED_VCPUS = 32,	   /* vCPUs with a place in the page */
	XEN_EVENT_WORDS = 64,	   /* words of the bitmaps */
	XEN_EVENT_PORTS = 64 * 64, /* of the two-level format */
	XEN_TIME_TSC_STABLE = 1 << 0
};

/* now = system_time + (((tsc - tsc_timestamp) << tsc_shift) * tsc_to_system_mul >> 32), ns */
struct xen_time_info {
	uint32_t version; /* odd: being changed */
	uint32_t pad0;
	uint64_t tsc_timestamp;
	uint64_t system_time; /* nanoseconds since start */
	uint32_t tsc_to_system_mul;
	int8_t tsc_shift; /* negative: to the right */
	uint8_t flags;	  /* XEN_TIME_* */
	uint8_t pad1[2];
};

struct xen_vcpu_info {
	uint8_t upcall_pending;
	uint8_t upcall_mask;
	uint8_t pad[6];
	uint64_t pending_sel; /* bit: word of the bitmap to look at */
	uint64_t cr2;
	uint64_t arch_pad;
	struct xen_time_info time;
};

XEN_AT(xen_time_info, tsc_timestamp, 8);
XEN_AT(xen_time_info, system_time, 16);
XEN_AT(xen_time_info, tsc_to_system_mul, 24);
XEN_AT(xen_time_info, tsc_shift, 28);
XEN_AT(xen_time_info, flags, 29);
XEN_SIZE(xen_time_info, 32);
XEN_AT(xen_vcpu_info, upcall_mask, 1);
XEN_AT(xen_vcpu_info, pending_sel, 8);
XEN_AT(xen_vcpu_info, cr2, 16);
XEN_AT(xen_vcpu_info, time, 32);
XEN_SIZE(xen_vcpu_info, 64);

struct xen_arch_shared_info {
	uint64_t max_pfn;
	uint64_t frame_list_list;
	uint64_t nmi_reason;
	uint64_t p2m_cr3;
	uint64_t p2m_vaddr;
	uint64_t p2m_generation;
};

struct xen_shared_info {
	struct xen_vcpu_info vcpu_info[XEN_SHARED_VCPUS];
	uint64_t pending[XEN_EVENT_WORDS];
	uint64_t mask[XEN_EVENT_WORDS];
	uint32_t wall_version; /* odd: being changed */
	uint32_t wall_sec;     /* time of day at system time 0 */
	uint32_t wall_nsec;
	uint32_t wall_sec_hi;
	struct xen_arch_shared_info arch;
};

XEN_AT(xen_shared_info, pending, 0x800);
XEN_AT(xen_shared_info, mask, 0xa00);
XEN_AT(xen_shared_info, wall_version, 0xc00);
XEN_AT(xen_shared_info, wall_sec, 0xc04);
XEN_AT(xen_shared_info, wall_nsec, 0xc08);
XEN_AT(xen_shared_info, wall_sec_hi, 0xc0c);
XEN_AT(xen_shared_info, arch, 0xc10);

#endif
