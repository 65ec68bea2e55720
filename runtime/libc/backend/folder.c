/* SPDX-License-Identifier: MIT */
/* Listing of folders. The position is the number of the next entry. */
#include "backend/calls.h"
#include "backend/file.h"
#include "backend/thread.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>

static size_t record_bytes(const struct file_entry *entry)
{
	size_t bytes = offsetof(struct dirent, d_name) + strlen(entry->name) + 1;

	return (bytes + 7) & ~(size_t)7;
}

static void record_write(struct dirent *record, const struct file_entry *entry, uint64_t next)
{
	record->d_ino = entry->number + 1;
	record->d_off = (off_t)next;
	record->d_reclen = (unsigned short)record_bytes(entry);
	record->d_type = (unsigned char)IFTODT(entry->mode);
	strcpy(record->d_name, entry->name);
}

/* With LOCK_FILES. */
static long list(struct file *file, char *buffer, size_t bytes)
{
	struct file_entry entry;
	size_t used = 0;

	while (file->class->next(file, file->position, &entry) > 0) {
		if (used + record_bytes(&entry) > bytes)
			return used ? (long)used : -EINVAL;
		record_write((struct dirent *)(buffer + used), &entry, ++file->position);
		used += record_bytes(&entry);
	}
	return (long)used;
}

long backend_getdents64(long number, long buffer, long bytes)
{
	struct file *file = file_get((int)number);
	long result = -ENOTDIR;

	if (!file)
		return -EBADF;
	lock_take(LOCK_FILES);
	if (file->class->next)
		result = list(file, (char *)buffer, (size_t)bytes);
	lock_free(LOCK_FILES);
	file_put(file);
	return result;
}
