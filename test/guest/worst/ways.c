/* SPDX-License-Identifier: MIT */
/* What a hostile guest does by the means of its own interface, and to the shim's memory. */
#include "worst/worst.h"

#include "xen/mmu.h"

enum { TABLE_ENTRIES = 512, TEXT_MAX = 256, KERNEL_SLOT = 511 };

#define FRAME_MASK 0xffffffffffUL

static uint64_t tables[HOSTILE_VCPUS][4][TABLE_ENTRIES] __attribute__((aligned(4096)));

static uint64_t frame_of(const void *p)
{
	return ((uint64_t)p - KERNEL_BASE) >> XEN_PAGE_SHIFT;
}

static uint64_t wild_entry(struct hostile *h)
{
	uint64_t frames = start_info->nr_pages, frame = chance(h) % frames;

	switch (chance(h) % 5) {
	case 0: /* the shared page, the grant table, what lies behind */
		frame = frames + chance(h) % 32;
		break;
	case 1:
		frame = wild(h) & FRAME_MASK;
		break;
	case 2: /* itself, and the other ones */
		frame = frame_of(tables[h->number][chance(h) % 4]);
		break;
	default:
		break;
	}
	return frame << XEN_PAGE_SHIFT | (chance(h) & 0x80000000000001ffUL) | (chance(h) % 8 != 0);
}

/* --- Hypercalls with any arguments --- */

/*
 * These end the machine, block, go anywhere, or (results of multicalls) write over the guest's own
 * code: they have a way of their own.
 */
static bool ends(uint64_t number)
{
	return number == XEN_CALL_SCHED_OP || number == XEN_CALL_IRET ||
	       number == XEN_CALL_VCPU_OP || number == XEN_CALL_SET_TRAP_TABLE ||
	       number == XEN_CALL_MULTICALL;
}

void way_calls(struct hostile *h)
{
	uint64_t number = chance(h) % XEN_CALLS, count = wild(h);

	fill_words(h);
	if (number == XEN_CALL_CONSOLE_IO)
		hypercall(number, wild(h), chance(h) % TEXT_MAX, wild(h), 0, 0);
	else if (number == XEN_CALL_UPDATE_VA_MAPPING) /* not where it is itself */
		hypercall(number, chance(h) % KERNEL_BASE, wild_entry(h), wild(h), 0, 0);
	else if (!ends(number))
		hypercall(number, chance(h) % 4 ? (uint64_t)h->words : wild(h),
			  chance(h) % 2 ? (uint64_t)h->words : count, wild(h), wild(h), wild(h));
}

void way_everything(struct hostile *h)
{
	fill_words(h);
	hypercall(chance(h) % XEN_CALLS, wild(h), wild(h), wild(h), wild(h), wild(h));
}

/* --- Calls in one --- */

/* A call that a batch may have and come back from: it waits for a moment, or until the timer. */
static void put_waiting(struct hostile *h, struct xen_multicall_entry *e)
{
	struct xen_sched_poll *poll = (struct xen_sched_poll *)(h->words + HOSTILE_WORDS / 2);

	*poll = (struct xen_sched_poll){ .ports = (uint64_t)(poll + 1),
					 .nr_ports = chance(h) % 4,
					 .timeout = 1 + chance(h) % 8 };
	e->op = XEN_CALL_SCHED_OP;
	e->args[0] = chance(h) % 8 ? XEN_SCHED_YIELD : XEN_SCHED_POLL;
	e->args[1] = (uint64_t)poll;
}

static void put_call(struct hostile *h, struct xen_multicall_entry *e)
{
	e->op = chance(h) % XEN_CALLS;
	e->result = (int64_t)wild(h);
	for (unsigned i = 0; i < 6; i++)
		e->args[i] = wild(h);
}

/* Any calls, any number of them, those too that block or never come back. */
void way_multicalls(struct hostile *h)
{
	struct xen_multicall_entry *entries = (struct xen_multicall_entry *)h->words;
	unsigned room = sizeof(h->words) / (sizeof(*entries));

	for (unsigned i = 0; i < room; i++)
		chance(h) % 8 ? put_call(h, &entries[i]) : put_waiting(h, &entries[i]);
	hypercall(XEN_CALL_MULTICALL, (uint64_t)entries,
		  chance(h) % 16 ? chance(h) % (2 * room) : wild(h), 0, 0, 0);
}

/* --- Page tables --- */

static long mmu_op(uint32_t cmd, uint64_t arg1, uint64_t arg2)
{
	struct xen_mmuext_op op = { cmd, 0, arg1, arg2 };

	return hypercall(XEN_CALL_MMUEXT_OP, (uint64_t)&op, 1, 0, 0x7ff0, 0);
}

