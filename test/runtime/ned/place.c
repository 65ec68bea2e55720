/* SPDX-License-Identifier: MIT */
/* Where the loader has put the program, its stack and the kernel info page. */
#include "probe.h"

#include <elf.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <l4/re/c/mem_alloc.h>
#include <l4/re/c/rm.h>
#include <l4/re/c/util/cap_alloc.h>
#include <l4/re/l4aux.h>
#include <l4/sys/kip.h>
#include <l4/sys/thread.h>

enum { AUX_L4_AUX = 0xf0, AUX_L4_KIP = 0xf2, NAME_MAX_BYTES = 40 };

static void *const upper_place = (void *)0xffffa00000000000UL;

extern const char __ehdr_start[], _end[];
static char zeros[64 * L4_PAGESIZE];

static unsigned long number(const char *word)
{
	return strtoul(word, NULL, 0);
}

int probe_at(char **words)
{
	return (l4_addr_t)__ehdr_start != number(words[0]);
}

int probe_upper(char **words)
{
	l4_cap_idx_t ds = l4re_util_cap_alloc();
	void *place = upper_place;
	int error = (int)l4re_ma_alloc(L4_PAGESIZE, ds, 0);

	if (error)
		return 2;
	error = l4re_rm_attach(&place, L4_PAGESIZE, L4RE_RM_F_RW, ds, 0, L4_PAGESHIFT);
	if (!error)
		*(volatile char *)place = 1;
	return (error == 0) != number(words[0]);
}

/* The region of an address: its start, and its size in *bytes; 0: none. */
static l4_addr_t region(const void *inside, unsigned long *bytes)
{
	l4_addr_t at = (l4_addr_t)inside;
	l4re_rm_offset_t offset;
	l4re_rm_flags_t flags;
	l4re_ds_t ds;

	*bytes = 1;
	return l4re_rm_find(&at, bytes, &offset, &flags, &ds) < 0 ? 0 : at;
}

int probe_stack(char **words)
{
	unsigned long bytes = 0;
	l4_addr_t start = region(&bytes, &bytes);

	return start != number(words[0]) || bytes != number(words[1]);
}

int probe_kip(char **words)
{
	l4_addr_t at = getauxval(AUX_L4_KIP);

	return at != number(words[0]) || (l4_addr_t)l4re_kip() != at ||
	       ((const l4_kernel_info_t *)at)->magic != L4_KERNEL_INFO_MAGIC;
}

static void set_pager(l4_cap_idx_t pager)
{
	l4_thread_control_start();
	l4_thread_control_pager(pager);
	l4_thread_control_commit(l4re_env()->main_thread);
}

static void touch(l4_addr_t from, l4_addr_t to, bool write)
{
	for (l4_addr_t at = from; at < to; at += L4_PAGESIZE) {
		volatile char *byte = (volatile char *)at;
		char value = *byte;

		if (write)
			*byte = value;
	}
}

int probe_no_pager(char **words)
{
	unsigned long bytes = 0;
	l4_addr_t stack = region(&bytes, &bytes), all = bytes;

	(void)words;
	set_pager(L4_INVALID_CAP);
	touch((l4_addr_t)__ehdr_start, (l4_addr_t)_end, false);
	touch((l4_addr_t)zeros, (l4_addr_t)zeros + sizeof(zeros), true);
	touch(stack, stack + all, true);
	set_pager(l4re_env()->rm);
	return 0;
}

int probe_flags(char **words)
{
	const l4re_aux_t *aux = (const l4re_aux_t *)getauxval(AUX_L4_AUX);

	return aux->ldr_flags != number(words[0]);
}

int probe_backing(char **words)
{
	char name[NAME_MAX_BYTES];
	l4re_rm_offset_t offset;

	if (l4re_rm_get_info((l4_addr_t)__ehdr_start, name, sizeof(name), &offset) < 0)
		return 2;
	return strcmp(name, words[0]) != 0;
}
