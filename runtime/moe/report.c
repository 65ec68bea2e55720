/* SPDX-License-Identifier: MIT */
/* The report of a program that has faulted for good. */
#include "moe.h"
#include "rm.h"
#include "text.h"

enum { FRAMES_MAX = 24, TRAP_PAGE = 14 };

/* One line: an address and what is there. */
static void print_place(const struct rm *rm, const char *what, uint64_t address)
{
	const struct mapping *m = rm_find(rm, address);

	if (m)
		moe_print("  %s %016lx = %s+0x%lx (region %lx-%lx flags %x)", what, address,
			  m->name[0] ? m->name : "?", address - m->region.start + m->backing_offset,
			  m->region.start, m->region.end, m->flags);
	else
		moe_print("  %s %016lx: no region", what, address);
}

/* By frame pointers: each frame has the caller's frame pointer and then the return address. */
static void print_backtrace(const struct rm *rm, uint64_t ip, uint64_t frame)
{
	uint64_t next;

	print_place(rm, "at  ", ip);
	for (unsigned i = 0; i < FRAMES_MAX; i++) {
		if (!rm_read_word(rm, frame + 8, &ip) || !rm_read_word(rm, frame, &next) || !ip)
			return;
		print_place(rm, "from", ip);
		if (next <= frame)
			return;
		frame = next;
	}
}

void report_exception(const struct rm *rm)
{
	const l4_exc_regs_t r = *l4_utcb_exc();

	moe_print("%s: exception %lu error %lx, thread stopped", rm->name[0] ? rm->name : "program",
		  r.trapno, r.err);
	moe_print("  rip %016lx rsp %016lx rflags %08lx", r.ip, r.sp, r.flags);
	moe_print("  rax %016lx rbx %016lx rcx %016lx", r.rax, r.rbx, r.rcx);
	moe_print("  rdx %016lx rsi %016lx rdi %016lx", r.rdx, r.rsi, r.rdi);
	moe_print("  rbp %016lx r8  %016lx r9  %016lx", r.rbp, r.r8, r.r9);
	moe_print("  r10 %016lx r11 %016lx r12 %016lx", r.r10, r.r11, r.r12);
	moe_print("  r13 %016lx r14 %016lx r15 %016lx", r.r13, r.r14, r.r15);
	moe_print("  fs base %016lx gs base %016lx", r.fs_base, r.gs_base);
	if (r.trapno == TRAP_PAGE)
		print_place(rm, "access", r.pfa);
	print_backtrace(rm, r.ip, r.rbp);
}
