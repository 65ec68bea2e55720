/* SPDX-License-Identifier: MIT */
/* The CPU: identification and pause. */
#ifndef L4_UTIL_CPU_H
#define L4_UTIL_CPU_H

#include <l4/sys/compiler.h>

/* Tell the CPU that this is a waiting loop. */
L4_INLINE void l4util_cpu_pause(void)
{
	__asm__ __volatile__("pause");
}

/* 1: there is a cpuid instruction. */
L4_INLINE int l4util_cpu_has_cpuid(void)
{
	return 1;
}

/* Registers that the cpuid instruction returns for leaf mode, sub-leaf 0. */
L4_INLINE void l4util_cpu_cpuid(unsigned long mode, unsigned long *eax, unsigned long *ebx,
				unsigned long *ecx, unsigned long *edx)
{
	unsigned a, b, c, d;

	__asm__ __volatile__("cpuid"
			     : "=a"(a), "=b"(b), "=c"(c), "=d"(d)
			     : "a"((unsigned)mode), "c"(0));
	*eax = a;
	*ebx = b;
	*ecx = c;
	*edx = d;
}

/* Features: register edx of leaf 1. */
L4_INLINE unsigned int l4util_cpu_capabilities_nocheck(void)
{
	unsigned long a, b, c, d;

	l4util_cpu_cpuid(1, &a, &b, &c, &d);
	return (unsigned)d;
}

/* Features, or 0 if the CPU cannot be asked. */
L4_INLINE unsigned int l4util_cpu_capabilities(void)
{
	return l4util_cpu_has_cpuid() ? l4util_cpu_capabilities_nocheck() : 0;
}

#endif
