/* SPDX-License-Identifier: MIT */
/* Platform control. CPUs are not switched on and off at run time, and there is no suspend. */
#include "obj/platform.h"
#include "core/sched.h"
#include "x86_64/insn.h"
#include <l4/sys/err.h>
#include <l4/sys/platform_control.h>

/* Longest time that the bytes in a serial port's FIFO take: 16 of them, 10 bits each, 115200 bit/s,
 * and as much again. */
#define FIFO_DRAIN_US 3000

enum { SHUTDOWN_POWER_OFF, SHUTDOWN_REBOOT };

static void wait_for_output(void)
{
	u64 end = rdtsc() + us_to_tsc(FIFO_DRAIN_US);

	while (rdtsc() < end)
		pause();
}

static u64 method_shutdown(struct invocation *inv)
{
	if (inv_words(inv) != 2 || inv->mr[1] > SHUTDOWN_REBOOT)
		return reply_error(-L4_EINVAL);
	if (inv->mr[1] == SHUTDOWN_POWER_OFF && !acpi.has_s5)
		return reply_error(-L4_ENOSYS);
	wait_for_output();
	if (inv->mr[1] == SHUTDOWN_REBOOT)
		power_reset();
	return reply_error(power_off());
}

u64 platform_methods(struct invocation *inv)
{
	if (!inv_words(inv))
		return reply_error(-L4_EMSGTOOSHORT);
	switch (inv->mr[0]) {
	case L4_PLATFORM_CTL_SYS_SUSPEND_OP:
		return reply_error(-L4_ENODEV);
	case L4_PLATFORM_CTL_SYS_SHUTDOWN_OP:
		return method_shutdown(inv);
	case L4_PLATFORM_CTL_CPU_ALLOW_SHUTDOWN_OP:
		return 0; /* never happens, whatever is allowed */
	default:
		return reply_error(-L4_ENOSYS);
	}
}
