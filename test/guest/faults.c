/* SPDX-License-Identifier: MIT */
/*
 * A guest kernel that cannot go on, in the way that its command line names, each by its own doing:
 * a processor would reset itself. Its machine ends as crashed.
 */
#include "lib/kernel.h"

#include <l4/sys/vcpu.h>
#include <l4/zwinger/vcpu_ext.h>

#include "guest/start.h"
#include "xen/trap.h"

enum { INVALID_OPCODE = 6, GENERAL_PROTECTION = 13, PAGE_FAULT = 14, NOWHERE = 0x1234 };

/* All exceptions go to address. */
static void set_traps(uint64_t address)
{
	static struct xen_trap_info traps[PAGE_FAULT + 2];

	for (unsigned i = 0; i <= PAGE_FAULT; i++)
		traps[i] = (struct xen_trap_info){ .vector = (uint8_t)i,
						   .cs = XEN_CS64,
						   .address = address };
	hypercall(XEN_CALL_SET_TRAP_TABLE, (uint64_t)traps, 0, 0, 0, 0);
}

static l4_vcpu_state_t *state(void)
{
	return (l4_vcpu_state_t *)((const struct guest_start *)GUEST_START)->vcpu[0].state;
}

void undefined(void);
__asm__("undefined:\tud2\n");

static void no_entry(void)
{
	undefined();
}

static void no_stack(void)
{
	set_traps((uint64_t)undefined);
	__asm__ volatile("mov %0, %%rsp; ud2" : : "r"(NOWHERE * 16UL));
}

static void no_handler(void)
{
	set_traps(NOWHERE);
	undefined();
}

/* The handler faults itself, until there is no stack left. */
static void no_end(void)
{
	set_traps((uint64_t)undefined);
	undefined();
}

/* Returns from exceptions need a frame. */
static void no_frame(void)
{
	__asm__ volatile("mov %0, %%rsp; jmp hypercall_stub_iret" : : "r"(NOWHERE * 16UL));
}

static void no_user_tables(void)
{
	static uint64_t frame[] = { NOWHERE, XEN_CS64 | 3, 0x202, NOWHERE, XEN_SS | 3 };

	__asm__ volatile("mov %0, %%rsp; jmp hypercall_stub_iret" : : "r"(frame));
}

/* --- What the shim needs is gone --- */

static void no_shim_memory(void)
{
	for (volatile uint64_t *p = (volatile uint64_t *)GUEST_VCPU;
	     p < (volatile uint64_t *)(GUEST_VCPU + GUEST_VCPU_BYTES); p++)
		*p = NOWHERE;
	undefined();
}

static void no_shim_entry(void)
{
	state()->entry_ip = NOWHERE;
	undefined();
}

static void no_shim_stack(void)
{
	state()->entry_sp = NOWHERE * 16UL;
	undefined();
}

static void no_shim_state(void)
{
	state()->user_data[0] = 0x1000bad0000bad;
	undefined();
}

static void tries(void)
{
	ok(true, "a machine that has crashed starts again, up to a limit");
	finish(XEN_SHUTDOWN_CRASH);
}

void kernel_main(void)
{
	static const struct {
		const char *word;
		void (*act)(void);
	} acts[] = { { "tries", tries },
		     { "entry", no_entry },
		     { "stack", no_stack },
		     { "handler", no_handler },
		     { "end", no_end },
		     { "frame", no_frame },
		     { "user-tables", no_user_tables },
		     { "shim-memory", no_shim_memory },
		     { "shim-entry", no_shim_entry },
		     { "shim-stack", no_shim_stack },
		     { "shim-state", no_shim_state } };

	for (unsigned i = 0; i < sizeof(acts) / sizeof(*acts); i++)
		if (has_word(acts[i].word))
			acts[i].act();
}
