/* SPDX-License-Identifier: MIT */
/*
 * Software VMCS in the extended vCPU state, Intel VMX. Fields are found through the offset table
 * that the kernel writes; a writer marks a field dirty, and only dirty fields reach the hardware.
 * Field numbers as in Intel SDM volume 3, appendix B: index bits 1..9, group 10..11, size 13..14.
 */
#ifndef L4_SYS___VM_VMX_H
#define L4_SYS___VM_VMX_H

#include <l4/sys/vcpu.h>

/* Index of capability words in l4_vm_vmx_vcpu_infos_t: may-be-one high, must-be-one low half. */
enum L4_vm_vmx_caps_regs {
	L4_VM_VMX_BASIC_REG = 0,
	L4_VM_VMX_TRUE_PINBASED_CTLS_REG = 1,
	L4_VM_VMX_TRUE_PROCBASED_CTLS_REG = 2,
	L4_VM_VMX_TRUE_EXIT_CTLS_REG = 3,
	L4_VM_VMX_TRUE_ENTRY_CTLS_REG = 4,
	L4_VM_VMX_MISC_REG = 5,
	L4_VM_VMX_CR0_FIXED0_REG = 6,
	L4_VM_VMX_CR0_FIXED1_REG = 7,
	L4_VM_VMX_CR4_FIXED0_REG = 8,
	L4_VM_VMX_CR4_FIXED1_REG = 9,
	L4_VM_VMX_VMCS_ENUM_REG = 10,
	L4_VM_VMX_PROCBASED_CTLS2_REG = 11,
	L4_VM_VMX_EPT_VPID_CAP_REG = 12,
	L4_VM_VMX_NESTED_REVISION = 13,
	L4_VM_VMX_NUM_CAPS_REGS
};

/* Index of default-one words. */
enum L4_vm_vmx_dfl1_regs {
	L4_VM_VMX_PINBASED_CTLS_DFL1_REG = 0,
	L4_VM_VMX_PROCBASED_CTLS_DFL1_REG = 1,
	L4_VM_VMX_EXIT_CTLS_DFL1_REG = 2,
	L4_VM_VMX_ENTRY_CTLS_DFL1_REG = 3,
	L4_VM_VMX_NUM_DFL1_REGS
};

/* Field numbers that hardware does not have. */
enum L4_vm_vmx_sw_fields {
	L4_VM_VMX_VMCS_CR2 = 0x6880,
	L4_VM_VMX_VMCS_NAT_ARG0 = 0x6882,
	L4_VM_VMX_VMCS_NAT_ARG1 = 0x6884,
	L4_VM_VMX_VMCS_NAT_ARG2 = 0x6886,
	L4_VM_VMX_VMCS_NAT_ARG3 = 0x6888,
	L4_VM_VMX_VMCS_XCR0 = 0x2880,
	L4_VM_VMX_VMCS_MSR_SYSCALL_MASK = 0x2882,
	L4_VM_VMX_VMCS_MSR_LSTAR = 0x2884,
	L4_VM_VMX_VMCS_MSR_CSTAR = 0x2886,
	L4_VM_VMX_VMCS_MSR_TSC_AUX = 0x2888,
	L4_VM_VMX_VMCS_MSR_STAR = 0x288a,
	L4_VM_VMX_VMCS_MSR_KERNEL_GS_BASE = 0x288c
};

enum L4_vm_vmx_vmcs_sizes {
	L4_VM_VMX_VMCS_SIZE_VALUES = 2560,
	L4_VM_VMX_VMCS_SIZE_DIRTY_BITMAP = 320
};

/* First index: size (16, 64, 32 bit, natural); second: control, read-only, guest, host group. */
typedef struct l4_vmx_offset_table_t {
	l4_uint8_t offsets[4][4]; /* in 64 bytes */
	l4_uint8_t limits[4][4];  /* in 64 bytes */
	l4_uint8_t index_shifts[4];
	l4_uint8_t base_offset; /* in 64 bytes */
	l4_uint8_t size;	/* in 64 bytes */
	l4_uint8_t reserved[2];
} l4_vmx_offset_table_t;

