/* SPDX-License-Identifier: MIT */
/*
 * Addresses of a guest task: everything that is not the guest's own lies in root slots 260..264 of
 * its address space. vmm maps it, the shim finds it.
 */
#ifndef GUEST_LAYOUT_H
#define GUEST_LAYOUT_H

#define GUEST_SHIM  0xffff820000000000UL /* the shim's image: start record, text, data */
#define GUEST_KU    0xffff820040000000UL /* kernel-user memory: UTCBs, then vCPU states */
#define GUEST_VCPU  0xffff820080000000UL /* memory of vCPU n at n * GUEST_VCPU_BYTES */
#define GUEST_TRACK 0xffff8200c0000000UL /* one struct track_frame for each frame */
#define GUEST_M2P   0xffff830000000000UL /* the identity: 8 bytes a frame of RAM, read-only */
#define GUEST_RAM   0xffff840000000000UL /* guest-physical address 0 */

/* Where the shim is entered by other than its handler; each place has 64 bytes. */
#define GUEST_SHIM_ENTRY (GUEST_SHIM + 0x1000) /* a vCPU starts (guest/start.h) */
#define GUEST_SHIM_CALL	 (GUEST_SHIM + 0x1040) /* the guest's stub for hypercalls jumps here */
#define GUEST_SHIM_IRET	 (GUEST_SHIM + 0x1080) /* its stub for hypercall iret */

/* A vCPU's memory is read and written by the shim only: its struct vcpu, its stacks. */
#define GUEST_VCPU_BYTES 0x10000UL

enum { GUEST_VCPUS_MAX = 32, GUEST_VIEWS_MAX = 64, GUEST_CAPS_MAX = 16 };

#endif
