/* SPDX-License-Identifier: MIT */
/*
 * What a guest sees of the processor and which model-specific registers it may touch: one table
 * each. A feature, leaf or register that is not in its table is hidden. The guest's processes
 * execute cpuid natively, so the tables are there for what the guest's kernel does with the
 * processor; they protect nobody.
 */
#ifndef GUEST_SHIM_POLICY_H
#define GUEST_SHIM_POLICY_H

#include "shim/vcpu.h"

/* Control registers at the start; of CR0 a guest can change TS only. */
#define POLICY_CR0    0x80050033UL /* PG AM WP NE ET MP PE */
#define POLICY_CR0_TS (1UL << 3)
#define POLICY_CR4    0x620UL /* OSXMMEXCPT OSFXSR PAE */

struct cpuid_result {
	uint32_t eax, ebx, ecx, edx;
};

enum xcr0_bits {
	XCR0_X87 = 1 << 0,
	XCR0_SSE = 1 << 1,
	XCR0_AVX = 1 << 2,
	XCR0_AVX512 = 7 << 5,
	XCR0_OFFERED = XCR0_X87 | XCR0_SSE | XCR0_AVX | XCR0_AVX512
};

/* What the processor itself says (processor.c; tests have their own). */
void processor_cpuid(uint32_t leaf, uint32_t subleaf, struct cpuid_result *result);
uint64_t processor_xcr0(void); /* 0: it has none, or the kernel does not use it */
uint64_t processor_tsc(void);
/* Is the base of FS or GS 0 when a null selector has been loaded? False if it cannot be known. FS
 * must be in its first state: null, base 0. */
bool processor_null_clears_base(void);

/* cr0, cr4 and xcr0 of a vCPU that starts. */
void policy_reset(struct vcpu *v);

/* The answer to cpuid on a vCPU. */
void policy_cpuid(const struct vcpu *v, uint32_t leaf, uint32_t subleaf,
		  struct cpuid_result *result);

/* Read and write a register. False: the guest gets a general protection fault, nothing changed. */
bool policy_read_msr(const struct vcpu *v, uint32_t number, uint64_t *value);
bool policy_write_msr(struct vcpu *v, uint32_t number, uint64_t value);

/* Set the extended control register 0; false as above. */
bool policy_write_xcr0(struct vcpu *v, uint64_t value);

/* What of a value for a control register the guest gets to see again. */
uint64_t policy_cr0(uint64_t value);
uint64_t policy_cr4(uint64_t value);

/* Value of size bytes (1, 2, 4) read from an I/O port: there are no devices. */
uint32_t policy_read_port(uint16_t port, unsigned size);

#endif
