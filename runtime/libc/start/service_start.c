/* SPDX-License-Identifier: MIT */
/*
 * Start of a root task: get the kernel info page from sigma0, make argument and auxiliary vectors
 * as a loader would, and go on in the C library.
 */
#include "backend/calls.h"
#include "backend/thread.h"

#include <elf.h>
#include <string.h>

#include <l4/sys/ipc.h>
#include <l4/sys/kip.h>
#include <l4/util/l4mod.h>

enum { ARGUMENTS_MAX = 64, TEXT_BYTES = 2048, AUX_WORDS = 10, REQUEST_KIP = 0xa0 };

extern const Elf64_Ehdr __ehdr_start; /* from the linker */

/* Programs that use the L4Re library have it from there. */
__attribute__((weak)) l4_kernel_info_t const *l4_global_kip;

int main(int, char **, char **);
int __libc_start_main(int (*)(int, char **, char **), int, char **, void (*)(void), void (*)(void),
		      void (*)(void));
void service_start(void);

static char text[TEXT_BYTES];
/* Arguments, NULL, no environment, NULL, auxiliary vector. */
static unsigned long vectors[ARGUMENTS_MAX + 2 + AUX_WORDS];

/* Ask sigma0 for the kernel info page; it tells where the page is now. */
static void kip_get(void)
{
	l4_msgtag_t tag = l4_msgtag(L4_PROTO_SIGMA0, 2, 0, 0);

	l4_utcb_br()->bdr = 0;
	l4_utcb_br()->br[0] = L4_ITEM_MAP;
	l4_utcb_br()->br[1] = l4_fpage_all().raw;
	l4_utcb_br()->br[2] = 0;
	l4_utcb_mr()->mr[0] = ~0UL << 8 | REQUEST_KIP;
	l4_utcb_mr()->mr[1] = 0;
	tag = l4_ipc_call(L4_BASE_PAGER_CAP, l4_utcb(), tag, L4_IPC_NEVER);
	l4_utcb_br()->br[0] = 0;
	if (l4_error(tag) >= 0)
		l4_global_kip = (l4_kernel_info_t const *)(l4_utcb_mr()->mr[0] & L4_PAGEMASK);
}

/* Command line of the root task; physical memory is where its address says. */
static const char *command_line(void)
{
	const l4util_l4mod_info *info = (void *)l4_global_kip->user_ptr;
	const l4util_l4mod_mod *mod = info ? (void *)info->mods_addr : NULL;

	for (unsigned i = 0; info && i < info->mods_count; i++)
		if ((mod[i].flags & L4util_l4mod_mod_flag_mask) == L4util_l4mod_mod_flag_roottask)
			return mod[i].cmdline ? (const char *)mod[i].cmdline : "";
	return "";
}

/* Cut a copy of the command line into words; returns how many. */
static int arguments_fill(void)
{
	char *save, *word;
	int count = 0;

	strncpy(text, command_line(), sizeof(text) - 1);
	for (word = strtok_r(text, " \t\n", &save); word && count < ARGUMENTS_MAX;
	     word = strtok_r(NULL, " \t\n", &save))
		vectors[count++] = (unsigned long)word;
	return count;
}

static void auxiliary_fill(unsigned long *aux)
{
	const unsigned long values[AUX_WORDS] = {
		AT_PHDR,   (unsigned long)&__ehdr_start + __ehdr_start.e_phoff,
		AT_PHENT,  __ehdr_start.e_phentsize,
		AT_PHNUM,  __ehdr_start.e_phnum,
		AT_PAGESZ, L4_PAGESIZE,
		AT_NULL,   0
	};

	for (unsigned i = 0; i < AUX_WORDS; i++)
		aux[i] = values[i];
}

void service_start(void)
{
	int count;

	thread_init(L4_BASE_THREAD_CAP);
	kip_get();
	if (!l4_global_kip)
		backend_exit_group(1);
	count = arguments_fill();
	auxiliary_fill(vectors + count + 2);
	__libc_start_main(main, count, (char **)vectors, NULL, NULL, NULL);
}
