/* SPDX-License-Identifier: MIT */
/* Pipes, event counters, poll and select. */
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/uio.h>
#include <unistd.h>

enum { MUCH = 200000 };

#define FAILS(call, error)                      \
	({                                      \
		errno = 0;                      \
		(call) < 0 && errno == (error); \
	})

static int ends[2];

static void *write_much(void *argument)
{
	unsigned char data[700];
	long sent = 0;

	while (sent < MUCH) {
		size_t part = MUCH - sent < 700 ? MUCH - sent : 700;

		for (size_t i = 0; i < part; i++)
			data[i] = (unsigned char)((sent + (long)i) * 7);
		sent += write(ends[1], data, part);
	}
	close(ends[1]);
	return argument;
}

static void test_stream(void)
{
	unsigned char data[1000];
	long got = 0, wrong = 0, part;
	pthread_t thread;

	check_is(pipe(ends), 0, "pipe");
	pthread_create(&thread, NULL, write_much, NULL);
	while ((part = read(ends[0], data, sizeof(data))) > 0) {
		for (long i = 0; i < part; i++)
			wrong += data[i] != (unsigned char)((got + i) * 7);
		got += part;
	}
	pthread_join(thread, NULL);
	check_is(got, MUCH, "all that is written to a pipe comes out");
	check_is(wrong, 0, "unchanged and in order");
	check_is(part, 0, "and then the end, when no writer is left");
	close(ends[0]);
}

static void test_limits(void)
{
	char data[100];
	const struct iovec pieces[] = { { data, 2 }, { data, 2 }, { data, 1 } };
	long sum = 0, part;

	pipe2(ends, O_NONBLOCK);
	check(FAILS(read(ends[0], data, 1), EAGAIN), "an empty pipe says EAGAIN");
	while ((part = write(ends[1], data, sizeof(data))) > 0)
		sum += part;
	check(errno == EAGAIN && sum >= 4096, "so does a full one");
	while (write(ends[1], data, 1) > 0)
		;
	read(ends[0], data, 3);
	check(FAILS(writev(ends[1], pieces, 2), EAGAIN), "pieces go into a pipe together or not");
	check_is(writev(ends[1], pieces + 1, 2), 3, "as here, where there is room");
	check(FAILS(lseek(ends[0], 0, SEEK_SET), ESPIPE), "a pipe has no position");
	check(FAILS(read(ends[1], data, 1), EBADF), "nor can its writing end be read");
	close(ends[0]);
	close(ends[1]);
}

static struct pollfd polled(int file, short events)
{
	return (struct pollfd){ .fd = file, .events = events };
}

static void test_poll(void)
{
	struct pollfd p[2];
	long start;

	pipe(ends);
	p[0] = polled(ends[0], POLLIN), p[1] = polled(ends[1], POLLOUT);
	check(poll(p, 2, 0) == 1 && !p[0].revents && p[1].revents == POLLOUT,
	      "an empty pipe can be written only");
	start = check_now_ms();
	check_is(poll(p, 1, 20), 0, "poll ends at its time limit");
	check(check_now_ms() - start >= 19, "but not before it");
	write(ends[1], "x", 1);
	check(poll(p, 1, -1) == 1 && p[0].revents == POLLIN, "a byte in the pipe can be read");
	close(ends[1]);
	read(ends[0], p, 1);
	p[0] = polled(ends[0], POLLIN);
	check(poll(p, 1, -1) == 1 && p[0].revents == POLLHUP, "no writer is a hang-up");
	p[0] = polled(200, POLLIN);
	check(poll(p, 1, -1) == 1 && p[0].revents == POLLNVAL, "no file is POLLNVAL");
	close(ends[0]);
}

static void *write_late(void *argument)
{
	check_pause();
	check_pause();
	write(*(int *)argument, "later!!!", 8);
	return NULL;
}

static void test_poll_wakes(void)
{
	int counter = eventfd(0, 0);
	struct pollfd p[2];
	pthread_t thread;

	pipe(ends);
	p[0] = polled(ends[0], POLLIN), p[1] = polled(counter, POLLIN);
	pthread_create(&thread, NULL, write_late, &ends[1]);
	check(poll(p, 2, 20000) == 1 && p[0].revents == POLLIN,
	      "poll wakes when another thread writes");
	pthread_join(thread, NULL);
	close(ends[0]), close(ends[1]), close(counter);
}

static void test_counter(void)
{
	int file = eventfd(3, EFD_NONBLOCK);
	uint64_t value = 4;

	check_is(write(file, &value, 8), 8, "an event counter adds");
	check(read(file, &value, 8) == 8 && value == 7, "and gives the sum");
	check(FAILS(read(file, &value, 8), EAGAIN), "once");
	check(FAILS(read(file, &value, 4), EINVAL), "in 8 bytes");
	close(file);
	file = eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK);
	check(read(file, &value, 8) == 8 && value == 1 && read(file, &value, 8) == 8 &&
		  FAILS(read(file, &value, 8), EAGAIN),
	      "or one by one");
	close(file);
}

static void test_select(void)
{
	struct timeval limit = { 0, 5000 };
	fd_set in, out;

	pipe(ends);
	FD_ZERO(&in);
	FD_ZERO(&out);
	FD_SET(ends[0], &in);
	FD_SET(ends[1], &out);
	check(select(ends[1] + 1, &in, &out, NULL, NULL) == 1 && !FD_ISSET(ends[0], &in) &&
		  FD_ISSET(ends[1], &out),
	      "select leaves what is ready");
	FD_SET(ends[0], &in);
	check_is(select(ends[0] + 1, &in, NULL, NULL, &limit), 0, "and ends at its time limit");
	close(ends[0]), close(ends[1]);
	FD_SET(ends[0], &in);
	check(FAILS(select(ends[0] + 1, &in, NULL, NULL, NULL), EBADF),
	      "a bad descriptor is EBADF");
}

void check_main(void)
{
	test_stream();
	test_limits();
	test_poll();
	test_poll_wakes();
	test_counter();
	test_select();
}