static void mmu_update(uint64_t address, uint64_t value)
{
	struct xen_mmu_update update = { address, value };

	hypercall(XEN_CALL_MMU_UPDATE, (uint64_t)&update, 1, 0, 0x7ff0, 0);
}

/* A root that keeps the kernel, with anything else in it. */
static void build(struct hostile *h)
{
	const uint64_t *root = (const uint64_t *)start_info->pt_base;
	uint64_t(*t)[TABLE_ENTRIES] = tables[h->number];

	for (unsigned level = 0; level < 4; level++)
		for (unsigned i = 0; i < 16; i++)
			t[level][chance(h) % TABLE_ENTRIES] = wild_entry(h);
	for (unsigned level = 3; level; level--)
		t[level][chance(h) % 4] = frame_of(t[level - 1]) << XEN_PAGE_SHIFT | 7;
	t[3][256 + chance(h) % 16] = frame_of(t[2]) << XEN_PAGE_SHIFT | 7;
	t[3][KERNEL_SLOT] = root[KERNEL_SLOT];
}

static void unload(struct hostile *h)
{
	mmu_op(XEN_MMUEXT_NEW_BASEPTR, frame_of((const void *)start_info->pt_base), 0);
	for (unsigned level = 0; level < 4; level++)
		mmu_op(XEN_MMUEXT_UNPIN, frame_of(tables[h->number][level]), 0);
}

void way_tables(struct hostile *h)
{
	uint64_t(*t)[TABLE_ENTRIES] = tables[h->number];

	if (h->round % 64 == 0) {
		unload(h);
		build(h);
		mmu_op(XEN_MMUEXT_PIN_L1 + (uint32_t)(chance(h) % 4), frame_of(t[chance(h) % 4]),
		       0);
		mmu_op(XEN_MMUEXT_NEW_BASEPTR, frame_of(t[3]), 0);
	}
	if (chance(h) % 4 == 0)
		mmu_update(frame_of(t[chance(h) % 4]) << XEN_PAGE_SHIFT |
			       (chance(h) % (TABLE_ENTRIES - 1) * 8),
			   wild_entry(h));
	poke(h, (chance(h) % 8) << 39 | (chance(h) % 8) << 30 | (chance(h) % 512) << 21 |
		    (chance(h) % 512) << 12);
	poke(h, wild(h));
}

/* One table in all places of a tree: every address of half the address space is there, and each
 * needs tables in the view of the process. */
void way_views(struct hostile *h)
{
	uint64_t(*t)[TABLE_ENTRIES] = tables[h->number];

	if (h->round == 1) {
		for (unsigned level = 0; level < 4; level++)
			for (unsigned i = 0; i < TABLE_ENTRIES / 2; i++)
				t[level][i] = level ? frame_of(t[level - 1]) << XEN_PAGE_SHIFT | 7
						    : frame_of(h->words) << XEN_PAGE_SHIFT | 7;
		t[3][KERNEL_SLOT] = ((const uint64_t *)start_info->pt_base)[KERNEL_SLOT];
		mmu_op(XEN_MMUEXT_NEW_BASEPTR, frame_of(t[3]), 0);
	}
	for (unsigned i = 0; i < 64; i++)
		*(volatile uint64_t *)((chance(h) % 256) << 39 | (chance(h) % 256) << 30 |
				       (chance(h) % 256) << 21 | (chance(h) % 256) << 12) = i;
}

/* --- The shim's memory --- */

/* Words of all that the shim has, also of what can only be read. */
void way_shim(struct hostile *h)
{
	static const uint64_t places[][2] = {
		{ GUEST_SHIM, 0x40000 },
		{ GUEST_KU, 0x30000 },
		{ GUEST_VCPU, 4 * GUEST_VCPU_BYTES },
		{ GUEST_TRACK, 0x40000 },
		{ GUEST_M2P, 0x20000 },
		{ GUEST_RAM, 0x4000000 },
	};
	const uint64_t *place = places[chance(h) % 6];

	poke(h, place[0] + (chance(h) % place[1] & ~7UL));
	if (h->round % 16 == 0)
		hypercall(XEN_CALL_XEN_VERSION, 0, 0, 0, 0, 0);
}

/* What the shim knows of all frames. */
void way_track(struct hostile *h)
{
	volatile uint64_t *track = (volatile uint64_t *)GUEST_TRACK;

	for (unsigned i = 0; i < 64; i++)
		track[chance(h) % (2 * start_info->nr_pages)] = wild(h);
	way_tables(h);
}

