/* SPDX-License-Identifier: MIT */
/*
 * The console: output is written to the program's log at once. Input is read from it when somebody
 * wants some. The log's interrupt counts up a semaphore. Of the threads that wait for input, alone
 * or among other things, one sleeps on this semaphore instead of its own, so that the interrupt
 * wakes it as well as another thread can. It then wakes the others, which look, and one takes its
 * place.
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
#include <l4/sys/task.h>
#include <l4/sys/vcon.h>

enum { INPUT_PIN = 0 };

/* What has been read from the log and not yet by the program. With LOCK_WAIT, as all here. */
static struct {
	char data[L4_VCON_READ_SIZE];
	unsigned start, end;
} ahead;

static struct {
	l4_cap_idx_t semaphore; /* bound to the log's interrupt; 0: not asked for yet */
	struct thread *watcher; /* who sleeps on it instead of its own semaphore */
} input;

static l4_cap_idx_t input_bind(void)
{
	l4_cap_idx_t cap = platform_cap_alloc();

	if (l4_is_invalid_cap(cap))
		return cap;
	if (l4_error(l4_factory_create(platform_factory(), L4_PROTO_SEMAPHORE, cap)) < 0) {
		platform_cap_free(cap);
		return L4_INVALID_CAP;
	}
	if (l4_error(l4_icu_bind(platform_log(), INPUT_PIN, cap)) < 0) {
		l4_task_delete_obj(L4_BASE_TASK_CAP, cap);
		platform_cap_free(cap);
		return L4_INVALID_CAP;
	}
	return cap;
}

/* Can there ever be input? */
static bool has_input(void)
{
	if (!input.semaphore)
		input.semaphore = input_bind();
	return l4_is_valid_cap(input.semaphore);
}

/* Read ahead if nothing is there. Negative: the log cannot be read. */
static int look(void)
{
	int count;

	if (ahead.start < ahead.end)
		return 0;
	ahead.start = ahead.end = 0;
	count = l4_vcon_read(platform_log(), ahead.data, sizeof(ahead.data));
	if (count > 0)
		ahead.end = count > (int)sizeof(ahead.data) ? sizeof(ahead.data) : (unsigned)count;
	return count < 0 ? -EIO : 0;
}

/* What has come before the unmask did not count the semaphore up. */
static void input_wait_begin(struct file *file)
{
	struct thread *self = thread_self();

	(void)file;
	if (input.watcher || !has_input())
		return;
	input.watcher = self;
	self->own_semaphore = self->semaphore;
	self->semaphore = input.semaphore;
	l4_icu_unmask(platform_log(), INPUT_PIN, NULL, L4_IPC_NEVER);
	if (look() || ahead.start < ahead.end)
		l4_semaphore_up(input.semaphore);
}

static void input_wait_end(struct file *file)
{
	struct thread *self = thread_self();

	(void)file;
	if (input.watcher != self)
		return;
	self->semaphore = self->own_semaphore;
	input.watcher = NULL;
	poll_changed(); /* for those that wait for the same, and for a new watcher */
}

static long take_ahead(char *data, size_t bytes)
{
	unsigned count = ahead.end - ahead.start;

	if (count > bytes)
		count = (unsigned)bytes;
	memcpy(data, ahead.data + ahead.start, count);
	ahead.start += count;
	return count;
}

static long wait_for_input(struct file *file)
{
	long error = 0;

	for (;;) {
		error = look();
		if (error || ahead.start < ahead.end || !has_input())
			return error;
		if (file->flags & O_NONBLOCK)
			return -EAGAIN;
		input_wait_begin(file);
		error = wait_on(&poll_channel, ANY_BITS, WAIT_NO_DEADLINE);
		input_wait_end(file);
		if (error)
			return error;
	}
}

/* The end of the file, 0, is what a program reads whose log has no input. */
static long console_read(struct file *file, void *data, size_t bytes, uint64_t position)
{
	long result;

	(void)position;
	lock_take(LOCK_WAIT);
	result = wait_for_input(file);
	if (!result)
		result = take_ahead(data, bytes);
	lock_free(LOCK_WAIT);
	return result;
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
	bool readable = false;

	(void)file;
	if (events & POLLIN)
		readable = look() || ahead.start < ahead.end || !has_input();
	return (events & POLLOUT) | (readable ? events & POLLIN : 0);
}

/* The flags of a log are numbered as POSIX's are on Linux. */
static long attributes_get(struct termios *terminal)
{
	l4_vcon_attr_t attributes = { 0 };

	l4_vcon_get_attr(platform_log(), &attributes);
	*terminal = (struct termios){ .c_iflag = (tcflag_t)attributes.i_flags,
				      .c_oflag = (tcflag_t)attributes.o_flags,
				      .c_lflag = (tcflag_t)attributes.l_flags };
	return 0;
}

static long attributes_set(const struct termios *terminal)
{
	l4_vcon_attr_t attributes = { .i_flags = terminal->c_iflag,
				      .o_flags = terminal->c_oflag,
				      .l_flags = terminal->c_lflag };

	return l4_error(l4_vcon_set_attr(platform_log(), &attributes)) < 0 ? -EIO : 0;
}

static long console_control(struct file *file, unsigned long request, long argument)
{
	(void)file;
	switch (request) {
	case TIOCGWINSZ: /* a terminal of unknown size */
		*(struct winsize *)argument = (struct winsize){ 0 };
		return 0;
	case TCGETS:
		return attributes_get((struct termios *)argument);
	case TCSETS:
	case TCSETSW:
	case TCSETSF:
		return attributes_set((const struct termios *)argument);
	default:
		return -ENOTTY;
	}
}

static const struct file_class console_class = { .wait_begin = input_wait_begin,
						 .wait_end = input_wait_end,
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
