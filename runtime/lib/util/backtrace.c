/* SPDX-License-Identifier: MIT */
/* Return addresses by the chain of frame pointers. */
#include <l4/sys/l4int.h>
#include <l4/util/backtrace.h>

/* What a function with a frame pointer has at it. */
struct frame {
	struct frame *caller;
	void *return_address;
};

/* Stacks grow down: a caller's frame is above, and not far. */
enum { MAX_STEP = 1 << 20 };

int l4util_backtrace(void **pc_array, int max_len)
{
	struct frame *f = __builtin_frame_address(0);
	int n = 0;

	while (n < max_len && f && f->return_address) {
		struct frame *next = f->caller;

		pc_array[n++] = f->return_address;
		if (next <= f || (l4_addr_t)next - (l4_addr_t)f > MAX_STEP || (l4_addr_t)next & 7)
			break;
		f = next;
	}
	return n;
}
