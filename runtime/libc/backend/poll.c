/* SPDX-License-Identifier: MIT */
/*
 * poll() and select(). All that poll wait on one channel, which every change of a pipe or counter
 * wakes; each looks then whether the change is for it.
 */
#include "backend/calls.h"
#include "backend/clock.h"
#include "backend/file.h"
#include "backend/signals.h"
#include "backend/thread.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <time.h>

/* What is true of one descriptor now. With LOCK_WAIT. */
static unsigned look(struct file *file, unsigned events)
{
	if (!file)
		return POLLNVAL;
	if (!file->class->poll)
		return events & (POLLIN | POLLOUT);
	return file->class->poll(file, events);
}

static long look_at_all(struct pollfd *polled, struct file **files, unsigned count)
{
	long found = 0;

	for (unsigned i = 0; i < count; i++) {
		if (polled[i].fd >= 0)
			polled[i].revents = (short)look(files[i], (unsigned)polled[i].events);
		found += polled[i].revents != 0;
	}
	return found;
}

/* Before a wait and after it: the files that have to know. */
static void around_wait(const struct pollfd *polled, struct file **files, unsigned count, bool end)
{
	for (unsigned i = 0; i < count; i++) {
		if (!files[i] || !files[i]->class->wait_begin || !(polled[i].events & POLLIN))
			continue;
		if (end)
			files[i]->class->wait_end(files[i]);
		else
			files[i]->class->wait_begin(files[i]);
	}
}

/* Look at all until something is true; how many. With LOCK_WAIT. */
static long poll_locked(struct pollfd *polled, struct file **files, unsigned count,
			uint64_t deadline)
{
	for (;;) {
		long found = look_at_all(polled, files, count), result;

		if (found)
			return found;
		around_wait(polled, files, count, false);
		result = wait_on(&poll_channel, ANY_BITS, deadline);
		around_wait(polled, files, count, true);
		if (result)
			return result == -ETIMEDOUT ? 0 : result;
	}
}

static long poll_until(struct pollfd *polled, unsigned count, uint64_t deadline)
{
	struct file **files;
	long result;

	if (count > FILES_MAX * 4)
		return -EINVAL;
	files = calloc(count + 1, sizeof(*files));
	if (!files)
		return -ENOMEM;
	for (unsigned i = 0; i < count; i++) {
		polled[i].revents = 0;
		files[i] = polled[i].fd < 0 ? NULL : file_get(polled[i].fd);
	}
	lock_take(LOCK_WAIT);
	result = poll_locked(polled, files, count, deadline);
	lock_free(LOCK_WAIT);
	for (unsigned i = 0; i < count; i++)
		if (files[i])
			file_put(files[i]);
	free(files);
	signals_run(result);
	return result;
}

long backend_poll(long polled, long count, long ms)
{
	struct timespec span = { ms / 1000, ms % 1000 * 1000000 };
	uint64_t deadline;

	clock_deadline_after(ms < 0 ? NULL : &span, &deadline);
	return poll_until((struct pollfd *)polled, (unsigned)count, deadline);
}

long backend_ppoll(long polled, long count, long time, long mask, long bytes)
{
	struct timespec *span = (struct timespec *)time;
	uint64_t deadline, before;
	long error = clock_deadline_after(span, &deadline), result;

	(void)bytes;
	if (error)
		return error;
	before = signal_mask_begin((const uint64_t *)mask);
	result = poll_until((struct pollfd *)polled, (unsigned)count, deadline);
	signal_mask_end(before);
	return result;
}

struct sets {
	fd_set *in, *out, *except;
};

static unsigned wanted(const struct sets *sets, int n)
{
	return (sets->in && FD_ISSET(n, sets->in) ? POLLIN : 0) |
	       (sets->out && FD_ISSET(n, sets->out) ? POLLOUT : 0) |
	       (sets->except && FD_ISSET(n, sets->except) ? POLLPRI : 0);
}

static unsigned sets_read(const struct sets *sets, int count, struct pollfd *polled)
{
	unsigned used = 0;

	for (int n = 0; n < count; n++)
		if (wanted(sets, n))
			polled[used++] =
			    (struct pollfd){ .fd = n, .events = (short)wanted(sets, n) };
	return used;
}

/* Leave in a set what is true; how many bits. */
static long set_write(fd_set *set, const struct pollfd *polled, unsigned used, unsigned events,
		      unsigned asked)
{
	long bits = 0;

	if (!set)
		return 0;
	for (unsigned i = 0; i < used; i++) {
		if (!((unsigned)polled[i].events & asked))
			continue;
		if ((unsigned)polled[i].revents & events)
			bits++;
		else
			FD_CLR(polled[i].fd, set);
	}
	return bits;
}

static long select_until(int count, const struct sets *sets, uint64_t deadline)
{
	struct pollfd polled[FILES_MAX];
	unsigned used;
	long result, bits;

	if (count < 0)
		return -EINVAL;
	used = sets_read(sets, count < FILES_MAX ? count : FILES_MAX, polled);
	result = poll_until(polled, used, deadline);
	if (result < 0)
		return result;
	for (unsigned i = 0; i < used; i++)
		if (polled[i].revents & POLLNVAL)
			return -EBADF;
	bits = set_write(sets->in, polled, used, POLLIN | POLLHUP | POLLERR, POLLIN);
	bits += set_write(sets->out, polled, used, POLLOUT | POLLERR, POLLOUT);
	return bits + set_write(sets->except, polled, used, POLLPRI, POLLPRI);
}

long backend_pselect6(long count, long in, long out, long except, long time, long mask)
{
	struct sets sets = { (fd_set *)in, (fd_set *)out, (fd_set *)except };
	const struct {
		const uint64_t *set;
		size_t bytes;
	} *masked = (const void *)mask;
	uint64_t deadline, before;
	long error = clock_deadline_after((const struct timespec *)time, &deadline), result;

	if (error)
		return error;
	before = signal_mask_begin(masked ? masked->set : NULL);
	result = select_until((int)count, &sets, deadline);
	signal_mask_end(before);
	return result;
}

long backend_select(long count, long in, long out, long except, long time)
{
	struct sets sets = { (fd_set *)in, (fd_set *)out, (fd_set *)except };
	const struct timeval *limit = (const struct timeval *)time;
	struct timespec span = { 0 };
	uint64_t deadline;
	long error;

	if (limit)
		span = (struct timespec){ limit->tv_sec, limit->tv_usec * 1000 };
	error = clock_deadline_after(limit ? &span : NULL, &deadline);
	return error ? error : select_until((int)count, &sets, deadline);
}
