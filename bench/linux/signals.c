/* SPDX-License-Identifier: MIT */
/* Signals: installing a handler, one sent to oneself, one from a fault. */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "rows.h"

enum { STORE_BYTES = 3 }; /* of the instruction that faults */

static volatile sig_atomic_t delivered;
static pid_t own;
static char *forbidden;

static void note(int number)
{
	delivered = number;
}

static void install(void)
{
	struct sigaction action = { .sa_handler = note };

	sigaction(SIGUSR1, &action, NULL);
}

static int prepare_send(void)
{
	own = getpid();
	install();
	return 1;
}

static void send(void)
{
	delivered = 0;
	kill(own, SIGUSR1);
	must(delivered == SIGUSR1 ? 0 : -1, "signal");
}

static void step_over(int number, siginfo_t *info, void *context)
{
	(void)number, (void)info;
	((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP] += STORE_BYTES;
}

static int forbid_page(void)
{
	struct sigaction action = { .sa_sigaction = step_over, .sa_flags = SA_SIGINFO };

	forbidden = mmap(NULL, PAGE_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	must(forbidden == MAP_FAILED ? -1 : 0, "mmap");
	must(sigaction(SIGSEGV, &action, NULL), "sigaction");
	return 1;
}

static void release_page(void)
{
	signal(SIGSEGV, SIG_DFL);
	munmap(forbidden, PAGE_BYTES);
}

static void store(void)
{
	__asm__ volatile("movb $0, (%%rax)" : : "a"(forbidden) : "memory");
}

const struct row signal_rows[] = {
	{ "sig_install", 1000, install, NULL, NULL },
	{ "sig_deliver", 1000, send, prepare_send, NULL },
	{ "sig_segv", 1000, store, forbid_page, release_page },
	{ NULL, 0, NULL, NULL, NULL },
};
