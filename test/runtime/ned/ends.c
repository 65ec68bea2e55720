/* SPDX-License-Identifier: MIT */
/* Ways in which signals end a program that has handlers: the first argument chooses one. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { BAD_USE = 99 };

static void handler(int signal)
{
	_exit(signal);
}

static void fault_again(int signal)
{
	(void)signal;
	__asm__ volatile("ud2");
}

static void undefined(void)
{
	__asm__ volatile("ud2");
}

static void other(void)
{
	signal(SIGSEGV, handler);
	undefined();
}

static void ignored(void)
{
	signal(SIGSEGV, handler);
	signal(SIGILL, SIG_IGN);
	undefined();
}

static void masked(void)
{
	sigset_t set;

	signal(SIGILL, handler);
	sigfillset(&set);
	sigprocmask(SIG_SETMASK, &set, NULL);
	undefined();
}

static void twice(void)
{
	signal(SIGILL, fault_again);
	undefined();
}

static void handled(void)
{
	signal(SIGILL, handler);
	undefined();
}

/* The back end holds locks then, which the handler may want. */
static void within(void)
{
	pthread_mutex_t *nowhere = (pthread_mutex_t *)0x123450000;

	signal(SIGSEGV, handler);
	(void)!write(1, nowhere, 10);
}

/* No stack for the frame. */
static void no_stack(void)
{
	signal(SIGILL, handler);
	__asm__ volatile("mov $0x1000, %rsp\n\tud2");
}

static void broken_pipe(void)
{
	int ends[2];

	signal(SIGILL, handler);
	pipe(ends);
	close(ends[0]);
	(void)!write(ends[1], "x", 1);
}

static void terminated(void)
{
	raise(SIGTERM);
}

static const struct {
	const char *name;
	void (*end)(void);
} ways[] = { { "other", other },      { "ignored", ignored },	{ "masked", masked },
	     { "twice", twice },      { "handled", handled },	{ "within", within },
	     { "pipe", broken_pipe }, { "no_stack", no_stack }, { "terminated", terminated } };

int main(int count, char **words)
{
	for (size_t i = 0; count > 1 && i < sizeof(ways) / sizeof(*ways); i++)
		if (!strcmp(words[1], ways[i].name))
			ways[i].end();
	return BAD_USE;
}
