/* SPDX-License-Identifier: MIT */
/* Paravirtual interface: the page that a guest finds at start, and the notes of its ELF file. */
#ifndef GUEST_XEN_START_INFO_H
#define GUEST_XEN_START_INFO_H

#include "types.h"

#define XEN_START_MAGIC	 "xen-3.0-x86_64"
#define XEN_NOTE_OWNER	 "Xen"
#define XEN_HOLE_START	 0xffff800000000000UL /* what a guest leaves to the other side: */
#define XEN_HOLE_END	 0xffff880000000000UL /* root slots 256..271 */
#define XEN_P2M_IDENTITY (1UL << 62)	      /* bits of an entry of the frame list */
#define XEN_P2M_FOREIGN	 (1UL << 63)

enum { XEN_COMMAND_LINE_BYTES = 1024 };

enum xen_start_flags {
	XEN_START_PRIVILEGED = 1 << 0,
	XEN_START_INITIAL_DOMAIN = 1 << 1,
	XEN_START_MULTIBOOT_MODULE = 1 << 2,
	XEN_START_MODULE_FRAME = 1 << 3, /* mod_start is a frame number */
	XEN_START_VIRTUAL_P2M = 1 << 4
};

struct xen_start_info {
	char magic[32];
	uint64_t nr_pages;
	uint64_t shared_info; /* machine address, bytes */
	uint32_t flags;
	uint32_t pad0;
	uint64_t store_frame;
	uint32_t store_port; /* 0: no store */
	uint32_t pad1;
	uint64_t console_frame;
	uint32_t console_port; /* 0: no console ring */
	uint32_t pad2;
	uint64_t pt_base; /* guest address of the L4 table */
	uint64_t nr_pt_frames;
	uint64_t mfn_list; /* guest address of the frame list */
	uint64_t mod_start;
	uint64_t mod_len; /* bytes */
	char command_line[XEN_COMMAND_LINE_BYTES];
	uint64_t first_p2m_frame;
	uint64_t nr_p2m_frames;
};

XEN_AT(xen_start_info, nr_pages, 0x20);
XEN_AT(xen_start_info, shared_info, 0x28);
XEN_AT(xen_start_info, flags, 0x30);
XEN_AT(xen_start_info, store_frame, 0x38);
XEN_AT(xen_start_info, store_port, 0x40);
XEN_AT(xen_start_info, console_frame, 0x48);
XEN_AT(xen_start_info, console_port, 0x50);
XEN_AT(xen_start_info, pt_base, 0x58);
XEN_AT(xen_start_info, nr_pt_frames, 0x60);
XEN_AT(xen_start_info, mfn_list, 0x68);
XEN_AT(xen_start_info, mod_start, 0x70);
XEN_AT(xen_start_info, mod_len, 0x78);
XEN_AT(xen_start_info, command_line, 0x80);
XEN_AT(xen_start_info, first_p2m_frame, 0x480);
XEN_AT(xen_start_info, nr_p2m_frames, 0x488);

/* Types of notes with owner XEN_NOTE_OWNER. */
enum xen_note {
	XEN_NOTE_ENTRY = 1,
	XEN_NOTE_HYPERCALL_PAGE = 2,
	XEN_NOTE_VIRT_BASE = 3,
	XEN_NOTE_PADDR_OFFSET = 4,
	XEN_NOTE_XEN_VERSION = 5,
	XEN_NOTE_GUEST_OS = 6,
	XEN_NOTE_GUEST_VERSION = 7,
	XEN_NOTE_LOADER = 8,
	XEN_NOTE_PAE_MODE = 9,
	XEN_NOTE_FEATURES = 10,
	XEN_NOTE_BSD_SYMTAB = 11,
	XEN_NOTE_HV_START_LOW = 12,
	XEN_NOTE_L1_MFN_VALID = 13,
	XEN_NOTE_SUSPEND_CANCEL = 14,
	XEN_NOTE_INIT_P2M = 15,
	XEN_NOTE_MOD_START_PFN = 16,
	XEN_NOTE_SUPPORTED_FEATURES = 17,
	XEN_NOTE_PHYS32_ENTRY = 18
};

/* Features, as bits of note SUPPORTED_FEATURES and of xen_version's answer. */
enum xen_feature {
	XEN_FEATURE_WRITABLE_PAGE_TABLES = 0,
	XEN_FEATURE_WRITABLE_DESCRIPTOR_TABLES = 1,
	XEN_FEATURE_AUTO_TRANSLATED_PHYSMAP = 2,
	XEN_FEATURE_SUPERVISOR_MODE_KERNEL = 3,
	XEN_FEATURE_PAE_PGDIR_ABOVE_4GB = 4,
	XEN_FEATURE_PRESERVE_AD = 5,
	XEN_FEATURE_GRANT_MAP_AVAIL_BITS = 7,
	XEN_FEATURE_DOM0 = 11,
	XEN_FEATURE_RSDP_UNRESTRICTED = 15
};

enum xen_version_op {
	XEN_VERSION = 0,
	XEN_VERSION_EXTRA = 1,
	XEN_VERSION_COMPILE_INFO = 2,
	XEN_VERSION_CAPABILITIES = 3,
	XEN_VERSION_CHANGESET = 4,
	XEN_VERSION_PLATFORM_PARAMETERS = 5,
	XEN_VERSION_GET_FEATURES = 6,
	XEN_VERSION_PAGESIZE = 7,
	XEN_VERSION_GUEST_HANDLE = 8,
	XEN_VERSION_COMMANDLINE = 9,
	XEN_VERSION_BUILD_ID = 10
};

struct xen_feature_info {
	uint32_t submap_idx;
	uint32_t submap; /* out */
};

XEN_SIZE(xen_feature_info, 8);

#endif
