/* SPDX-License-Identifier: MIT */
/*
 * Names of threads, of at most 15 characters: the library reads and writes those of other threads
 * as files /proc/self/task/NUMBER/comm. The kernel debugger shows them.
 */
#include "backend/calls.h"
#include "backend/filesystem.h"
#include "backend/thread.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include <l4/sys/debugger.h>

struct name_file {
	struct file file;
	int thread;
};

static long name_set(int id, const char *name, size_t bytes)
{
	struct thread *thread;

	lock_take(LOCK_WAIT);
	thread = thread_find(id);
	if (thread) {
		snprintf(thread->name, sizeof(thread->name), "%.*s", (int)bytes, name);
		l4_debugger_set_object_name(thread->cap, thread->name);
	}
	lock_free(LOCK_WAIT);
	return thread ? 0 : -ESRCH;
}

static long name_get(int id, char name[THREAD_NAME_BYTES])
{
	struct thread *thread;

	lock_take(LOCK_WAIT);
	thread = thread_find(id);
	if (thread)
		memcpy(name, thread->name, THREAD_NAME_BYTES);
	lock_free(LOCK_WAIT);
	return thread ? 0 : -ESRCH;
}

long backend_prctl(long operation, long argument, long c, long d, long e)
{
	const char *name = (const char *)argument;

	(void)c, (void)d, (void)e;
	if (operation == PR_SET_NAME)
		return name_set(thread_id(thread_self()), name, strnlen(name, THREAD_NAME_BYTES));
	if (operation == PR_GET_NAME)
		return name_get(thread_id(thread_self()), (char *)argument);
	return -EINVAL;
}

static long name_read(struct file *file, void *data, size_t bytes, uint64_t position)
{
	char text[THREAD_NAME_BYTES + 1];
	long error = name_get(((struct name_file *)file)->thread, text);
	size_t length;

	if (error)
		return error;
	strcat(text, "\n");
	length = strlen(text);
	if (position >= length)
		return 0;
	if (bytes > length - position)
		bytes = length - position;
	memcpy(data, text + position, bytes);
	return (long)bytes;
}

static long name_write(struct file *file, const void *data, size_t bytes, uint64_t position)
{
	const char *end = memchr(data, '\n', bytes);
	long error;

	(void)position;
	error = name_set(((struct name_file *)file)->thread, data,
			 end ? (size_t)(end - (const char *)data) : bytes);
	return error ? error : (long)bytes;
}

static void name_stat(struct file *file, struct stat *status)
{
	(void)file;
	status->st_mode = S_IFREG | 0644;
}

static void name_close(struct file *file)
{
	free(file);
}

static const struct file_class name_class = { .seekable = true,
					      .read = name_read,
					      .write = name_write,
					      .stat = name_stat,
					      .close = name_close };

static long name_open(const char *path, unsigned flags, mode_t mode, struct file **file)
{
	char name[THREAD_NAME_BYTES], *end;
	long id = strtol(path, &end, 10);
	struct name_file *open;

	(void)mode;
	if (end == path || strcmp(end, "/comm") || name_get((int)id, name))
		return -ENOENT;
	open = calloc(1, sizeof(*open));
	if (!open)
		return -ENOMEM;
	file_init(&open->file, &name_class, flags);
	open->thread = (int)id;
	*file = &open->file;
	return 0;
}

const struct filesystem thread_filesystem = { .place = "proc/self/task", .open = name_open };