typedef struct l4_vm_vmx_vcpu_vmcs_t {
	l4_uint64_t reserved0;
	l4_uint64_t user_data; /* the software VMCS that was loaded into this one */
	l4_uint32_t cr2_index; /* L4_VM_VMX_VMCS_CR2, to check the interface */
	l4_uint8_t reserved1[4];
	l4_cap_idx_t vmcs; /* vCPU context; low bits as in l4_vcpu_state_t::user_task */
	l4_vmx_offset_table_t offset_table;
	l4_uint8_t reserved2[120];
	l4_uint8_t values[L4_VM_VMX_VMCS_SIZE_VALUES];
	l4_uint8_t dirty_bitmap[L4_VM_VMX_VMCS_SIZE_DIRTY_BITMAP]; /* a bit a byte of values */
} l4_vm_vmx_vcpu_vmcs_t;

typedef struct l4_vm_vmx_vcpu_infos_t {
	l4_uint64_t caps[L4_VM_VMX_NUM_CAPS_REGS];
	l4_uint32_t dfl1[L4_VM_VMX_NUM_DFL1_REGS];
} l4_vm_vmx_vcpu_infos_t;

/* The whole page of an extended vCPU. */
typedef struct l4_vm_vmx_vcpu_state_t {
	l4_vcpu_state_t vcpu_state;
	l4_uint8_t padding0[L4_VCPU_OFFSET_EXT_INFOS - sizeof(l4_vcpu_state_t)];
	l4_vm_vmx_vcpu_infos_t infos;
	l4_uint8_t padding1[L4_VCPU_OFFSET_EXT_STATE - L4_VCPU_OFFSET_EXT_INFOS -
			    sizeof(l4_vm_vmx_vcpu_infos_t)];
	l4_vm_vmx_vcpu_vmcs_t vmcs;
} l4_vm_vmx_vcpu_state_t;

L4_STATIC_ASSERT(sizeof(l4_vmx_offset_table_t) == 40);
L4_STATIC_ASSERT(offsetof(l4_vm_vmx_vcpu_vmcs_t, user_data) == 0x008);
L4_STATIC_ASSERT(offsetof(l4_vm_vmx_vcpu_vmcs_t, cr2_index) == 0x010);
L4_STATIC_ASSERT(offsetof(l4_vm_vmx_vcpu_vmcs_t, vmcs) == 0x018);
L4_STATIC_ASSERT(offsetof(l4_vm_vmx_vcpu_vmcs_t, offset_table) == 0x020);
L4_STATIC_ASSERT(offsetof(l4_vm_vmx_vcpu_vmcs_t, values) == 0x0c0);
L4_STATIC_ASSERT(offsetof(l4_vm_vmx_vcpu_vmcs_t, dirty_bitmap) == 0xac0);
L4_STATIC_ASSERT(sizeof(l4_vm_vmx_vcpu_infos_t) == 14 * 8 + 4 * 4);
L4_STATIC_ASSERT(offsetof(l4_vm_vmx_vcpu_state_t, infos) == L4_VCPU_OFFSET_EXT_INFOS);
L4_STATIC_ASSERT(offsetof(l4_vm_vmx_vcpu_state_t, vmcs) == L4_VCPU_OFFSET_EXT_STATE);
L4_STATIC_ASSERT(sizeof(l4_vm_vmx_vcpu_state_t) == L4_VCPU_STATE_EXT_SIZE);

/* Capability word caps_reg. */
L4_INLINE l4_uint64_t l4_vm_vmx_get_caps(l4_vm_vmx_vcpu_state_t const *vcpu_state,
					 enum L4_vm_vmx_caps_regs caps_reg) L4_NOTHROW
{
	return vcpu_state->infos.caps[caps_reg];
}

/* Default-one word dfl1_reg. */
L4_INLINE l4_uint32_t l4_vm_vmx_get_caps_default1(l4_vm_vmx_vcpu_state_t const *vcpu_state,
						  enum L4_vm_vmx_dfl1_regs dfl1_reg) L4_NOTHROW
{
	return vcpu_state->infos.dfl1[dfl1_reg];
}

