/* SPDX-License-Identifier: MIT */
/* A guest that is at work in its kernel and in the shim for ever. */
#include "lib/kernel.h"

enum { ROUNDS = 1000 };

void kernel_main(void)
{
	ok(start_info->nr_pages == 8192, "the machine starts");
	for (;;) {
		for (volatile int i = 0; i < ROUNDS; i++)
			;
		hypercall(XEN_CALL_XEN_VERSION, XEN_VERSION, 0, 0, 0, 0);
	}
}
