/* SPDX-License-Identifier: MIT */
/* Reports of machines that cannot go on. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vmm/debug.h"
#include "vmm/file.h"
#include "vmm/guest.h"
#include "vmm/symbols.h"

enum { LAST_LINES = 12, TEXT_BYTES = 1500, LINE_BYTES = 480 };

/*
 * Say a line that the guest had a hand in: its control characters, which would act on whoever reads
 * the report, or begin lines that look like others', are dropped.
 */
static void print_line(const struct guest *g, const char *what, const char *line)
{
	char plain[LINE_BYTES];
	size_t count = 0;

	for (; *line && count < sizeof(plain) - 1; line++)
		if ((unsigned char)*line >= ' ' && *line != 0x7f)
			plain[count++] = *line;
	plain[count] = 0;
	guest_say(g, "%s%s", what, plain);
}

static bool find_in_file(const struct guest *g, uint64_t address, char *to, size_t room)
{
	struct file f;
	bool found;

	if (!g->options->symbols || file_open(&f, g->options->symbols))
		return false;
	found = symbols_find(f.bytes, f.size, address, to, room);
	file_close(&f);
	return found;
}

/* The table stays where it is, so it is looked for once. */
static bool find_in_kernel(struct guest *g, uint64_t address, char *to, size_t room)
{
	const struct kernel *k = &g->kernel;

	if (!g->names_looked_for)
		kallsyms_find(g->ram.address + k->start, k->end - k->start, &g->names);
	g->names_looked_for = true;
	return kallsyms_name(&g->names, address, to, room);
}

bool guest_symbol(struct guest *g, uint64_t address, char *to, size_t room)
{
	return find_in_file(g, address, to, room) || find_in_kernel(g, address, to, room);
}

/* The text of the shim has registers in it; the instruction pointer is worth a name. */
static void name_place(struct guest *g, const char *why)
{
	const char *place = strstr(why, " rip ");
	char name[120];

	if (place && guest_symbol(g, strtoull(place + 5, NULL, 16), name, sizeof(name)))
		guest_say(g, "rip is %s", name);
}

void crash_report(struct guest *g, const char *why)
{
	char text[TEXT_BYTES], *next = text;

	print_line(g, "crashed: ", why);
	name_place(g, why);
	if (!console_tail_lines(&g->tail, LAST_LINES, text, sizeof(text)))
		return;
	guest_say(g, "last lines of its console:");
	while (*next) {
		char *line = next, *end = strchr(line, '\n');

		next = end ? end + 1 : line + strlen(line);
		if (end)
			*end = 0;
		print_line(g, "| ", line);
	}
}

void crash_call(struct guest *g, unsigned vcpu, const char *why)
{
	char registers[320], text[400];

	debug_caller_text(g, vcpu, registers, sizeof(registers));
	snprintf(text, sizeof(text), "vCPU %u: %s:%s", vcpu, why, registers);
	crash_report(g, text);
}

void crash_exception(struct guest_vcpu *v, const l4_exc_regs_t *r)
{
	struct guest *g = v->guest;
	char why[120];

	snprintf(why, sizeof(why),
		 "vCPU %u: exception %lu in the shim, error %lx, address %lx, rip %lx", v->number,
		 r->trapno, r->err, r->pfa, r->ip);
	guest_say(g, "rip %016lx rsp %016lx rflags %08lx", r->ip, r->sp, r->flags);
	guest_say(g, "rax %016lx rbx %016lx rcx %016lx rdx %016lx", r->rax, r->rbx, r->rcx, r->rdx);
	guest_say(g, "rsi %016lx rdi %016lx rbp %016lx r8  %016lx", r->rsi, r->rdi, r->rbp, r->r8);
	guest_say(g, "r9  %016lx r10 %016lx r11 %016lx r12 %016lx", r->r9, r->r10, r->r11, r->r12);
	guest_say(g, "r13 %016lx r14 %016lx r15 %016lx", r->r13, r->r14, r->r15);
	crash_report(g, why);
}
