/* SPDX-License-Identifier: MIT */
/* Start of a program: what the auxiliary vector says of L4Re, then the C library. */
#include "backend/thread.h"

#include <l4/re/env.h>
#include <l4/sys/kip.h>

enum { AUX_ENVIRONMENT = 0xf1, AUX_KIP = 0xf2 };

int main(int, char **, char **);
int __libc_start_main(int (*)(int, char **, char **), int, char **, void (*)(void), void (*)(void),
		      void (*)(void));
void program_start(long *stack);

static void auxiliary_read(const unsigned long *aux)
{
	for (; aux[0]; aux += 2) {
		if (aux[0] == AUX_ENVIRONMENT)
			l4re_global_env = (l4re_env_t *)aux[1];
		else if (aux[0] == AUX_KIP)
			l4_global_kip = (const l4_kernel_info_t *)aux[1];
	}
}

void program_start(long *stack)
{
	int count = (int)stack[0];
	char **arguments = (char **)(stack + 1), **last = arguments + count + 1;

	while (*last)
		last++;
	auxiliary_read((const unsigned long *)(last + 1));
	thread_init(l4re_env()->main_thread);
	__libc_start_main(main, count, arguments, NULL, NULL, NULL);
}
