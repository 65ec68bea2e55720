/* SPDX-License-Identifier: MIT */
/* No process of a guest gets at the machine's ports, whatever Linux grants it. */
#include <sys/io.h>

#include "user.h"

static bool refused(void)
{
	static const unsigned short ports[] = {
		0x20, 0x61, 0x64, 0x70, 0x80, 0xcf8, 0x3f8, 0xffff
	};
	static unsigned char bytes[8];
	volatile bool all = true;
	for (unsigned i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
		all &= faults(inb(ports[i])) && fault.signal == SIGSEGV;
		all &= faults(outb(0, ports[i])) && fault.signal == SIGSEGV;
		all &= faults(inl(ports[i])) && fault.signal == SIGSEGV;
		all &= faults(insb(ports[i], bytes, sizeof(bytes))) && fault.signal == SIGSEGV;
		all &= faults(outsw(ports[i], bytes, sizeof(bytes) / 2)) && fault.signal == SIGSEGV;
	}
	return all;
}

static bool without(void)
{
	fault_catch();
	return refused();
}

static bool with_permission(void)
{
	fault_catch();
	ioperm(0x60, 0x40, 1);
	return refused();
}

static bool with_level(void)
{
	fault_catch();
	iopl(3);
	return refused();
}

/* Privilege in the flags is not for a process to set. */
static bool with_flags(void)
{
	uint64_t flags;
	fault_catch();
	asm volatile("pushfq; orl $0x3000, (%%rsp); popfq; pushfq; pop %0"
		     : "=r"(flags)::"cc", "memory");
	return !(flags & 0x3000) && (flags & 0x200) && refused();
}

void test_ports(void)
{
	promise("ports are refused", without);
	promise("ports are refused after ioperm", with_permission);
	promise("ports are refused after iopl", with_level);
	promise("flags give no way to the ports", with_flags);
}