/* log2 of the bytes of a field. */
L4_INLINE unsigned l4_vm_vmx_field_order(unsigned field) L4_NOTHROW
{
	/* By size class: 16 bit, 64 bit, 32 bit, natural, a hex digit each from the right. */
	return (0x3231U >> (((field >> 13) & 3) * 4)) & 0xf;
}

/* Bytes of a field. */
L4_INLINE unsigned l4_vm_vmx_field_len(unsigned field) L4_NOTHROW
{
	return 1U << l4_vm_vmx_field_order(field);
}

/* Byte offset of a field in values; ~0U if the software VMCS does not have it. */
L4_INLINE unsigned l4_vm_vmx_field_offset(l4_vm_vmx_vcpu_vmcs_t const *vmcs,
					  unsigned field) L4_NOTHROW
{
	l4_vmx_offset_table_t const *t = &vmcs->offset_table;
	unsigned size = (field >> 13) & 3, group = (field >> 10) & 3;
	unsigned pos = (field & 0x3fe) << t->index_shifts[size];

	return pos < t->limits[size][group] * 64U ? t->offsets[size][group] * 64U + pos : ~0U;
}

/* Address of a field, or NULL. */
L4_INLINE void *l4_vm_vmx_field_ptr(l4_vm_vmx_vcpu_vmcs_t *vmcs, unsigned field) L4_NOTHROW
{
	unsigned offset = l4_vm_vmx_field_offset(vmcs, field);

	return offset == ~0U ? NULL : (void *)(vmcs->values + offset);
}

/* Value of a field, zero extended; 0 for a field that is not there. */
L4_INLINE l4_uint64_t l4_vm_vmx_read(l4_vm_vmx_vcpu_vmcs_t *vmcs, unsigned field) L4_NOTHROW
{
	unsigned offset = l4_vm_vmx_field_offset(vmcs, field);
	l4_uint64_t val = 0;

	if (offset != ~0U)
		__builtin_memcpy(&val, vmcs->values + offset, l4_vm_vmx_field_len(field));
	return val;
}

/* Set a field and mark it dirty if it changes; nothing for a field that is not there. */
L4_INLINE void l4_vm_vmx_write(l4_vm_vmx_vcpu_vmcs_t *vmcs, unsigned field,
			       l4_uint64_t val) L4_NOTHROW
{
	unsigned offset = l4_vm_vmx_field_offset(vmcs, field);
	unsigned len = l4_vm_vmx_field_len(field);

	if (offset == ~0U || __builtin_memcmp(vmcs->values + offset, &val, len) == 0)
		return;
	__builtin_memcpy(vmcs->values + offset, &val, len);
	vmcs->dirty_bitmap[offset / 8] |= (l4_uint8_t)(1U << offset % 8);
}

/* Value of a natural-width field. */
L4_INLINE l4_umword_t l4_vm_vmx_read_nat(l4_vm_vmx_vcpu_vmcs_t *vmcs, unsigned field) L4_NOTHROW
{
	return (l4_umword_t)l4_vm_vmx_read(vmcs, field);
}

/* Value of a 16-bit field. */
L4_INLINE l4_uint16_t l4_vm_vmx_read_16(l4_vm_vmx_vcpu_vmcs_t *vmcs, unsigned field) L4_NOTHROW
{
	return (l4_uint16_t)l4_vm_vmx_read(vmcs, field);
}

/* Value of a 32-bit field. */
L4_INLINE l4_uint32_t l4_vm_vmx_read_32(l4_vm_vmx_vcpu_vmcs_t *vmcs, unsigned field) L4_NOTHROW
{
	return (l4_uint32_t)l4_vm_vmx_read(vmcs, field);
}

/* Value of a 64-bit field. */
L4_INLINE l4_uint64_t l4_vm_vmx_read_64(l4_vm_vmx_vcpu_vmcs_t *vmcs, unsigned field) L4_NOTHROW
{
	return l4_vm_vmx_read(vmcs, field);
}

