/* SPDX-License-Identifier: MIT */
/* What files have besides content: times, room, and the file system that they are in. */
#include "backend/calls.h"
#include "backend/clock.h"
#include "backend/filesystem.h"
#include "backend/thread.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/statfs.h>

enum { NAME_LENGTH = 255, BLOCK = 4096 };

/* As Linux numbers the kinds of file systems: tmpfs, romfs, devfs. */
enum { KIND_TMP = 0x01021994, KIND_ROM = 0x7275, KIND_DEVICES = 0x1373 };

/* How large a file system is nobody knows: 0. It can grow as far as the program's memory goes. */
static void describe(struct file *file, struct statfs *result)
{
	struct stat status = { 0 };

	lock_take(LOCK_FILES);
	if (file->class->stat)
		file->class->stat(file, &status);
	lock_free(LOCK_FILES);
	memset(result, 0, sizeof(*result));
	result->f_type = status.st_dev == DEVICE_TMP	 ? KIND_TMP
			 : status.st_dev == DEVICE_NAMES ? KIND_ROM
							 : KIND_DEVICES;
	result->f_flags = status.st_dev == DEVICE_NAMES ? ST_RDONLY : 0;
	result->f_bsize = BLOCK;
	result->f_namelen = NAME_LENGTH;
}

long backend_fstatfs(long number, long result)
{
	struct file *file = file_get((int)number);

	if (!file)
		return -EBADF;
	describe(file, (struct statfs *)result);
	file_put(file);
	return 0;
}

long backend_statfs(long text, long result)
{
	struct file *file;
	long error = path_open(AT_FDCWD, (const char *)text, O_RDONLY, 0, &file);

	if (error)
		return error;
	describe(file, (struct statfs *)result);
	file_put(file);
	return 0;
}

/* The time that is meant; *set is NULL if it is to stay. 0 or -EINVAL. */
static long chosen_time(const struct timespec *wanted, struct timespec *now,
			const struct timespec **set)
{
	*set = wanted;
	if (!wanted || wanted->tv_nsec == UTIME_NOW)
		*set = now;
	else if (wanted->tv_nsec == UTIME_OMIT)
		*set = NULL;
	else if (wanted->tv_nsec < 0 || wanted->tv_nsec >= (long)NS_PER_SECOND)
		return -EINVAL;
	return 0;
}

static long set_times(struct file *file, const struct timespec *wanted)
{
	uint64_t ns = clock_realtime_ns();
	struct timespec now = { (time_t)(ns / NS_PER_SECOND), (long)(ns % NS_PER_SECOND) };
	const struct timespec *access, *modification;
	long error = chosen_time(wanted, &now, &access);

	if (!error)
		error = chosen_time(wanted ? wanted + 1 : NULL, &now, &modification);
	if (error || (!access && !modification))
		return error;
	if (!file->class->set_times)
		return -EROFS;
	lock_take(LOCK_FILES);
	file->class->set_times(file, access, modification);
	lock_free(LOCK_FILES);
	return 0;
}

/* Without a path it is the descriptor itself: futimens(). */
long backend_utimensat(long folder, long text, long wanted, long flags)
{
	struct file *file;
	long error = 0;

	if (flags & ~AT_SYMLINK_NOFOLLOW)
		return -EINVAL;
	if (text)
		error = path_open((int)folder, (const char *)text, O_RDONLY, 0, &file);
	else if (!(file = file_get((int)folder)))
		error = -EBADF;
	if (error)
		return error;
	error = set_times(file, (const struct timespec *)wanted);
	file_put(file);
	return error;
}

static long reserve(struct file *file, uint64_t end)
{
	long error;

	if (!file->class->write || (file->flags & O_ACCMODE) == O_RDONLY)
		return -EBADF;
	if (!file->class->seekable)
		return -ESPIPE;
	if (!file->class->reserve)
		return -ENODEV;
	lock_take(LOCK_FILES);
	error = file->class->reserve(file, end);
	lock_free(LOCK_FILES);
	return error;
}

long backend_fallocate(long number, long mode, long offset, long bytes)
{
	struct file *file;
	long end, error;

	if (mode)
		return -EOPNOTSUPP;
	if (offset < 0 || bytes <= 0)
		return -EINVAL;
	if (__builtin_add_overflow(offset, bytes, &end))
		return -EFBIG;
	file = file_get((int)number);
	if (!file)
		return -EBADF;
	error = reserve(file, (uint64_t)end);
	file_put(file);
	return error;
}
