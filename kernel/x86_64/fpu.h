/* SPDX-License-Identifier: MIT */
/*
 * Extended state (x87, SSE, AVX, AVX-512) of a thread, switched eagerly: whoever switches threads
 * saves the old and loads the new state, so that registers never hold what belongs to another.
 * Intel SDM vol. 1, chapter 13.
 *
 * An area is kernel memory of cpu_feat.xstate_size bytes, aligned to 64, in the standard (not
 * compacted) XSAVE format, or that of FXSAVE where there is no XSAVE. All functions run with
 * interrupts off.
 */
#ifndef KERNEL_FPU_H
#define KERNEL_FPU_H

#include "core/types.h"
#include "x86_64/insn.h"
#include "x86_64/platform.h"

struct fpu_area;

/* Make an area hold the state after reset: FCW 0x37f, MXCSR 0x1f80, all registers 0. The area's
 * contents before do not matter. */
void fpu_init_area(void *area);

/* Copy a state that is not loaded on any CPU. */
void fpu_copy(void *dst, const void *src);

/* Load harmless values into the x87 instruction and data pointers. */
void fpu_clear_pointers(void);

/* Save this CPU's state. XSAVEOPT skips what has not changed since the last fpu_load of the same
 * area on this CPU: do not write to an area while it is loaded. */
static always_inline void fpu_save(void *area)
{
	if (likely(cpu_feat.xsaveopt))
		xsaveopt(area, ~0ull);
	else if (cpu_feat.xsave)
		xsave(area, ~0ull);
	else
		fxsave(area);
}

static always_inline void fpu_load(const void *area)
{
	if (unlikely(cpu_feat.fxsave_leak))
		fpu_clear_pointers();
	if (likely(cpu_feat.xsave))
		xrstor(area, ~0ull);
	else
		fxrstor(area);
}

#endif