/* What the shim knows of its vCPUs, and its stacks. */
void way_own(struct hostile *h)
{
	uint64_t at = chance(h) % (h->round % 2 ? 0x1000 : GUEST_VCPU_BYTES) & ~7UL;

	poke(h, GUEST_VCPU + (chance(h) % guest_start()->vcpus) * GUEST_VCPU_BYTES + at);
	hypercall(XEN_CALL_XEN_VERSION, 0, 0, 0, 0, 0);
	way_tables(h);
}

/* --- Jumps --- */

static __attribute__((noreturn)) void jump(uint64_t rip, uint64_t rsp, const uint64_t *r)
{
	__asm__ volatile("mov %1, %%rsp; mov (%2), %%rax; mov 8(%2), %%rcx; mov 16(%2), %%rdx;"
			 "mov 24(%2), %%rsi; mov 32(%2), %%rbx; mov 40(%2), %%r11; jmp *%0"
			 :
			 : "D"(rip), "r"(rsp), "r"(r));
	__builtin_unreachable();
}

void way_jumps(struct hostile *h)
{
	uint64_t rsp = h->round < 1500 ? (uint64_t)h->words + 4096 : wild(h);

	fill_words(h);
	if (h->round < 200)
		jump(wild(h), rsp, h->words);
	jump(GUEST_SHIM_ENTRY + chance(h) % 0x9000, rsp, h->words);
}

/* --- Segments, debug registers, instructions, frames --- */

void way_segments(struct hostile *h)
{
	uint16_t selector = (uint16_t)(chance(h) % 2 ? chance(h) : chance(h) % 256);

	hypercall(XEN_CALL_SET_DEBUGREG, chance(h) % 9, wild(h), 0, 0, 0);
	hypercall(XEN_CALL_SET_SEGMENT_BASE, chance(h) % 5, wild(h), 0, 0, 0);
	hypercall(XEN_CALL_UPDATE_DESCRIPTOR, wild(h), wild(h), 0, 0, 0);
	switch (chance(h) % 8) {
	case 0:
		__asm__ volatile("mov %w0, %%ds; mov %w0, %%es" : : "r"(selector));
		break;
	case 1:
		__asm__ volatile("mov %w0, %%fs" : : "r"(selector));
		break;
	case 2:
		__asm__ volatile("mov %w0, %%gs" : : "r"(selector));
		break;
	case 3:
		__asm__ volatile("push %0; popf" : : "r"(wild(h)) : "cc", "memory");
		break;
	case 4:
		__asm__ volatile("wrmsr"
				 :
				 : "c"(0xc0000080 + chance(h) % 32), "a"(wild(h)), "d"(wild(h)));
		break;
	case 5:
		__asm__ volatile("mov %0, %%cr3" : : "r"(wild(h)));
		break;
	case 6:
		__asm__ volatile("mov %0, %%cr4; mov %0, %%dr7" : : "r"(wild(h)));
		break;
	default:
		__asm__ volatile("out %%al, %%dx; lgdt (%0)" : : "r"(h->words), "d"(selector));
		break;
	}
}

static uint64_t wild_selector(struct hostile *h)
{
	static const uint16_t often[] = { 0xe033, 0xe030, 0xe023, 0xe02b, 0x33,
					  0x2b,	  0x23,	  0x5b,	  0x10,	  0 };
	uint64_t n = chance(h);

	return n % 4 ? often[n / 4 % 10] : n / 4;
}

/* Hypercall iret, and the instruction, with any frame. */
void way_frames(struct hostile *h)
{
	uint64_t *frame = h->words + 16;

	fill_words(h);
	if (h->round == 1)
		mmu_op(XEN_MMUEXT_NEW_USER_BASEPTR, frame_of((const void *)start_info->pt_base), 0);
	frame[4] = chance(h) % 2 ? wild(h) : (uint64_t)h->words;
	frame[5] = wild_selector(h);
	if (chance(h) % 8)
		frame[7] = (uint64_t)(h->words + HOSTILE_WORDS);
	frame[8] = wild_selector(h);
	if (chance(h) % 2)
		__asm__ volatile("mov %0, %%rsp; jmp hypercall_stub_iret" : : "r"(frame + 4));
	else
		__asm__ volatile("mov %0, %%rsp; iretq" : : "r"(frame + 4));
	__builtin_unreachable();
}

/* --- Doing nothing, for ever --- */

void way_spins(struct hostile *h)
{
	(void)h;
	for (;;)
		__asm__ volatile("pause");
}

/* The console as fast as it goes. */
void way_floods(struct hostile *h)
{
	volatile uint32_t *ring = (volatile uint32_t *)at_frame(start_info->console_frame);

	fill_words(h);
	for (unsigned i = 0; i < 1024; i++)
		ring[i] = (uint32_t)wild(h);
	for (unsigned i = 0; i < 100; i++)
		l4_irq_trigger_u(guest_start()->notify, own_utcb(h));
}
