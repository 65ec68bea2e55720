/* SPDX-License-Identifier: MIT */
/* Input from the console: read, poll, several threads that wait. Each "ready" is answered. */
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static int ends[2];
static volatile int blocked_error;
static char text[20];

static struct pollfd polled(int file)
{
	return (struct pollfd){ .fd = file, .events = POLLIN };
}

static void ask(void)
{
	check_note("ready for input");
}

/* Read until the end of what is typed. */
static void read_text(void)
{
	size_t used = 0;

	memset(text, 0, sizeof(text));
	while (used < sizeof(text) - 1 && !memchr(text, '.', used)) {
		long count = read(0, text + used, 1);

		if (count != 1)
			break;
		used++;
	}
}

static void *ask_late(void *argument)
{
	check_pause();
	check_pause();
	ask();
	return argument;
}

static void test_attributes(void)
{
	struct termios terminal;

	check_is(tcgetattr(0, &terminal), 0, "the console has attributes");
	terminal.c_lflag &= ~(tcflag_t)ECHO;
	check_is(tcsetattr(0, TCSANOW, &terminal), 0, "that can be set");
	check(!tcgetattr(0, &terminal) && !(terminal.c_lflag & ECHO), "and are so then: no echo");
}

static void test_read(void)
{
	struct pollfd p = polled(0);
	pthread_t thread;

	check_is(poll(&p, 1, 0), 0, "poll: there is no input yet");
	pthread_create(&thread, NULL, ask_late, NULL);
	read_text();
	pthread_join(thread, NULL);
	check(!strcmp(text, "typed."), "read waits for it: %s", text);
}

static void test_poll(void)
{
	struct pollfd p = polled(0);
	pthread_t thread;

	pthread_create(&thread, NULL, ask_late, NULL);
	check(poll(&p, 1, -1) == 1 && p.revents == POLLIN, "poll waits for input");
	pthread_join(thread, NULL);
	read_text();
	check(!strcmp(text, "typed."), "which read gets then");
	fcntl(0, F_SETFL, O_NONBLOCK);
	check(read(0, text, 1) < 0 && errno == EAGAIN, "without more of it, O_NONBLOCK is EAGAIN");
	fcntl(0, F_SETFL, 0);
}

static void *poll_both(void *argument)
{
	struct pollfd p[2] = { polled(0), polled(ends[0]) };

	return poll(p, 2, -1) == 1 && !p[0].revents && p[1].revents == POLLIN ? argument : NULL;
}

static void *release_then_ask(void *argument)
{
	check_pause();
	write(ends[1], "x", 1);
	check_pause();
	ask();
	return argument;
}

/* The thread that the interrupt wakes goes away, and another one must take its place. */
static void test_several(void)
{
	struct pollfd p = polled(0);
	pthread_t first, second;
	void *good;

	pipe(ends);
	pthread_create(&first, NULL, poll_both, text);
	check_pause();
	pthread_create(&second, NULL, release_then_ask, NULL);
	check(poll(&p, 1, -1) == 1, "a second thread gets input that the first waited for, too");
	pthread_join(first, &good);
	pthread_join(second, NULL);
	check(good != NULL, "which has left because of a pipe");
	read_text();
	close(ends[0]), close(ends[1]);
}

static void note(int signal)
{
	(void)signal;
}

static void *block(void *argument)
{
	blocked_error = read(0, text, 1) < 0 ? errno : -1;
	return argument;
}

static void test_interrupted(void)
{
	struct sigaction action = { .sa_handler = note };
	pthread_t thread;

	sigaction(SIGUSR1, &action, NULL);
	pthread_create(&thread, NULL, block, NULL);
	while (!blocked_error) {
		check_pause();
		pthread_kill(thread, SIGUSR1);
	}
	pthread_join(thread, NULL);
	check_is(blocked_error, EINTR, "a signal ends a read that waits");
}

static void test_cancelled(void)
{
	pthread_t thread;
	void *result;

	blocked_error = 0;
	pthread_create(&thread, NULL, block, NULL);
	check_pause();
	pthread_cancel(thread);
	pthread_join(thread, &result);
	check(result == PTHREAD_CANCELED && !blocked_error, "so does a cancellation");
}

void check_main(void)
{
	test_attributes();
	test_read();
	test_poll();
	test_several();
	test_interrupted();
	test_cancelled();
}
