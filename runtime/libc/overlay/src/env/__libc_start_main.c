/* SPDX-License-Identifier: MIT */
/*
 * Start of the C library. Programs here have no set-user-identity bit, so nothing is done for those
 * that would; what musl does for them would link files into every program.
 */
#include <elf.h>
#include <stdlib.h>
#include <unistd.h>
#include "libc.h"

enum { VECTOR_ENTRIES = 38 };

extern weak hidden void (*const __init_array_start[])(void), (*const __init_array_end[])(void);

static void nothing(void)
{
}

static void no_protector(void *random)
{
	(void)random;
}

weak_alias(nothing, _init);
weak_alias(no_protector, __init_ssp);
hidden void _init(void);

void __init_libc(char **environment, char *name)
{
	size_t values[VECTOR_ENTRIES] = { 0 }, *entry;

	__environ = environment;
	while (*environment)
		environment++;
	libc.auxv = (size_t *)(environment + 1);
	for (entry = libc.auxv; entry[0]; entry += 2)
		if (entry[0] < VECTOR_ENTRIES)
			values[entry[0]] = entry[1];
	__hwcap = values[AT_HWCAP];
	libc.page_size = values[AT_PAGESZ];
	__progname = __progname_full = name ? name : "";
	for (const char *c = __progname_full; *c; c++)
		if (*c == '/')
			__progname = (char *)c + 1;
	__init_tls(values);
	__init_ssp((void *)values[AT_RANDOM]);
}

static void call_constructors(void)
{
	_init();
	for (void (*const *f)(void) = __init_array_start; f != __init_array_end; f++)
		(*f)();
}

weak_alias(call_constructors, __libc_start_init);

/* A function of its own, so that the thread pointer is set before anything in it is computed. */
static __attribute__((__noinline__, __noreturn__)) void run(int (*main)(int, char **, char **),
							    int count, char **arguments)
{
	__libc_start_init();
	exit(main(count, arguments, __environ));
}

int __libc_start_main(int (*main)(int, char **, char **), int count, char **arguments,
		      void (*init)(), void (*fini)(), void (*loader)())
{
	(void)init, (void)fini, (void)loader;
	__init_libc(arguments + count + 1, arguments[0]);
	run(main, count, arguments);
	return 0;
}
