/* SPDX-License-Identifier: MIT */
/* l4/util: command lines, lists, bits, atomic operations, the CPU and its clock, texts. */
#include <stdio.h>
#include <stdlib.h>
#include <l4/re/env.h>
#include <l4/sys/memdesc.h>
#include <l4/util/atomic.h>
#include <l4/util/base64.h>
#include <l4/util/bitops.h>
#include <l4/util/cpu.h>
#include <l4/util/kip.h>
#include <l4/util/parse_cmd.h>
#include <l4/util/printf_helpers.h>
#include <l4/util/rand.h>
#include <l4/util/rdtsc.h>
#include <l4/util/sll.h>
#include <l4/util/splitlog2.h>
#include <l4/util/util.h>
#include "lib/raw_thread.h"

enum { WORDS = 2, TEXT_BYTES = 32, CPUID_VENDOR = 0, NAPS_MS = 5 };

static void read_command_line(int argc, const char **argv)
{
	int verbose, count;
	const char *name;

	check(parse_cmdline(&argc, &argv, 'v', "verbose", "more words", PARSE_CMD_INC, 0, &verbose,
			    'c', "count", "how many", PARSE_CMD_INT, 1, &count, 'n', "name",
			    "of what", PARSE_CMD_STRING, "nothing", &name, 0)
		  ? -L4_EINVAL
		  : 0,
	      "command line");
	printf("verbose %d, %d of %s, then %s and %s\n", verbose, count, name, argv[0], argv[1]);
}

static void keep_a_list(void)
{
	static const char *const days[] = { "Monday", "Tuesday", "Wednesday" };
	slist_t *list = NULL;

	for (unsigned i = 0; i < 3; i++)
		list = list_append(list, list_new_entry((void *)days[i]));
	list = list_remove(list, list_get_at(list, 2));
	printf("%d days, the last is %s\n", list_elements(list),
	       (const char *)list_get_at(list, 2)->data);
	while (list)
		list = list_remove(list, list);
}

static long count_piece(l4_addr_t start, l4_addr_t end, int order)
{
	printf("  %lx to %lx: 2^%d bytes\n", start, end, order);
	return 0;
}

static void play_with_bits(void)
{
	l4_umword_t bits[WORDS] = { 0 };
	int first;

	l4util_set_bit(70, bits);
	first = l4util_find_first_set_bit(bits, WORDS * L4_MWORD_BITS);
	printf("bit %d is set, it was: %d\n", first, l4util_test_and_clear_bit(first, bits));
	printf("1000 fits into %d, which is 2^%d\n", l4util_next_power2(1000),
	       l4util_log2(l4util_next_power2(1000)));
	printf("a range in pieces that a flexpage can name:\n");
	l4util_splitlog2_hdl(0x3000, 0x8fff, count_piece);
}

static void ask_the_machine(void)
{
	l4_kernel_info_t const *kip = l4re_kip();
	unsigned long max, b, c, d;

	l4util_cpu_cpuid(CPUID_VENDOR, &max, &b, &c, &d);
	printf("cpuid: %s, time stamp counter: %s\n", max >= 1 ? "yes" : "no",
	       l4util_cpu_capabilities() & 1 << 4 ? "yes" : "no");
	printf("the kernel describes its memory: %s\n",
	       l4_kernel_info_get_num_mem_descs(kip) > 0 ? "yes" : "no");
	printf("the kernel has a feature called tea: %s\n",
	       l4util_kip_kernel_has_feature(kip, "tea") ? "yes" : "no");
}

static void pass_time(void)
{
	l4_cpu_time_t start;
	l4_uint64_t us;

	check(l4_tsc_init(l4re_kip()) ? 0 : -L4_ENODEV, "time stamp counter");
	start = l4_rdtsc();
	l4_sleep(NAPS_MS);
	us = l4_tsc_to_us(l4_rdtsc() - start);
	printf("slept for %d ms: %s\n", NAPS_MS, us >= 1000 * (NAPS_MS - 1) ? "yes" : "no");
	printf("no time and for ever as timeouts: %s\n",
	       l4util_micros2l4to(0).t == L4_IPC_TIMEOUT_0.t &&
		       l4util_micros2l4to(~0UL).t == L4_IPC_TIMEOUT_NEVER.t
		   ? "yes"
		   : "no");
}

static void write_texts(void)
{
	char text[TEXT_BYTES], *coded = NULL;

	l4util_human_readable_size(text, sizeof(text), 3UL << 29);
	base64_encode("Zwinger", 7, &coded);
	printf("%s, %s\n", text, coded);
	free(coded);
}

int main(int argc, char **argv)
{
	l4_uint32_t first, lock = 0;
	int took;

	read_command_line(argc, (const char **)argv);
	keep_a_list();
	play_with_bits();
	took = l4util_cmpxchg32(&lock, 0, 1);
	printf("the lock is taken: %d, once more: %d\n", took, l4util_cmpxchg32(&lock, 0, 1));
	l4util_srand(7);
	first = l4util_rand();
	l4util_srand(7);
	printf("the same seed, the same number: %s\n", l4util_rand() == first ? "yes" : "no");
	ask_the_machine();
	pass_time();
	write_texts();
	return 0;
}
