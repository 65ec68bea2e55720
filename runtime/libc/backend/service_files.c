/* SPDX-License-Identifier: MIT */
/* Files of a service: descriptors 1 and 2 are the log, and there is nothing else. */
#include "backend/calls.h"
#include "backend/log.h"

#include <errno.h>
#include <sys/uio.h>

long backend_write(long file, long data, long bytes)
{
	if (file != 1 && file != 2)
		return -EBADF;
	log_write((const char *)data, (unsigned long)bytes);
	return bytes;
}

long backend_writev(long file, long vector, long count)
{
	const struct iovec *v = (const struct iovec *)vector;
	long sum = 0;

	for (long i = 0; i < count; i++) {
		long written = backend_write(file, (long)v[i].iov_base, (long)v[i].iov_len);

		if (written < 0)
			return written;
		sum += written;
	}
	return sum;
}

long backend_read(long file, long data, long bytes)
{
	(void)file, (void)data, (void)bytes;
	return -EBADF;
}

long backend_readv(long file, long vector, long count)
{
	(void)file, (void)vector, (void)count;
	return -EBADF;
}

long backend_close(long file)
{
	return file == 1 || file == 2 ? 0 : -EBADF;
}

long backend_lseek(long file, long offset, long whence)
{
	(void)offset, (void)whence;
	return file == 1 || file == 2 ? -ESPIPE : -EBADF;
}

long backend_ioctl(long file, long request, long argument)
{
	(void)request, (void)argument;
	return file == 1 || file == 2 ? -ENOTTY : -EBADF;
}
