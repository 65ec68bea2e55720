/* SPDX-License-Identifier: MIT */
/* A guest that ends, or does not, as its command line says. */
#include "lib/kernel.h"

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

/* Writes to all of its memory, for ever. */
static void touch(void)
{
	volatile uint64_t *list = (volatile uint64_t *)start_info->mfn_list;

	print("touches\n");
	for (;;)
		for (uint64_t i = 0; i < start_info->nr_pages; i++)
			list[i] = list[i];
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
	} acts[] = { { "block", block },	  { "spin", spin },    { "call", call },
		     { "touch", touch },	  { "work", work },    { "fault", fault },
		     { "crash", say_last_words }, { "reboot", reboot } };

	for (unsigned i = 0; i < sizeof(acts) / sizeof(*acts); i++)
		if (has_word(acts[i].word))
			acts[i].act();
}
