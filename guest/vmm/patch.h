/* SPDX-License-Identifier: MIT */
/*
 * The places in a kernel at which it makes hypercalls: two functions, the call and the return to
 * user mode, around an instruction `syscall` each. Both have room for a jump to the shim, so that a
 * hypercall is a function call. Kernels of an older kind ask for a page of such functions.
 *
 * A kernel that can be given more memory than it starts with has room for that in its frame list,
 * and looks at each of these entries at boot: Debian's at 2^27 of them. Here there is no such
 * memory, so the constant that says how much becomes 0, if it is found beyond doubt. Pure.
 */
#ifndef VMM_PATCH_H
#define VMM_PATCH_H

#include "vmm/kernel.h"

enum patch_result {
	PATCH_DONE,
	PATCH_NOT_FOUND, /* nothing is changed: each hypercall is an exit */
	PATCH_AMBIGUOUS	 /* the same */
};

/* Let the two functions in the kernel's code jump to the shim; then the constant, too, if found. */
enum patch_result patch_sites(const struct kernel *k, void *memory);

/* Write the page of functions that the kernel asks for; the constant, too, if found. */
void patch_hypercall_page(const struct kernel *k, void *memory);

#endif
