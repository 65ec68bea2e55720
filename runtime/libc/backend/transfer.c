/* SPDX-License-Identifier: MIT */
/* Reading, writing, positions and status of open files. */
#include "backend/calls.h"
#include "backend/file.h"
#include "backend/mapping.h"
#include "backend/signals.h"
#include "backend/thread.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <l4/sys/vcon.h>

#define AT_POSITION (~0ULL) /* the file's own position, which moves */

enum { GATHER_MAX = L4_VCON_WRITE_SIZE };

static bool readable(const struct file *file)
{
	return file->class->read && (file->flags & O_ACCMODE) != O_WRONLY;
}

static bool writable(const struct file *file)
{
	return file->class->write && (file->flags & O_ACCMODE) != O_RDONLY;
}

/* One piece, in either direction, with LOCK_FILES if the file is seekable. */
static long piece(struct file *file, bool out, const struct iovec *v, uint64_t position)
{
	if (out)
		return file->class->write(file, v->iov_base, v->iov_len, position);
	return file->class->read(file, v->iov_base, v->iov_len, position);
}

/* All pieces until one is short. Something is better than an error. */
static long pieces(struct file *file, bool out, const struct iovec *v, int count, uint64_t position)
{
	long sum = 0;

	for (int i = 0; i < count; i++) {
		long done;

		if (!v[i].iov_len && count > 1)
			continue;
		if (v[i].iov_len > LONG_MAX - (size_t)sum)
			return -EINVAL;
		done = piece(file, out, &v[i], position + (uint64_t)sum);
		if (done < 0)
			return sum ? sum : done;
		sum += done;
		if ((size_t)done < v[i].iov_len)
			break;
		/* The rest of a stream may have to be waited for. */
		if (!out && !file->class->seekable && sum)
			break;
	}
	return sum;
}

static uint64_t end_of(struct file *file)
{
	struct stat status = { 0 };

	file->class->stat(file, &status);
	return (uint64_t)status.st_size;
}

static long seekable_transfer(struct file *file, bool out, const struct iovec *v, int count,
			      uint64_t position)
{
	bool moves = position == AT_POSITION;
	long result;

	lock_take(LOCK_FILES);
	if (out && file->flags & O_APPEND)
		position = end_of(file);
	else if (moves)
		position = file->position;
	result = pieces(file, out, v, count, position);
	if (moves && result > 0)
		file->position = position + (uint64_t)result;
	lock_free(LOCK_FILES);
	return result;
}

/*
 * Others write to a stream, too: a short message in pieces, as stdio sends a line, goes out whole.
 * False: it is too long.
 */
static bool gather(const struct iovec *v, int count, char *to, struct iovec *whole)
{
	size_t bytes = 0;

	for (int i = 0; i < count; i++) {
		if (v[i].iov_len > GATHER_MAX - bytes)
			return false;
		memcpy(to + bytes, v[i].iov_base, v[i].iov_len);
		bytes += v[i].iov_len;
	}
	*whole = (struct iovec){ to, bytes };
	return true;
}

static long stream_transfer(struct file *file, bool out, const struct iovec *v, int count)
{
	char text[GATHER_MAX];
	struct iovec whole;

	if (out && count > 1 && gather(v, count, text, &whole)) {
		v = &whole;
		count = 1;
	}
	return pieces(file, out, v, count, 0);
}

static long transfer_once(int number, bool out, const struct iovec *v, int count, uint64_t position)
{
	struct file *file = file_get(number);
	long result;

	if (!file)
		return -EBADF;
	if (out ? !writable(file) : !readable(file))
		result = file->class->next ? -EISDIR : -EBADF;
	else if (file->class->seekable)
		result = seekable_transfer(file, out, v, count, position);
	else if (position != AT_POSITION)
		result = -ESPIPE;
	else
		result = stream_transfer(file, out, v, count);
	file_put(file);
	return result;
}

static long transfer(int number, bool out, const struct iovec *v, int count, uint64_t position)
{
	long result;

	do
		result = transfer_once(number, out, v, count, position);
	while (signals_run(result));
	if (result == -EPIPE)
		signal_broken_pipe();
	return result;
}

