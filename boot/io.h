/* SPDX-License-Identifier: MIT */
/* I/O ports and CPUID. */
#ifndef BOOT_IO_H
#define BOOT_IO_H

#include <stdint.h>

static inline void outb(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint8_t inb(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

struct cpuid {
	uint32_t eax, ebx, ecx, edx;
};

static inline struct cpuid cpuid(uint32_t leaf)
{
	struct cpuid r;

	__asm__ volatile("cpuid"
			 : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
			 : "a"(leaf), "c"(0));
	return r;
}

#define CPUID_EXT_MAX	   0x80000000
#define CPUID_EXT_FEATURES 0x80000001
#define CPUID_EDX_NX	   (1u << 20)
#define CPUID_EDX_PAGE1GB  (1u << 26)
#define CPUID_EDX_LM	   (1u << 29)

#endif