/* Set a natural-width field. */
L4_INLINE void l4_vm_vmx_write_nat(l4_vm_vmx_vcpu_vmcs_t *vmcs, unsigned field,
				   l4_umword_t val) L4_NOTHROW
{
	l4_vm_vmx_write(vmcs, field, val);
}

/* Set a 16-bit field. */
L4_INLINE void l4_vm_vmx_write_16(l4_vm_vmx_vcpu_vmcs_t *vmcs, unsigned field,
				  l4_uint16_t val) L4_NOTHROW
{
	l4_vm_vmx_write(vmcs, field, val);
}

/* Set a 32-bit field. */
L4_INLINE void l4_vm_vmx_write_32(l4_vm_vmx_vcpu_vmcs_t *vmcs, unsigned field,
				  l4_uint32_t val) L4_NOTHROW
{
	l4_vm_vmx_write(vmcs, field, val);
}

/* Set a 64-bit field. */
L4_INLINE void l4_vm_vmx_write_64(l4_vm_vmx_vcpu_vmcs_t *vmcs, unsigned field,
				  l4_uint64_t val) L4_NOTHROW
{
	l4_vm_vmx_write(vmcs, field, val);
}

/* Field number of CR2 that the kernel uses; compare with L4_VM_VMX_VMCS_CR2. */
L4_INLINE l4_uint32_t l4_vm_vmx_get_cr2_index(l4_vm_vmx_vcpu_vmcs_t const *vmcs) L4_NOTHROW
{
	return vmcs->cr2_index;
}

/* Name the vCPU context to use from the next resume on. */
L4_INLINE void l4_vm_vmx_set_hw_vmcs(l4_vm_vmx_vcpu_vmcs_t *vmcs, l4_cap_idx_t vmcs_cap) L4_NOTHROW
{
	vmcs->vmcs = vmcs_cap;
}

/* Selector of the vCPU context in use. */
L4_INLINE l4_cap_idx_t l4_vm_vmx_get_hw_vmcs(l4_vm_vmx_vcpu_vmcs_t *vmcs) L4_NOTHROW
{
	return vmcs->vmcs & L4_CAP_MASK;
}

/* Copy values, dirty bits and vCPU context from one software VMCS to another. */
L4_INLINE void l4_vm_vmx_copy_state(l4_vm_vmx_vcpu_vmcs_t const *table, l4_vm_vmx_vcpu_vmcs_t *dst,
				    l4_vm_vmx_vcpu_vmcs_t *src) L4_NOTHROW
{
	unsigned base = table->offset_table.base_offset * 64U;

	l4_vm_vmx_set_hw_vmcs(dst, l4_vm_vmx_get_hw_vmcs(src));
	__builtin_memcpy(dst->values + base, src->values + base, table->offset_table.size * 64U);
	__builtin_memcpy(dst->dirty_bitmap, src->dirty_bitmap, sizeof(dst->dirty_bitmap));
}

/* Save vmcs back to dest_vmcs if that is what was loaded (the idea of VMCLEAR). */
L4_INLINE void l4_vm_vmx_clear(l4_vm_vmx_vcpu_vmcs_t *vmcs,
			       l4_vm_vmx_vcpu_vmcs_t *dest_vmcs) L4_NOTHROW
{
	if (vmcs->user_data != (l4_addr_t)dest_vmcs)
		return;
	l4_vm_vmx_copy_state(vmcs, dest_vmcs, vmcs);
	vmcs->user_data = 0;
}

/* Load src_vmcs into vmcs, after saving what was loaded before (the idea of VMPTRLD). */
L4_INLINE void l4_vm_vmx_ptr_load(l4_vm_vmx_vcpu_vmcs_t *vmcs,
				  l4_vm_vmx_vcpu_vmcs_t *src_vmcs) L4_NOTHROW
{
	if (vmcs->user_data == (l4_addr_t)src_vmcs)
		return;
	if (vmcs->user_data)
		l4_vm_vmx_clear(vmcs, (l4_vm_vmx_vcpu_vmcs_t *)(l4_addr_t)vmcs->user_data);
	vmcs->user_data = (l4_addr_t)src_vmcs;
	l4_vm_vmx_copy_state(vmcs, vmcs, src_vmcs);
}

#endif
