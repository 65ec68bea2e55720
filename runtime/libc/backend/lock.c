/* SPDX-License-Identifier: MIT */
/*
 * Locks on files. Those of flock() belong to an open file: two that have opened the same file
 * exclude each other, be they of one thread. Those of fcntl() belong to the process, and there is
 * no other one that could open the file: they are always free.
 */
#include "backend/calls.h"
#include "backend/file.h"
#include "backend/signals.h"
#include "backend/thread.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/file.h>

static struct file *locked; /* all open files with a lock; with LOCK_WAIT */

/* Does another open file keep this one from being locked? */
static bool is_excluded(const struct file *file, int kind)
{
	for (const struct file *other = locked; other; other = other->next_locked)
		if (other != file && other->lock_identity == file->lock_identity &&
		    (kind == LOCK_EX || other->lock == LOCK_EX))
			return true;
	return false;
}

static void unlock(struct file *file)
{
	struct file **link = &locked;

	if (!file->lock)
		return;
	while (*link != file)
		link = &(*link)->next_locked;
	*link = file->next_locked;
	file->lock = 0;
	wake_up(&locked, ANY_BITS, UINT_MAX);
}

void file_unlock(struct file *file)
{
	lock_take(LOCK_WAIT);
	unlock(file);
	lock_free(LOCK_WAIT);
}

/* With LOCK_WAIT. The old lock is gone even if the new one cannot be had: so it is on Linux. */
static long lock(struct file *file, int kind, bool wait)
{
	long error = 0;

	unlock(file);
	while (!error && is_excluded(file, kind))
		error = wait ? wait_on(&locked, ANY_BITS, WAIT_NO_DEADLINE) : -EWOULDBLOCK;
	if (error)
		return error;
	file->lock = kind;
	file->next_locked = locked;
	locked = file;
	return 0;
}

static long lock_or_unlock(struct file *file, int operation)
{
	int kind = operation & ~LOCK_NB;
	long result = 0;

	lock_take(LOCK_WAIT);
	if (!file->lock_identity)
		file->lock_identity = file->class->identity ? file->class->identity(file) : file;
	if (kind == LOCK_UN)
		unlock(file);
	else
		result = lock(file, kind, !(operation & LOCK_NB));
	lock_free(LOCK_WAIT);
	return result;
}

long backend_flock(long number, long operation)
{
	long kind = operation & ~LOCK_NB, result;
	struct file *file;

	if (kind != LOCK_SH && kind != LOCK_EX && kind != LOCK_UN)
		return -EINVAL;
	do {
		file = file_get((int)number);
		if (!file)
			return -EBADF;
		result = lock_or_unlock(file, (int)operation);
		file_put(file);
	} while (signals_run(result));
	return result;
}

long file_record_lock(const struct file *file, long command, long argument)
{
	struct flock *record = (struct flock *)argument;
	unsigned access = file->flags & O_ACCMODE;
	int kind = record->l_type;

	if (record->l_whence < SEEK_SET || record->l_whence > SEEK_END ||
	    (kind != F_RDLCK && kind != F_WRLCK && (kind != F_UNLCK || command == F_GETLK)))
		return -EINVAL;
	if (record->l_whence == SEEK_SET && record->l_start < 0)
		return -EINVAL;
	if (command == F_GETLK)
		record->l_type = F_UNLCK;
	else if ((kind == F_RDLCK && access == O_WRONLY) || (kind == F_WRLCK && access == O_RDONLY))
		return -EBADF;
	return 0;
}
