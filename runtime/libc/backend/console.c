/* SPDX-License-Identifier: MIT */
/*
 * The console: output is written to the program's log at once. Input is read from it when somebody
 * wants some; a semaphore that is bound to the log's interrupt tells that there is more.
 */
#include "backend/console.h"
#include "backend/log.h"
#include "backend/platform.h"
#include "backend/thread.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>

#include <l4/sys/factory.h>
#include <l4/sys/icu.h>
#include <l4/sys/semaphore.h>
#include <l4/sys/vcon.h>

enum { INPUT_PIN = 0 };

/* Signalled when there is input; 0: not asked for yet, invalid: the log has no input. */
static l4_cap_idx_t input_semaphore;

static l4_cap_idx_t input_bind(void)
{
	l4_cap_idx_t cap = platform_cap_alloc();

	if (l4_is_invalid_cap(cap))
		return cap;
	if (l4_error(l4_factory_create(platform_factory(), L4_PROTO_SEMAPHORE, cap)) < 0) {
		platform_cap_free(cap);
		return L4_INVALID_CAP;
	}
	if (l4_error(l4_icu_bind(platform_log(), INPUT_PIN, cap)) < 0)
		return L4_INVALID_CAP;
	l4_icu_unmask(platform_log(), INPUT_PIN, NULL, L4_IPC_NEVER);
	return cap;
}

static l4_cap_idx_t input(void)
{
	lock_take(LOCK_FILES);
	if (!input_semaphore)
		input_semaphore = input_bind();
	lock_free(LOCK_FILES);
	return input_semaphore;
}

/* Input that poll() has read to see whether there is some. With LOCK_WAIT. */
static struct {
	char data[L4_VCON_READ_SIZE];
	unsigned start, end;
} ahead;

static long take_ahead(char *data, size_t bytes)
{
	unsigned count;

	lock_take(LOCK_WAIT);
	count = ahead.end - ahead.start;
	if (count > bytes)
		count = (unsigned)bytes;
	memcpy(data, ahead.data + ahead.start, count);
	ahead.start += count;
	lock_free(LOCK_WAIT);
	return count;
}

static long console_read(struct file *file, void *data, size_t bytes, uint64_t position)
{
	unsigned size = bytes < L4_VCON_READ_SIZE ? (unsigned)bytes : L4_VCON_READ_SIZE;
	l4_cap_idx_t semaphore = input();

	(void)position;
	for (;;) {
		long count = take_ahead(data, size);

		if (!count)
			count = l4_vcon_read(platform_log(), data, size);
		if (count < 0)
			return -EIO;
		if (count)
			return count > (long)size ? (long)size : count;
		if (file->flags & O_NONBLOCK)
			return -EAGAIN;
		if (l4_is_invalid_cap(semaphore))
			return 0;
		l4_semaphore_down(semaphore, L4_IPC_NEVER);
		l4_icu_unmask(platform_log(), INPUT_PIN, NULL, L4_IPC_NEVER);
	}
}

static long console_write(struct file *file, const void *data, size_t bytes, uint64_t position)
{
	(void)file, (void)position;
	log_write(data, bytes);
	return (long)bytes;
}

static void console_stat(struct file *file, struct stat *status)
{
	(void)file;
	status->st_mode = S_IFCHR | 0600;
	status->st_rdev = 1;
}

static unsigned console_poll(struct file *file, unsigned events)
{
	int count;

	(void)file;
	if (events & POLLIN && ahead.start == ahead.end) {
		ahead.start = ahead.end = 0;
		count = l4_vcon_read(platform_log(), ahead.data, sizeof(ahead.data));
		if (count > 0)
			ahead.end =
			    count > (int)sizeof(ahead.data) ? sizeof(ahead.data) : (unsigned)count;
	}
	return (events & POLLOUT) | (ahead.start < ahead.end ? events & POLLIN : 0);
}

static long console_control(struct file *file, unsigned long request, long argument)
{
	struct termios *terminal = (struct termios *)argument;
	l4_vcon_attr_t attributes = { 0 };

	(void)file;
	if (request == TIOCGWINSZ) { /* a terminal of unknown size */
		*(struct winsize *)argument = (struct winsize){ 0 };
		return 0;
	}
	if (request != TCGETS)
		return -ENOTTY;
	l4_vcon_get_attr(platform_log(), &attributes);
	*terminal = (struct termios){ .c_iflag = (tcflag_t)attributes.i_flags,
				      .c_oflag = (tcflag_t)attributes.o_flags,
				      .c_lflag = (tcflag_t)attributes.l_flags };
	return 0;
}

static const struct file_class console_class = { .silent = true,
						 .read = console_read,
						 .write = console_write,
						 .stat = console_stat,
						 .poll = console_poll,
						 .control = console_control };

struct file console_file = { .class = &console_class, .references = 4, .flags = O_RDWR };

struct file *file_get_console(void)
{
	lock_take(LOCK_FILES);
	console_file.references++;
	lock_free(LOCK_FILES);
	return &console_file;
}
