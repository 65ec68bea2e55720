/* SPDX-License-Identifier: MIT */
/* Signals within a program, and what they do to calls that block. */
#include "check.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <string.h>
#include <sys/select.h>
#include <time.h>
#include <unistd.h>

static volatile int count, last;
static volatile pthread_t receiver;
static volatile bool ready;
static int ends[2];
static sem_t semaphore;

#define FAILS(call, error)                      \
	({                                      \
		errno = 0;                      \
		(call) < 0 && errno == (error); \
	})

static void note(int signal)
{
	count = count + 1;
	last = signal;
	receiver = pthread_self();
}

static void note_info(int signal, siginfo_t *info, void *context)
{
	last = info->si_signo == signal && context ? 1000 + signal : 0;
}

static void set_handler(int signal, int flags)
{
	struct sigaction action = { .sa_handler = note, .sa_flags = flags };

	sigaction(signal, &action, NULL);
}

static void test_raise(void)
{
	struct sigaction action = { .sa_sigaction = note_info, .sa_flags = SA_SIGINFO }, old;

	set_handler(SIGUSR1, 0);
	check(!raise(SIGUSR1) && count == 1 && last == SIGUSR1, "raise runs the handler");
	check(!kill(getpid(), SIGUSR1) && count == 2, "so does kill");
	check(!sigaction(SIGUSR1, &action, &old) && old.sa_handler == note,
	      "sigaction tells the old handler");
	raise(SIGUSR1);
	check_is(last, 1000 + SIGUSR1, "SA_SIGINFO passes more");
	set_handler(SIGUSR1, SA_RESETHAND);
	raise(SIGUSR1);
	sigaction(SIGUSR1, NULL, &old);
	check(old.sa_handler == SIG_DFL, "SA_RESETHAND is for once");
	signal(SIGUSR1, SIG_IGN);
	count = 0;
	check(!raise(SIGUSR1) && !count, "an ignored signal is ignored");
	check(FAILS(sigaction(SIGKILL, &action, NULL), EINVAL), "SIGKILL has no handler");
	check(FAILS(kill(getpid(), 99), EINVAL), "there is no signal 99");
	check(FAILS(kill(77, SIGUSR1), ESRCH), "and no process 77");
}

static void test_mask(void)
{
	sigset_t set, before, pending;

	set_handler(SIGUSR2, 0);
	count = 0;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, &before);
	raise(SIGUSR2);
	raise(SIGUSR2);
	sigpending(&pending);
	check(!count && sigismember(&pending, SIGUSR2), "a blocked signal waits");
	sigprocmask(SIG_SETMASK, &before, NULL);
	check_is(count, 1, "and comes once when it is let through");
	sigprocmask(SIG_BLOCK, &set, NULL);
	raise(SIGUSR2);
	sigsuspend(&before);
	check_is(count, 2, "sigsuspend lets it through");
	raise(SIGUSR2);
	check_is(sigwaitinfo(&set, NULL), SIGUSR2, "sigwaitinfo takes it");
	check_is(count, 2, "without the handler");
	check(FAILS(sigtimedwait(&set, NULL, &(struct timespec){ .tv_nsec = 1000000 }), EAGAIN),
	      "sigtimedwait ends at its time limit");
	sigprocmask(SIG_SETMASK, &before, NULL);
}

static void test_pselect(void)
{
	sigset_t set, none, before;

	set_handler(SIGUSR2, 0);
	count = 0;
	sigemptyset(&none);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, &before);
	raise(SIGUSR2);
	check(FAILS(pselect(0, NULL, NULL, NULL, NULL, &none), EINTR) && count == 1,
	      "pselect ends at once for a signal that its mask lets through");
	raise(SIGUSR2);
	check(FAILS(ppoll(NULL, 0, NULL, &none), EINTR) && count == 2, "so does ppoll");
	sigprocmask(SIG_SETMASK, &before, NULL);
}

static void test_broken_pipe(void)
{
	int broken[2];

	pipe(broken);
	close(broken[0]);
	set_handler(SIGPIPE, 0);
	count = 0;
	check(FAILS(write(broken[1], "x", 1), EPIPE) && count == 1 && last == SIGPIPE,
	      "who writes to a pipe that nobody reads gets SIGPIPE and EPIPE");
	signal(SIGPIPE, SIG_IGN);
	check(FAILS(write(broken[1], "x", 1), EPIPE) && count == 1, "or EPIPE if that is ignored");
	close(broken[1]);
}

static void test_records(void)
{
	sigset_t set, before;
	siginfo_t info;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGCHLD);
	set_handler(SIGUSR1, SA_RESETHAND);
	sigprocmask(SIG_BLOCK, &set, &before);
	raise(SIGUSR1);
	raise(SIGCHLD);
	check(sigwaitinfo(&set, &info) == SIGUSR1 && info.si_code == SI_TKILL &&
		  info.si_pid == getpid(),
	      "sigwaitinfo tells where a signal comes from");
	check_is(sigwaitinfo(&set, NULL), SIGCHLD,
		 "a blocked signal waits even if it does nothing");
	count = 0;
	sigprocmask(SIG_SETMASK, &before, NULL);
	raise(SIGUSR1);
	check_is(count, 1, "what sigwaitinfo takes does not count for SA_RESETHAND");
}

static long blocked_result;
static int blocked_error;

static void *block(void *argument)
{
	struct timespec rest = { 0 };
	char byte;

	ready = true;
	switch ((long)argument) {
	case 0:
		blocked_result = nanosleep(&(struct timespec){ .tv_sec = 1000 }, &rest);
		check(rest.tv_sec >= 900 && rest.tv_sec <= 1000, "nanosleep tells what is left");
		break;
	case 1:
		blocked_result = read(ends[0], &byte, 1);
		break;
	case 2:
		blocked_result = poll(&(struct pollfd){ ends[0], POLLIN, 0 }, 1, -1);
		break;
	default:
		blocked_result = sem_wait(&semaphore);
	}
	blocked_error = errno;
	return NULL;
}

static void test_interruption(long what, const char *name)
{
	pthread_t thread;

	set_handler(SIGUSR1, 0);
	count = 0;
	ready = false;
	pthread_create(&thread, NULL, block, (void *)what);
	CHECK_WAIT(ready);
	check_pause();
	pthread_kill(thread, SIGUSR1);
	pthread_join(thread, NULL);
	check(blocked_result < 0 && blocked_error == EINTR, "a signal ends %s with EINTR", name);
	check(count == 1 && receiver == thread, "and its thread runs the handler");
}

static void test_restart(void)
{
	pthread_t thread;

	set_handler(SIGUSR1, SA_RESTART);
	count = 0;
	ready = false;
	pthread_create(&thread, NULL, block, (void *)1);
	CHECK_WAIT(ready);
	check_pause();
	pthread_kill(thread, SIGUSR1);
	check(CHECK_WAIT(count == 1), "with SA_RESTART the handler runs");
	write(ends[1], "x", 1);
	pthread_join(thread, NULL);
	check_is(blocked_result, 1, "and the call goes on");
}

void check_main(void)
{
	pipe(ends);
	sem_init(&semaphore, 0, 0);
	test_raise();
	test_mask();
	test_pselect();
	test_broken_pipe();
	test_records();
	test_interruption(0, "nanosleep");
	test_interruption(1, "read of a pipe");
	test_interruption(2, "poll");
	test_interruption(3, "sem_wait");
	test_restart();
}
