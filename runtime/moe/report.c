/* SPDX-License-Identifier: MIT */
/* The report of a program that has faulted for good. */
#include <string.h>
#include <l4/re/c/rm.h>
#include "moe.h"
#include "namespace.h"
#include "rm.h"
#include "symbols.h"
#include "text.h"

enum { FRAMES_MAX = 24, TRAP_PAGE = 14, PLACE_BYTES = 128, PUSH_FRAME = 0x55 };

static const char ROM[] = "rom/", SYMBOLS_SUFFIX[] = ".sym";

/* The symbols of a program "rom/NAME" are the boot module NAME.sym; NULL: it is not there. */
static const struct dataspace *find_symbols(const struct mapping *m)
{
	char name[MAPPING_NAME + sizeof(SYMBOLS_SUFFIX)];
	struct text t = text_init(name, sizeof(name));
	const struct object *file;

	if (strncmp(m->name, ROM, sizeof(ROM) - 1) != 0)
		return NULL;
	text_add(&t, "%s%s", m->name + sizeof(ROM) - 1, SYMBOLS_SUFFIX);
	file = namespace_lookup(moe.rom, name);
	if (!file || file->server.class != &dataspace_class)
		return NULL;
	return (const struct dataspace *)file;
}

/* A place in a program's file, and the function there, if it is known. */
struct place {
	const struct mapping *mapping; /* NULL: no region */
	uint64_t offset;	       /* in the file */
	const char *function;	       /* or NULL */
	uint64_t distance;	       /* from its start */
};

/*
 * A return address can lie behind the end of its function, whose last instruction is the call then:
 * back = 1 looks for that instruction.
 */
static struct place find_place(const struct rm *rm, uint64_t address, unsigned back)
{
	struct place p = { .mapping = rm_find(rm, address) };
	const struct dataspace *d = p.mapping ? find_symbols(p.mapping) : NULL;

	if (!p.mapping)
		return p;
	p.offset = address - p.mapping->region.start + p.mapping->backing_offset;
	if (!d || d->kind != DATASPACE_STATIC || p.offset < back)
		return p;
	p.function = symbols_find((const void *)d->base, d->size, p.offset - back, &p.distance);
	p.distance += back;
	return p;
}

/* One line: an address and what is there. */
static void print_place(const struct rm *rm, const char *what, uint64_t address, unsigned back)
{
	struct place p = find_place(rm, address, back);
	char line[PLACE_BYTES];
	struct text t = text_init(line, sizeof(line));

	if (!p.mapping) {
		moe_print("  %s %016lx: no region", what, address);
		return;
	}
	if (p.function)
		text_add(&t, "%s+0x%lx in ", p.function, p.distance);
	text_add(&t, "%s+0x%lx", p.mapping->name[0] ? p.mapping->name : "?", p.offset);
	moe_print("  %s %016lx = %s (region %lx-%lx flags %x)", what, address, line,
		  p.mapping->region.start, p.mapping->region.end, p.mapping->flags);
}

static bool starts_with_push(const struct rm *rm, uint64_t function)
{
	uint64_t word;

	return rm_read_word(rm, function & ~7UL, &word) &&
	       (word >> (function & 7) * 8 & 0xff) == PUSH_FRAME;
}

/*
 * Where the return address is, if the function at ip has no frame, or not yet: a leaf, the first
 * instructions, or a call to nowhere. 0: it has one, or that is not known.
 */
static uint64_t bare_return(const struct rm *rm, uint64_t ip, uint64_t sp)
{
	struct place p = find_place(rm, ip, 0);

	if (!p.mapping)
		return sp;
	if (!p.function)
		return 0;
	if (p.distance == 0 || !starts_with_push(rm, ip - p.distance))
		return sp;
	return p.distance == 1 ? sp + 8 : 0;
}

/* By frame pointers: each frame has the caller's frame pointer and then the return address. */
static void print_backtrace(const struct rm *rm, uint64_t ip, uint64_t sp, uint64_t frame)
{
	uint64_t next, bare = bare_return(rm, ip, sp);
	const struct mapping *m;

	print_place(rm, "at  ", ip, 0);
	if (bare && rm_read_word(rm, bare, &ip) && (m = rm_find(rm, ip)) &&
	    (m->flags & L4RE_RM_F_X))
		print_place(rm, "from", ip, 1);
	for (unsigned i = 0; i < FRAMES_MAX; i++) {
		if (!rm_read_word(rm, frame + 8, &ip) || !rm_read_word(rm, frame, &next) || !ip)
			return;
		print_place(rm, "from", ip, 1);
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
		print_place(rm, "access", r.pfa, 0);
	print_backtrace(rm, r.ip, r.sp, r.rbp);
}
