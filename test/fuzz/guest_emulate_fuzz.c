/* SPDX-License-Identifier: MIT */
/* Random instructions: only those that the guest may execute change anything, and only registers;
 * of those of user mode the same, or a store in the lower half. */
#include <stdlib.h>
#include <string.h>

#include "shim/emulate.h"
#include "shim/spoof.h"
#include "unit/host/processor_fake.h"

static const struct guest_start start;
static struct machine machine = { .start = &start };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool condition)
{
	if (!condition)
		abort();
}

static void check_state(const struct vcpu *v)
{
	check(v->cr0 == policy_cr0(v->cr0) && v->cr4 == policy_cr4(v->cr4));
	check(!(v->xcr0 & ~XCR0_OFFERED) && v->xcr0 & XCR0_X87);
}

static void one(struct vcpu *v, l4_vcpu_regs_t *r, const uint8_t *bytes, unsigned count)
{
	struct vcpu before = *v;
	l4_vcpu_regs_t saved = *r;
	enum emulate_result result = emulate(v, r, bytes, count);

	check_state(v);
	check(r->cs == saved.cs && r->ss == saved.ss && r->flags == saved.flags);
	if (result == EMULATE_REFUSED) {
		check(!memcmp(&saved, r, sizeof(saved)));
		check(v->cr0 == before.cr0 && v->cr4 == before.cr4 && v->xcr0 == before.xcr0);
		return;
	}
	check(r->ip > saved.ip && r->ip - saved.ip <= count);
}

static void one_of_user(const l4_vcpu_regs_t *before, const uint8_t *bytes, unsigned count)
{
	const struct spoof_caller p = { .wide = before->ax & 1,
					.flat = before->ax & 2,
					.fs_base = before->cx,
					.gs_base = before->dx };
	l4_vcpu_regs_t r = *before;
	struct spoof_store s = { 0 };

	bool answered = spoof(&p, &r, bytes, count, &s);

	if (!answered || s.bytes)
		check(!memcmp(before, &r, sizeof(r)));
	if (!answered)
		return;
	check(s.behind > r.ip && s.behind - r.ip <= count);
	check(s.bytes <= SPOOF_BYTES_MAX && s.address < 1UL << 47);
}

/* Registers first, so that model-specific registers and leaves are hit; then instructions. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vcpu v = { .machine = &machine };
	l4_vcpu_regs_t r = { 0 };

	policy_reset(&v);
	while (size > 24 + INSTRUCTION_BYTES_MAX) {
		memcpy(&r.ax, data, 8);
		memcpy(&r.cx, data + 8, 8);
		memcpy(&r.dx, data + 16, 8);
		r.ip = 0x1000;
		one_of_user(&r, data + 24, data[0] % (INSTRUCTION_BYTES_MAX + 1));
		one(&v, &r, data + 24, data[0] % (INSTRUCTION_BYTES_MAX + 1));
		data += 24 + INSTRUCTION_BYTES_MAX;
		size -= 24 + INSTRUCTION_BYTES_MAX;
	}
	return 0;
}
