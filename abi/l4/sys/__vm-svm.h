/* SPDX-License-Identifier: MIT */
/* VMCB in the extended vCPU state, AMD SVM; layout as in AMD APM volume 2, appendix B. */
#ifndef L4_SYS___VM_SVM_H
#define L4_SYS___VM_SVM_H

#include <l4/sys/types.h>

typedef struct l4_vm_svm_vmcb_control_area {
	l4_uint16_t intercept_rd_crX;
	l4_uint16_t intercept_wr_crX;
	l4_uint16_t intercept_rd_drX;
	l4_uint16_t intercept_wr_drX;
	l4_uint32_t intercept_exceptions;
	l4_uint32_t intercept_instruction0;
	l4_uint32_t intercept_instruction1;
	l4_uint8_t _reserved0[40];
	l4_uint16_t pause_filter_threshold;
	l4_uint16_t pause_filter_count;
	l4_uint64_t iopm_base_pa;
	l4_uint64_t msrpm_base_pa;
	l4_uint64_t tsc_offset;
	l4_uint64_t guest_asid_tlb_ctl;
	l4_uint64_t interrupt_ctl;
	l4_uint64_t interrupt_shadow;
	l4_uint64_t exitcode;
	l4_uint64_t exitinfo1;
	l4_uint64_t exitinfo2;
	l4_uint64_t exitintinfo;
	l4_uint64_t np_enable;
	l4_uint8_t _reserved1[16];
	l4_uint64_t eventinj;
	l4_uint64_t n_cr3;
	l4_uint64_t lbr_virtualization_enable;
	l4_uint64_t clean_bits;
	l4_uint64_t n_rip;
	l4_uint8_t _reserved2[816];
} l4_vm_svm_vmcb_control_area_t;

typedef struct l4_vm_svm_vmcb_state_save_area_seg {
	l4_uint16_t selector;
	l4_uint16_t attrib;
	l4_uint32_t limit;
	l4_uint64_t base;
} l4_vm_svm_vmcb_state_save_area_seg_t;

typedef struct l4_vm_svm_vmcb_state_save_area {
	l4_vm_svm_vmcb_state_save_area_seg_t es, cs, ss, ds, fs, gs, gdtr, ldtr, idtr, tr;
	l4_uint8_t _reserved0[43];
	l4_uint8_t cpl;
	l4_uint32_t _reserved1;
	l4_uint64_t efer;
	l4_uint8_t _reserved2[112];
	l4_uint64_t cr4, cr3, cr0, dr7, dr6;
	l4_uint64_t rflags, rip;
	l4_uint8_t _reserved3[88];
	l4_uint64_t rsp;
	l4_uint8_t _reserved4[24];
	l4_uint64_t rax;
	l4_uint64_t star, lstar, cstar, sfmask, kernelgsbase;
	l4_uint64_t sysenter_cs, sysenter_esp, sysenter_eip;
	l4_uint64_t cr2;
	l4_uint8_t _reserved5[32];
	l4_uint64_t g_pat;
	l4_uint64_t dbgctl, br_from, br_to, lastexcpfrom, last_excpto;
	l4_uint64_t xcr0;	     /* not in hardware: the guest's XCR0 */
	l4_uint8_t _reserved6[1376]; /* to the end of the page */
} l4_vm_svm_vmcb_state_save_area_t;

/* At L4_VCPU_OFFSET_EXT_STATE of the vCPU state page, up to the page's end. */
typedef struct l4_vm_svm_vmcb_t {
	l4_vm_svm_vmcb_control_area_t control_area;
	l4_vm_svm_vmcb_state_save_area_t state_save_area;
} l4_vm_svm_vmcb_t;

L4_STATIC_ASSERT(offsetof(l4_vm_svm_vmcb_control_area_t, pause_filter_threshold) == 0x3c);
L4_STATIC_ASSERT(offsetof(l4_vm_svm_vmcb_control_area_t, tsc_offset) == 0x50);
L4_STATIC_ASSERT(offsetof(l4_vm_svm_vmcb_control_area_t, exitcode) == 0x70);
L4_STATIC_ASSERT(offsetof(l4_vm_svm_vmcb_control_area_t, np_enable) == 0x90);
L4_STATIC_ASSERT(offsetof(l4_vm_svm_vmcb_control_area_t, eventinj) == 0xa8);
L4_STATIC_ASSERT(offsetof(l4_vm_svm_vmcb_control_area_t, clean_bits) == 0xc0);
L4_STATIC_ASSERT(offsetof(l4_vm_svm_vmcb_control_area_t, n_rip) == 0xc8);
L4_STATIC_ASSERT(sizeof(l4_vm_svm_vmcb_control_area_t) == 0x400);
L4_STATIC_ASSERT(offsetof(l4_vm_svm_vmcb_state_save_area_t, cpl) == 0xcb);
L4_STATIC_ASSERT(offsetof(l4_vm_svm_vmcb_state_save_area_t, efer) == 0xd0);
L4_STATIC_ASSERT(offsetof(l4_vm_svm_vmcb_state_save_area_t, cr4) == 0x148);
L4_STATIC_ASSERT(offsetof(l4_vm_svm_vmcb_state_save_area_t, rip) == 0x178);
L4_STATIC_ASSERT(offsetof(l4_vm_svm_vmcb_state_save_area_t, rsp) == 0x1d8);
L4_STATIC_ASSERT(offsetof(l4_vm_svm_vmcb_state_save_area_t, rax) == 0x1f8);
L4_STATIC_ASSERT(offsetof(l4_vm_svm_vmcb_state_save_area_t, cr2) == 0x240);
L4_STATIC_ASSERT(offsetof(l4_vm_svm_vmcb_state_save_area_t, g_pat) == 0x268);
L4_STATIC_ASSERT(offsetof(l4_vm_svm_vmcb_state_save_area_t, xcr0) == 0x298);
L4_STATIC_ASSERT(sizeof(l4_vm_svm_vmcb_t) == 0xc00);

#endif
