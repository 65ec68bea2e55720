/* SPDX-License-Identifier: MIT */
/* Table of descriptors. Descriptors 0, 1 and 2 are the console at the start. */
#include "backend/calls.h"
#include "backend/console.h"
#include "backend/file.h"
#include "backend/thread.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>

static struct descriptor {
	struct file *file;
	bool close_on_exec; /* kept for fcntl() only: there is no exec() */
} descriptors[FILES_MAX] = { { &console_file, false },
			     { &console_file, false },
			     { &console_file, false } };

const char poll_channel;

void poll_changed(void)
{
	wake_up(&poll_channel, ANY_BITS, UINT_MAX);
}

void file_init(struct file *file, const struct file_class *class, unsigned flags)
{
	file->class = class;
	file->references = 1;
	file->flags = flags & ~(unsigned)(O_CREAT | O_EXCL | O_TRUNC | O_CLOEXEC);
}

static struct descriptor *descriptor_of(int number)
{
	if (number < 0 || number >= FILES_MAX || !descriptors[number].file)
		return NULL;
	return &descriptors[number];
}

struct file *file_get(int number)
{
	struct descriptor *descriptor;
	struct file *file = NULL;

	lock_take(LOCK_FILES);
	descriptor = descriptor_of(number);
	if (descriptor) {
		file = descriptor->file;
		file->references++;
	}
	lock_free(LOCK_FILES);
	return file;
}

void file_put(struct file *file)
{
	bool last;

	lock_take(LOCK_FILES);
	last = --file->references == 0;
	lock_free(LOCK_FILES);
	if (last && file->lock)
		file_unlock(file);
	if (last && file->class->close)
		file->class->close(file);
}

static long install_locked(struct file *file, unsigned flags, int lowest)
{
	if (lowest < 0 || lowest >= FILES_MAX)
		return -EINVAL;
	for (int i = lowest; i < FILES_MAX; i++) {
		if (descriptors[i].file)
			continue;
		descriptors[i] = (struct descriptor){ file, flags & O_CLOEXEC };
		return i;
	}
	return -EMFILE;
}

long file_install(struct file *file, unsigned flags, int lowest)
{
	long result;

	lock_take(LOCK_FILES);
	result = install_locked(file, flags, lowest);
	lock_free(LOCK_FILES);
	return result;
}

long backend_close(long number)
{
	struct descriptor *descriptor;
	struct file *file = NULL;

	lock_take(LOCK_FILES);
	descriptor = descriptor_of((int)number);
	if (descriptor) {
		file = descriptor->file;
		descriptor->file = NULL;
	}
	lock_free(LOCK_FILES);
	if (!file)
		return -EBADF;
	file_put(file);
	return 0;
}

static long duplicate(int number, unsigned flags, int lowest)
{
	struct file *file = file_get(number);
	long result = file ? file_install(file, flags, lowest) : -EBADF;

	if (file && result < 0)
		file_put(file);
	return result;
}

long backend_dup(long number)
{
	return duplicate((int)number, 0, 0);
}

long backend_dup3(long from, long to, long flags)
{
	struct file *file, *old;

	if (from == to || flags & ~O_CLOEXEC)
		return -EINVAL;
	if (to < 0 || to >= FILES_MAX)
		return -EBADF;
	file = file_get((int)from);
	if (!file)
		return -EBADF;
	lock_take(LOCK_FILES);
	old = descriptors[to].file;
	descriptors[to] = (struct descriptor){ file, flags & O_CLOEXEC };
	lock_free(LOCK_FILES);
	if (old)
		file_put(old);
	return to;
}

long backend_dup2(long from, long to)
{
	struct file *file = file_get((int)from);

	if (!file)
		return -EBADF;
	file_put(file);
	return from == to ? to : backend_dup3(from, to, 0);
}

static long control_locked(struct descriptor *descriptor, long command, long argument)
{
	const unsigned changeable = O_APPEND | O_NONBLOCK;
	struct file *file = descriptor->file;

	switch (command) {
	case F_GETFD:
		return descriptor->close_on_exec ? FD_CLOEXEC : 0;
	case F_SETFD:
		descriptor->close_on_exec = argument & FD_CLOEXEC;
		return 0;
	case F_GETFL:
		return file->flags;
	case F_SETFL:
		file->flags = (file->flags & ~changeable) | ((unsigned)argument & changeable);
		return 0;
	case F_GETLK:
	case F_SETLK:
	case F_SETLKW:
		return file_record_lock(file, command, argument);
	default:
		return -EINVAL;
	}
}

long backend_fcntl(long number, long command, long argument)
{
	struct descriptor *descriptor;
	long result = -EBADF;

	if (command == F_DUPFD || command == F_DUPFD_CLOEXEC)
		return duplicate((int)number, command == F_DUPFD ? 0 : O_CLOEXEC, (int)argument);
	lock_take(LOCK_FILES);
	descriptor = descriptor_of((int)number);
	if (descriptor)
		result = control_locked(descriptor, command, argument);
	lock_free(LOCK_FILES);
	return result;
}
