/* SPDX-License-Identifier: MIT */
/* The end of a machine whose shim cannot go on: a text with the registers for vmm. */
#include "guest/requests.h"
#include "shim/host.h"
#include "shim/own.h"

enum { HEX_DIGITS = 16, BITS_A_DIGIT = 4 };

struct text {
	char bytes[GUEST_TEXT_MAX];
	unsigned count;
};

static void add_character(struct text *t, char c)
{
	if (t->count < sizeof(t->bytes))
		t->bytes[t->count++] = c;
}

static void add_string(struct text *t, const char *s)
{
	while (*s)
		add_character(t, *s++);
}

static void add_number(struct text *t, const char *name, uint64_t value)
{
	unsigned digits = HEX_DIGITS;

	add_character(t, ' ');
	add_string(t, name);
	add_character(t, ' ');
	while (digits > 1 && !(value >> BITS_A_DIGIT * (digits - 1)))
		digits--;
	while (digits--)
		add_character(t, "0123456789abcdef"[value >> BITS_A_DIGIT * digits & 15]);
}

static void add_registers(struct text *t, const l4_vcpu_regs_t *r)
{
	add_number(t, "trap", r->trapno);
	add_number(t, "error", r->err);
	add_number(t, "address", r->pfa);
	add_number(t, "rip", r->ip);
	add_number(t, "cs", r->cs);
	add_number(t, "flags", r->flags);
	add_number(t, "rsp", r->sp);
	add_number(t, "rax", r->ax);
	add_number(t, "rbx", r->bx);
	add_number(t, "rcx", r->cx);
	add_number(t, "rdx", r->dx);
	add_number(t, "rsi", r->si);
	add_number(t, "rdi", r->di);
	add_number(t, "rbp", r->bp);
	add_number(t, "r8", r->r8);
	add_number(t, "r9", r->r9);
	add_number(t, "r10", r->r10);
	add_number(t, "r11", r->r11);
}

void crash(struct own *o, const char *why)
{
	struct text t = { .count = 0 };

	if (!o->crashed) {
		o->crashed = true;
		add_string(&t, why);
		add_character(&t, ':');
		add_number(&t, "mode", o->state->saved_state);
		add_registers(&t, &o->state->r);
		host_crash(&o->v, t.bytes, t.count);
	}
	/* Even this does not work: what the handler executes now is the kernel's to report. */
	for (;;)
		__asm__ volatile("ud2");
}
