/* SPDX-License-Identifier: MIT */
/* Stack scan for back-traces. */
#include "x86_64/backtrace.h"
#include "core/cpu.h"
#include "core/symbols.h"
#include "x86_64/walk.h"

enum {
	CALL_RELATIVE = 0xe8,
	CALL_RELATIVE_BYTES = 5,
	GROUP5 = 0xff, /* call if the middle bits of the second byte are 2 */
	GROUP5_MIN = 2,
	GROUP5_MAX = 7,
};

bool ends_with_call(const u8 *p)
{
	if (p[-CALL_RELATIVE_BYTES] == CALL_RELATIVE)
		return true;
	for (int n = GROUP5_MIN; n <= GROUP5_MAX; n++)
		if (p[-n] == GROUP5 && (p[-n + 1] >> 3 & 7) == 2)
			return true;
	return false;
}

static bool is_return_address(u64 a)
{
	const char *name;
	u64 offset;

	if (!symbol_lookup(a - 1, &name, &offset) || a - symbol_base < GROUP5_MAX)
		return false;
	return ends_with_call((const u8 *)a);
}

/* End of the stack that rsp is on: the CPU's kernel stack, else (trap stacks) the page. */
static u64 stack_end(const struct cpu *c, u64 rsp)
{
	if (c && rsp < c->stack_top && rsp >= c->stack_top - KERNEL_STACK_SIZE)
		return c->stack_top;
	return align_down(rsp, PAGE_SIZE) + PAGE_SIZE;
}

unsigned backtrace_scan(const struct cpu *c, u64 rsp, u64 *out, unsigned max)
{
	u64 end;
	unsigned n = 0;

	if (c && !address_readable(rsp)) /* it ran off the stack: show all of that */
		rsp = c->stack_top - KERNEL_STACK_SIZE;
	end = stack_end(c, rsp);

	for (u64 p = align_up(rsp, 8); p < end && n < max; p += 8) {
		u64 word;

		if (kernel_peek(&word, p, 8) != 8)
			break;
		if (is_return_address(word))
			out[n++] = word;
	}
	return n;
}
