/* SPDX-License-Identifier: MIT */
/* 32-bit part: is this processor able to run the rest? */
#include "console.h"
#include "handover.h"
#include "io.h"
#include "protocol.h"

#define EFLAGS_ID 0x200000u

/* Halts with one clear line if the processor is not sufficient. Called by entry.S. */
void check_cpu(const struct handover *handover);

/* CPUID exists if the ID flag can be toggled (Intel SDM vol. 1, 3.4.3.3). */
static int has_cpuid(void)
{
	uint32_t before, after;

	__asm__ volatile("pushfl\n\t"
			 "popl %0\n\t"
			 "movl %0, %1\n\t"
			 "xorl %2, %1\n\t"
			 "pushl %1\n\t"
			 "popfl\n\t"
			 "pushfl\n\t"
			 "popl %1"
			 : "=&r"(before), "=&r"(after)
			 : "i"(EFLAGS_ID));
	return ((before ^ after) & EFLAGS_ID) != 0;
}

static uint32_t extended_features(void)
{
	if (!has_cpuid() || cpuid(CPUID_EXT_MAX).eax < CPUID_EXT_FEATURES)
		return 0;
	return cpuid(CPUID_EXT_FEATURES).edx;
}

void check_cpu(const struct handover *handover)
{
	uint32_t features = extended_features();

	console_init(protocol_cmdline(handover->magic, handover->info));
	if (!(features & CPUID_EDX_LM))
		fatal("this processor has no 64-bit mode (long mode)");
	if (!(features & CPUID_EDX_NX))
		fatal("this processor has no execute-disable (NX) pages");
}
