/* SPDX-License-Identifier: MIT */
/* What guest kernels of tests have. */
#include "lib/kernel.h"

#include "xen/vcpu.h"

enum { VCPUS_MAX = 2, STACK_BYTES = 4096 };

const struct xen_start_info *start_info;

void kernel_start(const struct xen_start_info *info);

static size_t length(const char *text)
{
	size_t n = 0;

	while (text[n])
		n++;
	return n;
}

void print(const char *text)
{
	hypercall(XEN_CALL_CONSOLE_IO, 0, length(text), (uint64_t)text, 0, 0);
}

void print_number(uint64_t n)
{
	char digits[17] = { 0 };

	for (unsigned i = 16; i--; n >>= 4)
		digits[i] = "0123456789abcdef"[n & 15];
	print(digits);
}

void ok(bool condition, const char *promise)
{
	print(condition ? "ok - " : "not ok - ");
	print(promise);
	print("\n");
}

bool has_word(const char *word)
{
	const char *at = start_info->command_line;
	size_t bytes = length(word);

	while (*at) {
		size_t i = 0;

		while (i < bytes && at[i] == word[i])
			i++;
		if (i == bytes && (!at[i] || at[i] == ' '))
			return true;
		while (*at && *at != ' ')
			at++;
		while (*at == ' ')
			at++;
	}
	return false;
}

bool start_vcpu(unsigned id, void (*function)(void))
{
	static uint8_t stacks[VCPUS_MAX][STACK_BYTES] __attribute__((aligned(16)));
	static struct xen_vcpu_context context;

	context.flags = XEN_CONTEXT_IN_KERNEL;
	context.regs = (struct xen_user_regs){ .rip = (uint64_t)function,
					       .rsp = (uint64_t)stacks[id] + STACK_BYTES - 8,
					       .cs = XEN_CS64,
					       .ss = XEN_SS,
					       .rflags = 2 };
	context.cr[3] = start_info->pt_base - KERNEL_BASE;
	return !hypercall(XEN_CALL_VCPU_OP, XEN_VCPU_INITIALISE, id, (uint64_t)&context, 0, 0) &&
	       !hypercall(XEN_CALL_VCPU_OP, XEN_VCPU_UP, id, 0, 0, 0);
}

void finish(unsigned reason)
{
	struct xen_sched_shutdown arguments = { reason };

	for (;;)
		hypercall(XEN_CALL_SCHED_OP, XEN_SCHED_SHUTDOWN, (uint64_t)&arguments, 0, 0, 0);
}

void kernel_start(const struct xen_start_info *info)
{
	start_info = info;
	kernel_main();
	finish(XEN_SHUTDOWN_POWEROFF);
}
