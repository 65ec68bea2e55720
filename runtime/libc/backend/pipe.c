/* SPDX-License-Identifier: MIT */
/* Pipes and event counters: threads wait on the object itself as their channel. */
#include "backend/calls.h"
#include "backend/file.h"
#include "backend/thread.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

enum { PIPE_BYTES = 16384 };

struct pipe {
	unsigned start, used; /* of data; with LOCK_WAIT, as all of this */
	struct pipe_end {
		struct file file;
		struct pipe *pipe;
		bool open;
	} reader, writer;
	char data[PIPE_BYTES];
};

struct counter {
	struct file file;
	uint64_t value; /* with LOCK_WAIT */
	bool one_by_one;
};

static struct pipe *pipe_of(struct file *file)
{
	return ((struct pipe_end *)file)->pipe;
}

/* Somebody may go on now. With LOCK_WAIT. */
static void changed(const void *channel)
{
	wake_up(channel, ANY_BITS, UINT_MAX);
	poll_changed();
}

/* Wait for a change; -EAGAIN if the file must not block. With LOCK_WAIT. */
static long wait_for_change(struct file *file, const void *channel)
{
	return file->flags & O_NONBLOCK ? -EAGAIN : wait_on(channel, ANY_BITS, WAIT_NO_DEADLINE);
}

static unsigned smaller(unsigned a, size_t b)
{
	return a < b ? a : (unsigned)b;
}

static void take_out(struct pipe *pipe, char *data, unsigned bytes)
{
	unsigned first = smaller(PIPE_BYTES - pipe->start, bytes);

	memcpy(data, pipe->data + pipe->start, first);
	memcpy(data + first, pipe->data, bytes - first);
	pipe->start = (pipe->start + bytes) % PIPE_BYTES;
	pipe->used -= bytes;
}

static void put_in(struct pipe *pipe, const char *data, unsigned bytes)
{
	unsigned at = (pipe->start + pipe->used) % PIPE_BYTES;
	unsigned first = smaller(PIPE_BYTES - at, bytes);

	memcpy(pipe->data + at, data, first);
	memcpy(pipe->data, data + first, bytes - first);
	pipe->used += bytes;
}

static long pipe_read(struct file *file, void *data, size_t bytes, uint64_t position)
{
	struct pipe *pipe = pipe_of(file);
	unsigned count = 0;
	long error = 0;

	(void)position;
	lock_take(LOCK_WAIT);
	while (bytes && !pipe->used && pipe->writer.open && !error)
		error = wait_for_change(file, pipe);
	if (!error && pipe->used) {
		count = smaller(pipe->used, bytes);
		take_out(pipe, data, count);
		changed(pipe);
	}
	lock_free(LOCK_WAIT);
	return error ? error : count;
}

/* Up to PIPE_BUF bytes go in together or not at all. */
static long pipe_write(struct file *file, const void *data, size_t bytes, uint64_t position)
{
	struct pipe *pipe = pipe_of(file);
	unsigned together = smaller(PIPE_BUF, bytes);
	size_t done = 0;
	long error = 0;

	(void)position;
	lock_take(LOCK_WAIT);
	while (done < bytes && !error) {
		unsigned room = PIPE_BYTES - pipe->used;

		if (!pipe->reader.open) {
			error = -EPIPE;
		} else if (!room || (!done && room < together)) {
			error = wait_for_change(file, pipe);
		} else {
			unsigned count = smaller(room, bytes - done);

			put_in(pipe, (const char *)data + done, count);
			done += count;
			changed(pipe);
		}
	}
	lock_free(LOCK_WAIT);
	return done ? (long)done : error;
}

static unsigned pipe_poll_reader(struct file *file, unsigned events)
{
	struct pipe *pipe = pipe_of(file);

	return (pipe->used ? events & POLLIN : 0) | (pipe->writer.open ? 0 : POLLHUP);
}

static unsigned pipe_poll_writer(struct file *file, unsigned events)
{
	struct pipe *pipe = pipe_of(file);

	if (!pipe->reader.open)
		return (events & POLLOUT) | POLLERR;
	return PIPE_BYTES - pipe->used >= PIPE_BUF ? events & POLLOUT : 0;
}

static void pipe_stat(struct file *file, struct stat *status)
{
	(void)file;
	status->st_mode = S_IFIFO | 0600;
}

