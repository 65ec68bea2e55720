/* SPDX-License-Identifier: MIT */
/*
 * A guest kernel that does its worst, in the way that its command line names (`seed=N` begins
 * another series). All its vCPUs take part. What they do may end the machine at any time;
 * exceptions that the kernel is told of only begin the next round.
 */
#include "worst/worst.h"

#include "xen/vcpu.h"

enum { STACK_BYTES = 0x2000, VECTORS = 20, MANY = 3000, SOME = 1000, FEW = 300 };

/* Where a vCPU starts, and all exceptions go: on the stack of the vCPU anew. */
void begin(void);
void go_on(unsigned number);
__asm__(".globl begin\n"
	"begin:	mov $0x5b, %edi\n"
	"	xor %esi, %esi\n"
	"	lsl %edi, %esi\n"
	"	and $3, %esi\n"
	"	mov %esi, %edi\n"
	"	inc %esi\n"
	"	shl $13, %esi\n"
	"	lea stacks(%rip), %rsp\n"
	"	add %rsi, %rsp\n"
	"	cld\n"
	"	call go_on\n"
	"	ud2\n");

__attribute__((used, aligned(16))) char stacks[HOSTILE_VCPUS][STACK_BYTES];

static const struct way {
	const char *word;
	hostile_way *act;
	unsigned rounds;
} ways[] = {
	{ "calls", way_calls, MANY },
	{ "everything", way_everything, MANY },
	{ "multicalls", way_multicalls, SOME },
	{ "tables", way_tables, MANY },
	{ "views", way_views, SOME },
	{ "shim", way_shim, MANY },
	{ "track", way_track, SOME },
	{ "own", way_own, SOME },
	{ "jumps", way_jumps, SOME },
	{ "segments", way_segments, SOME },
	{ "frames", way_frames, SOME },
	{ "spins", way_spins, 1 },
	{ "floods", way_floods, FEW },
	{ "system", way_system, MANY },
	{ "objects", way_own_objects, MANY },
	{ "memory", way_own_memory, SOME },
	{ "capabilities", way_capabilities, 64 * MANY },
	{ "requests", way_requests, SOME },
	{ "reports", way_reports, FEW },
	{ "state", way_state, SOME },
	{ "resumes", way_resumes, SOME },
	{ "offers", way_offers, SOME },
};

static struct hostile vcpus[HOSTILE_VCPUS];
static const struct way *chosen;
static unsigned done; /* vCPUs */

uint64_t chance(struct hostile *h)
{
	h->seed ^= h->seed >> 12;
	h->seed ^= h->seed << 25;
	h->seed ^= h->seed >> 27;
	return h->seed * 0x2545f4914f6cdd1dUL >> 8;
}

uint64_t wild(struct hostile *h)
{
	const uint64_t matters[] = { 0,
				     0xfff,
				     0x7fffffff,
				     0x80000000,
				     0xffffffff,
				     1UL << 47,
				     (1UL << 47) - 1,
				     1UL << 63,
				     ~0UL,
				     ~4095UL,
				     0xffff800000000000UL,
				     0xffff7fffffffffffUL,
				     0xffff880000000000UL,
				     GUEST_SHIM,
				     GUEST_SHIM_CALL,
				     GUEST_KU,
				     GUEST_VCPU,
				     GUEST_TRACK,
				     GUEST_M2P,
				     GUEST_RAM,
				     KERNEL_BASE,
				     (uint64_t)h->words,
				     (uint64_t)(h->words + HOSTILE_WORDS) - 4,
				     start_info->pt_base,
				     start_info->nr_pages };
	uint64_t extreme = matters[chance(h) % (sizeof(matters) / sizeof(*matters))];

	switch (chance(h) % 4) {
	case 0:
		return chance(h) % 64;
	case 1:
		return extreme;
	case 2:
		return extreme + chance(h) % 0x4000;
	default:
		return chance(h) << 8 >> chance(h) % 64;
	}
}

void fill_words(struct hostile *h)
{
	for (unsigned i = 0; i < 64; i++)
		h->words[i] = wild(h);
}

void poke(struct hostile *h, uint64_t address)
{
	volatile uint64_t *word = (volatile uint64_t *)address;

	if (chance(h) % 2)
		*word = wild(h);
	else
		(void)*word;
}

static uint64_t find_seed(void)
{
	const char *at = start_info->command_line;
	uint64_t seed = 0;

	while (*at && *at != '=')
		at++;
	while (*at && *++at >= '0' && *at <= '9')
		seed = seed * 10 + (uint64_t)(*at - '0');
	return seed + 1;
}

static void set_traps(void)
{
	static struct xen_trap_info traps[VECTORS + 1];

	for (unsigned i = 0; i < VECTORS; i++)
		traps[i] = (struct xen_trap_info){ .vector = (uint8_t)i,
						   .flags = XEN_TRAP_MASK_EVENTS,
						   .cs = XEN_CS64,
						   .address = (uint64_t)begin };
	hypercall(XEN_CALL_SET_TRAP_TABLE, (uint64_t)traps, 0, 0, 0, 0);
	hypercall(XEN_CALL_STACK_SWITCH, XEN_SS, (uint64_t)stacks[1], 0, 0, 0);
}

/* The last vCPU that has done its rounds ends the machine. */
static void end(void)
{
	if (__atomic_add_fetch(&done, 1, __ATOMIC_SEQ_CST) == guest_start()->vcpus) {
		print("all rounds done\n");
		finish(XEN_SHUTDOWN_POWEROFF);
	}
	for (;;)
		hypercall(XEN_CALL_SCHED_OP, XEN_SCHED_YIELD, 0, 0, 0, 0);
}

void go_on(unsigned number)
{
	struct hostile *h = &vcpus[number];

	if (h->round % 16 == 0)
		set_traps();
	while (h->round < chosen->rounds) {
		h->round++;
		chosen->act(h);
	}
	end();
}

static void start_number(unsigned number)
{
	static struct xen_vcpu_context context;

	context.flags = XEN_CONTEXT_IN_KERNEL;
	context.regs = (struct xen_user_regs){ .rip = (uint64_t)begin,
					       .rsp = (uint64_t)stacks[number],
					       .cs = XEN_CS64,
					       .ss = XEN_SS,
					       .rflags = 2 };
	context.kernel_ss = XEN_SS;
	context.kernel_sp = (uint64_t)stacks[number];
	context.cr[3] = start_info->pt_base - KERNEL_BASE;
	if (hypercall(XEN_CALL_VCPU_OP, XEN_VCPU_INITIALISE, number, (uint64_t)&context, 0, 0) ||
	    hypercall(XEN_CALL_VCPU_OP, XEN_VCPU_UP, number, 0, 0, 0))
		print("a vCPU does not start\n");
}

void kernel_main(void)
{
	for (unsigned i = 0; i < sizeof(ways) / sizeof(*ways); i++)
		if (has_word(ways[i].word))
			chosen = &ways[i];
	if (!chosen) {
		print("no way is named\n");
		finish(XEN_SHUTDOWN_CRASH);
	}
	for (unsigned i = 0; i < HOSTILE_VCPUS; i++) {
		vcpus[i].number = i;
		vcpus[i].seed = find_seed() * (i + 1);
	}
	set_traps();
	for (unsigned i = 1; i < guest_start()->vcpus; i++)
		start_number(i);
	print("begins\n");
	begin();
}
