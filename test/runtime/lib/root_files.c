/* SPDX-License-Identifier: MIT */
/*
 * Files for tests that run as root task: contents of /tmp are in malloc()ed memory instead of
 * dataspaces, and there are no capabilities with names.
 */
#include "backend/content.h"
#include "backend/filesystem.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void empty_stat(struct file *file, struct stat *status)
{
	(void)file;
	status->st_mode = S_IFDIR | 0555;
}

static long empty_next(struct file *file, uint64_t index, struct file_entry *entry)
{
	(void)file, (void)index, (void)entry;
	return 0;
}

static void empty_close(struct file *file)
{
	free(file->path);
	free(file);
}

static const struct file_class empty_class = {
	.seekable = true, .stat = empty_stat, .next = empty_next, .close = empty_close
};

static long empty_open(const char *path, unsigned flags, mode_t mode, struct file **file)
{
	(void)mode;
	if (*path)
		return -ENOENT;
	*file = calloc(1, sizeof(**file));
	if (!*file)
		return -ENOMEM;
	file_init(*file, &empty_class, flags);
	return 0;
}

const struct filesystem name_filesystem = { .place = "", .open = empty_open };

void content_release(struct content *content)
{
	free(content->address);
	*content = (struct content){ .memory = L4_INVALID_CAP };
}

long content_resize(struct content *content, uint64_t size)
{
	char *larger = size > content->mapped ? realloc(content->address, size) : content->address;

	if (size > content->mapped) {
		if (!larger)
			return -ENOMEM;
		content->address = larger;
		content->mapped = size;
	}
	if (size > content->size)
		memset(content->address + content->size, 0, size - content->size);
	content->size = size;
	return 0;
}

long content_reserve(struct content *content, uint64_t size)
{
	return size > content->size ? -ENOSPC : 0;
}

long content_read(const struct content *content, void *data, size_t bytes, uint64_t position)
{
	if (position >= content->size)
		return 0;
	if (bytes > content->size - position)
		bytes = content->size - position;
	memcpy(data, content->address + position, bytes);
	return (long)bytes;
}

long content_write(struct content *content, const void *data, size_t bytes, uint64_t position)
{
	long error = 0;

	if (position + bytes > content->size)
		error = content_resize(content, position + bytes);
	if (!error)
		memcpy(content->address + position, data, bytes);
	return error ? error : (long)bytes;
}

long content_memory(const struct content *content, l4re_ds_t *memory)
{
	(void)content, (void)memory;
	return -ENODEV;
}
