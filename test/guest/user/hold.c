/* SPDX-License-Identifier: MIT */
/* Memory that is held for a while and looked at again and again. */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "user.h"

/* Words of a page that differ from page to page; the rest is zero, so that pages can be packed. */
enum { PAGE = 4096, PAGES_PER_MIB = 256, WORDS = 128 };

static volatile bool enough;

static void stop(int signal)
{
	(void)signal;
	enough = true;
}

static uint64_t word_of(unsigned page, unsigned word)
{
	uint64_t x = page * 0x9e3779b97f4a7c15 + word;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	return x ^ x >> 27;
}

static uint64_t *fill(unsigned pages)
{
	uint64_t *memory = mmap(NULL, (size_t)pages * PAGE, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (unsigned page = 0; memory != MAP_FAILED && page < pages; page++)
		for (unsigned word = 0; word < WORDS; word++)
			memory[page * 512 + word] = word_of(page, word);
	return memory;
}

static bool is_right(const uint64_t *memory, unsigned pages)
{
	for (unsigned page = 0; page < pages; page++)
		for (unsigned word = 0; word < 2 * WORDS; word++)
			if (memory[page * 512 + word] != (word < WORDS ? word_of(page, word) : 0)) {
				printf("# page %u is wrong at word %u\n", page, word);
				return false;
			}
	return true;
}

bool memory_hold(unsigned mebibytes, bool until_told)
{
	unsigned pages = mebibytes * PAGES_PER_MIB;
	signal(SIGTERM, stop);
	uint64_t *memory = fill(pages);
	bool right = memory != MAP_FAILED;
	do
		right = right && is_right(memory, pages);
	while (right && until_told && !enough && !usleep(10000));
	return right;
}
