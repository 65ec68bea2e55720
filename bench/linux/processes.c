/* SPDX-License-Identifier: MIT */
/* Making processes and threads, until they have ended. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rows.h"

/* The smallest program (nothing.S), beside this one. */
static char program[] = "/bin/bench-nothing";

static void fork_wait(void)
{
	pid_t child = (pid_t)must(fork(), "fork");

	if (child == 0)
		_exit(0);
	must(waitpid(child, NULL, 0), "waitpid");
}

static void fork_exec_wait(void)
{
	char *arguments[] = { program, NULL }, *environment[] = { NULL };
	pid_t child = (pid_t)must(fork(), "fork");
	int status;

	if (child == 0) {
		execve(program, arguments, environment);
		_exit(1);
	}
	must(waitpid(child, &status, 0), "waitpid");
	must(status ? -1 : 0, program);
}

static void *no_work(void *argument)
{
	return argument;
}

static void thread_join(void)
{
	pthread_t thread;

	must(-pthread_create(&thread, NULL, no_work, NULL), "pthread_create");
	pthread_join(thread, NULL);
}

const struct row process_rows[] = {
	{ "fork_exit_wait", 200, fork_wait, NULL, NULL },
	{ "fork_exec_wait", 200, fork_exec_wait, NULL, NULL },
	{ "thread_create_join", 200, thread_join, NULL, NULL },
	{ NULL, 0, NULL, NULL, NULL },
};