long backend_read(long number, long data, long bytes)
{
	struct iovec v = { (void *)data, (size_t)bytes };

	return transfer((int)number, false, &v, 1, AT_POSITION);
}

long backend_write(long number, long data, long bytes)
{
	struct iovec v = { (void *)data, (size_t)bytes };

	return transfer((int)number, true, &v, 1, AT_POSITION);
}

static long transfer_vector(long number, bool out, long v, long count, uint64_t position)
{
	if (count < 0 || count > IOV_MAX)
		return -EINVAL;
	return transfer((int)number, out, (const struct iovec *)v, (int)count, position);
}

long backend_readv(long number, long v, long count)
{
	return transfer_vector(number, false, v, count, AT_POSITION);
}

long backend_writev(long number, long v, long count)
{
	return transfer_vector(number, true, v, count, AT_POSITION);
}

long backend_pread64(long number, long data, long bytes, long position)
{
	struct iovec v = { (void *)data, (size_t)bytes };

	return position < 0 ? -EINVAL : transfer((int)number, false, &v, 1, (uint64_t)position);
}

long backend_pwrite64(long number, long data, long bytes, long position)
{
	struct iovec v = { (void *)data, (size_t)bytes };

	return position < 0 ? -EINVAL : transfer((int)number, true, &v, 1, (uint64_t)position);
}

long backend_preadv(long number, long v, long count, long position, long high)
{
	(void)high;
	return position < 0 ? -EINVAL
			    : transfer_vector(number, false, v, count, (uint64_t)position);
}

long backend_pwritev(long number, long v, long count, long position, long high)
{
	(void)high;
	return position < 0 ? -EINVAL : transfer_vector(number, true, v, count, (uint64_t)position);
}

static long seek(struct file *file, long offset, long whence)
{
	uint64_t base;

	if (!file->class->seekable)
		return -ESPIPE;
	switch (whence) {
	case SEEK_SET:
		base = 0;
		break;
	case SEEK_CUR:
		base = file->position;
		break;
	case SEEK_END:
		base = end_of(file);
		break;
	default:
		return -EINVAL;
	}
	if (__builtin_add_overflow((long)base, offset, &offset) || offset < 0)
		return -EINVAL;
	file->position = (uint64_t)offset;
	return offset;
}

long backend_lseek(long number, long offset, long whence)
{
	struct file *file = file_get((int)number);
	long result;

	if (!file)
		return -EBADF;
	lock_take(LOCK_FILES);
	result = seek(file, offset, whence);
	lock_free(LOCK_FILES);
	file_put(file);
	return result;
}

long backend_fstat(long number, long result)
{
	struct file *file = file_get((int)number);
	struct stat *status = (struct stat *)result;

	if (!file)
		return -EBADF;
	memset(status, 0, sizeof(*status));
	status->st_nlink = 1;
	status->st_blksize = 4096;
	lock_take(LOCK_FILES);
	if (file->class->stat)
		file->class->stat(file, status);
	lock_free(LOCK_FILES);
	file_put(file);
	return 0;
}

long backend_ioctl(long number, long request, long argument)
{
	struct file *file = file_get((int)number);
	long result = -ENOTTY;

	if (!file)
		return -EBADF;
	if (file->class->control)
		result = file->class->control(file, (unsigned long)request, argument);
	file_put(file);
	return result;
}

long backend_ftruncate(long number, long size)
{
	struct file *file = file_get((int)number);
	long result = -EINVAL;

	if (!file)
		return -EBADF;
	lock_take(LOCK_FILES);
	if (size >= 0 && file->class->truncate && writable(file))
		result = file->class->truncate(file, (uint64_t)size);
	lock_free(LOCK_FILES);
	file_put(file);
	return result;
}

/* There is nothing behind the files that they could be written to. */
long backend_fsync(long number)
{
	struct file *file = file_get((int)number);

	if (!file)
		return -EBADF;
	file_put(file);
	return 0;
}

long backend_fdatasync(long number)
{
	return backend_fsync(number);
}
