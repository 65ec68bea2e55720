/* SPDX-License-Identifier: MIT */
/*
 * A guest kernel that sets a watchdog and then does, for ever, what its command line names: nobody
 * sets the watchdog again. `fed` does, and switches off.
 */
#include "lib/kernel.h"

#include "xen/mmu.h"
#include "xen/trap.h"
#include "xen/vcpu.h"

enum { SECONDS = 1, FEEDINGS = 6, FEED_MS = 400, ENOUGH_MS = 2000 };
enum { INVALID_OPCODE = 6, TABLE_ENTRIES = 512, ENDLESS_SLOT = 1, ENTRY = 7, KERNEL_CALLS = 64 };

#define MS	1000000UL
#define ENDLESS ((uint64_t)ENDLESS_SLOT << 39)

static long set_watchdog(uint32_t id, uint32_t seconds)
{
	struct xen_sched_watchdog w = { id, seconds };

	return hypercall(XEN_CALL_SCHED_OP, XEN_SCHED_WATCHDOG, (uint64_t)&w, 0, 0, 0);
}

static void spin(void)
{
	for (;;)
		__asm__ volatile("pause");
}

static void block(void)
{
	for (;;)
		hypercall(XEN_CALL_SCHED_OP, XEN_SCHED_BLOCK, 0, 0, 0, 0);
}

static void call(void)
{
	for (;;)
		hypercall(XEN_CALL_XEN_VERSION, XEN_VERSION, 0, 0, 0, 0);
}

/* The handler of the exception is the instruction that makes it, on the same stack again. */
void fault_again(void);
__attribute__((used, aligned(16))) char fault_stack[4096];
__asm__("fault_again:\n"
	"	lea fault_stack+4096(%rip), %rsp\n"
	"	ud2\n");

static void fault(void)
{
	static struct xen_trap_info traps[2] = { { .vector = INVALID_OPCODE, .cs = XEN_CS64 } };

	traps[0].address = (uint64_t)fault_again;
	hypercall(XEN_CALL_SET_TRAP_TABLE, (uint64_t)traps, 0, 0, 0, 0);
	fault_again();
}

static uint64_t frame_of(const void *p)
{
	return ((uint64_t)p - KERNEL_BASE) >> XEN_PAGE_SHIFT;
}

/* One page at all addresses of half a TiB: a list of calls that has no end. */
static void call_in_one(void)
{
	static uint64_t tables[3][TABLE_ENTRIES] __attribute__((aligned(4096)));
	static struct xen_multicall_entry calls[KERNEL_CALLS] __attribute__((aligned(4096)));
	struct xen_mmu_update root = { (start_info->pt_base - KERNEL_BASE) + 8 * ENDLESS_SLOT,
				       frame_of(tables[2]) << XEN_PAGE_SHIFT | ENTRY };

	for (unsigned i = 0; i < KERNEL_CALLS; i++)
		calls[i].op = XEN_CALL_XEN_VERSION;
	for (unsigned level = 0; level < 3; level++)
		for (unsigned i = 0; i < TABLE_ENTRIES; i++)
			tables[level][i] = frame_of(level ? (void *)tables[level - 1] : calls)
					       << XEN_PAGE_SHIFT |
					   ENTRY;
	hypercall(XEN_CALL_MMU_UPDATE, (uint64_t)&root, 1, 0, XEN_DOMAIN_SELF, 0);
	for (;;)
		hypercall(XEN_CALL_MULTICALL, ENDLESS, UINT32_MAX, 0, 0, 0);
}

static uint64_t uptime_ms(void)
{
	struct xen_runstate_info run = { 0 };
	uint64_t all = 0;

	hypercall(XEN_CALL_VCPU_OP, XEN_VCPU_GET_RUNSTATE, 0, (uint64_t)&run, 0, 0);
	for (unsigned i = 0; i < XEN_RUNSTATES; i++)
		all += run.time[i];
	return all / MS;
}

static void feed(void)
{
	for (unsigned i = 0; i < FEEDINGS; i++) {
		struct xen_sched_poll until = { .timeout = (uptime_ms() + FEED_MS) * MS };

		hypercall(XEN_CALL_SCHED_OP, XEN_SCHED_POLL, (uint64_t)&until, 0, 0, 0);
		set_watchdog(1, SECONDS);
	}
	ok(uptime_ms() >= ENOUGH_MS, "a watchdog that is set again in time does nothing");
	ok(set_watchdog(1, 0) == 0 && set_watchdog(1, SECONDS) < 0, "it can be ended");
}

void kernel_main(void)
{
	static const struct {
		const char *word;
		void (*act)(void);
	} acts[] = { { "spins", spin },	  { "blocks", block },	      { "calls", call },
		     { "faults", fault }, { "endless", call_in_one }, { "fed", feed } };

	print("first words\n");
	if (set_watchdog(0, SECONDS) != 1)
		finish(XEN_SHUTDOWN_POWEROFF);
	for (unsigned i = 0; i < sizeof(acts) / sizeof(*acts); i++)
		if (has_word(acts[i].word))
			acts[i].act();
}