static void pipe_close(struct file *file)
{
	struct pipe_end *end = (struct pipe_end *)file;
	struct pipe *pipe = end->pipe;
	bool last;

	lock_take(LOCK_WAIT);
	end->open = false;
	changed(pipe);
	last = !pipe->reader.open && !pipe->writer.open;
	lock_free(LOCK_WAIT);
	if (last)
		free(pipe);
}

static const struct file_class reader_class = {
	.read = pipe_read, .stat = pipe_stat, .poll = pipe_poll_reader, .close = pipe_close
};
static const struct file_class writer_class = {
	.write = pipe_write, .stat = pipe_stat, .poll = pipe_poll_writer, .close = pipe_close
};

static long pipe_install(struct pipe *pipe, unsigned flags, int *numbers)
{
	long reader = file_install(&pipe->reader.file, flags, 0), writer;

	if (reader < 0) {
		free(pipe);
		return reader;
	}
	writer = file_install(&pipe->writer.file, flags, 0);
	if (writer < 0) {
		file_put(&pipe->writer.file);
		backend_close(reader);
		return writer;
	}
	numbers[0] = (int)reader;
	numbers[1] = (int)writer;
	return 0;
}

long backend_pipe2(long numbers, long flags)
{
	struct pipe *pipe;

	if (flags & ~(O_CLOEXEC | O_NONBLOCK))
		return -EINVAL;
	pipe = calloc(1, sizeof(*pipe));
	if (!pipe)
		return -ENOMEM;
	file_init(&pipe->reader.file, &reader_class, O_RDONLY | ((unsigned)flags & O_NONBLOCK));
	file_init(&pipe->writer.file, &writer_class, O_WRONLY | ((unsigned)flags & O_NONBLOCK));
	pipe->reader.pipe = pipe->writer.pipe = pipe;
	pipe->reader.open = pipe->writer.open = true;
	return pipe_install(pipe, (unsigned)flags, (int *)numbers);
}

long backend_pipe(long numbers)
{
	return backend_pipe2(numbers, 0);
}

static long counter_read(struct file *file, void *data, size_t bytes, uint64_t position)
{
	struct counter *counter = (struct counter *)file;
	uint64_t value;
	long error = 0;

	(void)position;
	if (bytes < sizeof(value))
		return -EINVAL;
	lock_take(LOCK_WAIT);
	while (!counter->value && !error)
		error = wait_for_change(file, counter);
	if (!error) {
		value = counter->one_by_one ? 1 : counter->value;
		counter->value -= value;
		memcpy(data, &value, sizeof(value));
		changed(counter);
	}
	lock_free(LOCK_WAIT);
	return error ? error : (long)sizeof(value);
}

static long counter_write(struct file *file, const void *data, size_t bytes, uint64_t position)
{
	struct counter *counter = (struct counter *)file;
	uint64_t value;
	long error = 0;

	(void)position;
	if (bytes < sizeof(value))
		return -EINVAL;
	memcpy(&value, data, sizeof(value));
	if (value == ~0ULL)
		return -EINVAL;
	lock_take(LOCK_WAIT);
	while (value > ~1ULL - counter->value && !error)
		error = wait_for_change(file, counter);
	if (!error) {
		counter->value += value;
		changed(counter);
	}
	lock_free(LOCK_WAIT);
	return error ? error : (long)sizeof(value);
}

static unsigned counter_poll(struct file *file, unsigned events)
{
	struct counter *counter = (struct counter *)file;

	return (counter->value ? events & POLLIN : 0) |
	       (counter->value < ~1ULL ? events & POLLOUT : 0);
}

static void counter_close(struct file *file)
{
	free(file);
}

static const struct file_class counter_class = {
	.read = counter_read, .write = counter_write, .poll = counter_poll, .close = counter_close
};

long backend_eventfd2(long value, long flags)
{
	const unsigned semaphore = 1;
	struct counter *counter;
	long result;

	if (flags & ~(long)(O_CLOEXEC | O_NONBLOCK | semaphore))
		return -EINVAL;
	counter = calloc(1, sizeof(*counter));
	if (!counter)
		return -ENOMEM;
	file_init(&counter->file, &counter_class, O_RDWR | ((unsigned)flags & O_NONBLOCK));
	counter->value = (unsigned)value;
	counter->one_by_one = flags & semaphore;
	result = file_install(&counter->file, (unsigned)flags, 0);
	if (result < 0)
		free(counter);
	return result;
}
