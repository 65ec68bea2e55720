/* SPDX-License-Identifier: MIT */
/* Areas of extended state: initial contents, copies. */
#include "core/string.h"
#include "mm/kmem.h"
#include "x86_64/fpu.h"

/* Legacy region, Intel SDM vol. 1, 13.4.1; header, 13.4.2. */
struct fpu_area {
	u16 fcw, fsw;
	u8 ftw, reserved;
	u16 fop;
	u64 fip, fdp;
	u32 mxcsr, mxcsr_mask;
	u8 st[128], xmm[256], unused[96];
	u64 xstate_bv, xcomp_bv, header_reserved[6];
};

/* With XSAVE a clear bit in xstate_bv stands for a component in its initial state, whatever the
 * area holds; without, the registers themselves must be there. */
void fpu_init_area(void *area)
{
	struct fpu_area *a = area;

	if (cpu_feat.xsave)
		zero_words(&a->xstate_bv, 64);
	else
		zero_words(a, offsetof(struct fpu_area, unused));
	a->fcw = 0x37f;
	a->mxcsr = 0x1f80;
}

void fpu_copy(void *dst, const void *src)
{
	memcpy(dst, src, cpu_feat.xstate_size);
}

/* AMD CPUs before Zen 2 restore the pointers only if an exception is pending: load something with
 * an address of the kernel's choice, after emptying the stack so that it cannot overflow. */
void fpu_clear_pointers(void)
{
	static const int zero;

	__asm__ volatile("fnclex; emms; fildl %0" : : "m"(zero));
}
