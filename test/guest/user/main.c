/* SPDX-License-Identifier: MIT */
/*
 * User programs in a Linux guest: what they may rely on is as without a hypervisor. Usage: user
 * [GROUP], or user hold MIB (memory is held until SIGTERM), or user fill MIB.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "user.h"

enum { LIMIT = 150 }; /* seconds of one test */

static int number_broken;

static const struct {
	const char *name;
	void (*run)(void);
} groups[] = {
	{ "faults", test_faults },     { "ports", test_ports },	    { "fpu", test_fpu },
	{ "seccomp", test_seccomp },   { "time", test_time },	    { "trace", test_trace },
	{ "segments", test_segments }, { "memory", test_memory },   { "tables", test_tables },
	{ "watch", test_watch },       { "returns", test_returns },
};

void promise(const char *text, bool (*test)(void))
{
	int status = -1;
	fflush(stdout);
	pid_t child = fork();
	if (child == 0) {
		alarm(LIMIT);
		bool kept = test();
		fflush(stdout);
		_exit(!kept);
	}
	waitpid(child, &status, 0);
	if (status)
		number_broken++;
	printf("%sok - %s", status ? "not " : "", text);
	if (WIFSIGNALED(status))
		printf(" (signal %d)", WTERMSIG(status));
	printf("\n");
}

void skip(const char *text, const char *why)
{
	printf("ok - %s # skip %s\n", text, why);
}

int broken(void)
{
	return number_broken;
}

int main(int count, char **names)
{
	if (count == 3)
		return !memory_hold((unsigned)atoi(names[2]), !strcmp(names[1], "hold"));
	for (unsigned i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		if (count < 2 || !strcmp(names[1], groups[i].name))
			groups[i].run();
	return broken() ? EXIT_FAILURE : EXIT_SUCCESS;
}
