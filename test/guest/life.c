/* SPDX-License-Identifier: MIT */
/* A guest that ends, or does not, as its command line says. */
#include "guest/layout.h"
#include "lib/kernel.h"
#include "xen/memory.h"

/* A large page in the middle of its memory, where nothing is at the start. */
enum { LARGE_FRAMES = 512, LARGE_ORDER = 9 };

static uint64_t middle(void)
{
	return start_info->nr_pages / 2 / LARGE_FRAMES * LARGE_FRAMES;
}

/* The shim's addresses of memory are within reach of the kernel. */
static volatile uint64_t *alias(uint64_t frame)
{
	return (volatile uint64_t *)(GUEST_RAM + (frame << XEN_PAGE_SHIFT));
}

/* Ports and rings are not needed to wait: nothing will come. */
static void block(void)
{
	print("blocks\n");
	for (;;)
		hypercall(XEN_CALL_SCHED_OP, XEN_SCHED_BLOCK, 0, 0, 0, 0);
}

static void spin(void)
{
	print("spins\n");
	for (;;)
		__asm__ volatile("pause");
}

/* Calls for ever, so that the shim is at work most of the time. */
static void call(void)
{
	print("calls\n");
	for (;;)
		hypercall(XEN_CALL_XEN_VERSION, XEN_VERSION, 0, 0, 0, 0);
}

/* Gives vmm a frame and takes it back, for ever: messages without a line on the console. */
static void trade(void)
{
	uint64_t frame = middle();
	struct xen_memory_reservation r = { .extents = (uint64_t)&frame,
					    .nr_extents = 1,
					    .domain = XEN_DOMAIN_SELF };
	long moved;

	print("trades\n");
	do {
		moved = hypercall(XEN_CALL_MEMORY_OP, XEN_MEMORY_DECREASE_RESERVATION, (uint64_t)&r,
				  0, 0, 0);
		moved += hypercall(XEN_CALL_MEMORY_OP, XEN_MEMORY_POPULATE_PHYSMAP, (uint64_t)&r, 0,
				   0, 0);
	} while (moved == 2);
	print("cannot trade\n");
}

/* Writes to all of its memory, for ever. */
static void touch(void)
{
	volatile uint64_t *list = (volatile uint64_t *)start_info->mfn_list;

	print("touches\n");
	for (;;)
		for (uint64_t i = 0; i < start_info->nr_pages; i++)
			list[i] = list[i];
}

/* Leaves something in all of its upper half. */
static void dirty(void)
{
	volatile uint64_t *end = alias(start_info->nr_pages);

	for (volatile uint64_t *word = alias(middle()); word < end; word++)
		*word = ~0UL;
}

/* What others have left there is not to be seen. */
static void look(void)
{
	volatile uint64_t *end = alias(start_info->nr_pages);
	bool zero = true;

	for (volatile uint64_t *word = alias(middle()); word < end; word++)
		zero = zero && !*word;
	ok(zero, "memory of a machine is zero at its start");
}

/* Uses memory that it has given back. */
static void use_after_release(void)
{
	uint64_t frame = middle();
	struct xen_memory_reservation r = { .extents = (uint64_t)&frame,
					    .nr_extents = 1,
					    .extent_order = LARGE_ORDER,
					    .domain = XEN_DOMAIN_SELF };

	*alias(frame) = 1;
	if (hypercall(XEN_CALL_MEMORY_OP, XEN_MEMORY_DECREASE_RESERVATION, (uint64_t)&r, 0, 0, 0) !=
	    1)
		print("cannot give memory back\n");
	*alias(frame) = 1;
	print("has used what it had given back\n");
}

/* Work that goes wrong if anybody else writes to its memory. */
static void work(void)
{
	enum { WORDS = 32768, ROUNDS = 64 };
	static volatile uint64_t words[WORDS];

	for (uint64_t round = 0; round < ROUNDS; round++) {
		for (uint64_t i = 0; i < WORDS; i++)
			words[i] = round * WORDS + i;
		hypercall(XEN_CALL_SCHED_OP, XEN_SCHED_YIELD, 0, 0, 0, 0);
		for (uint64_t i = 0; i < WORDS; i++)
			if (words[i] != round * WORDS + i)
				finish(XEN_SHUTDOWN_CRASH);
	}
	print("all of its work is done\n");
}

static void say_last_words(void)
{
	print("first words\nlast words\n");
	finish(XEN_SHUTDOWN_CRASH);
}

static void fault(void)
{
	*(volatile int *)0x1234 = 0;
}

static void reboot(void)
{
	finish(XEN_SHUTDOWN_REBOOT);
}

void kernel_main(void)
{
	static const struct {
		const char *word;
		void (*act)(void);
	} acts[] = { { "block", block },   { "spin", spin },
		     { "call", call },	   { "trade", trade },
		     { "touch", touch },   { "work", work },
		     { "fault", fault },   { "crash", say_last_words },
		     { "reboot", reboot }, { "dirty", dirty },
		     { "look", look },	   { "released", use_after_release } };

	for (unsigned i = 0; i < sizeof(acts) / sizeof(*acts); i++)
		if (has_word(acts[i].word))
			acts[i].act();
}
