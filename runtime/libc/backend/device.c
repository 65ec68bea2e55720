/* SPDX-License-Identifier: MIT */
/* Files in /dev: null, zero, full, random, urandom, console, tty. */
#include "backend/console.h"
#include "backend/filesystem.h"
#include "backend/random.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static long null_read(struct file *file, void *data, size_t bytes, uint64_t position)
{
	(void)file, (void)data, (void)bytes, (void)position;
	return 0;
}

static long null_write(struct file *file, const void *data, size_t bytes, uint64_t position)
{
	(void)file, (void)data, (void)position;
	return (long)bytes;
}

static long zero_read(struct file *file, void *data, size_t bytes, uint64_t position)
{
	(void)file, (void)position;
	memset(data, 0, bytes);
	return (long)bytes;
}

static long full_write(struct file *file, const void *data, size_t bytes, uint64_t position)
{
	(void)file, (void)data, (void)position;
	return bytes ? -ENOSPC : 0;
}

static long random_read(struct file *file, void *data, size_t bytes, uint64_t position)
{
	(void)file, (void)position;
	random_fill(data, bytes);
	return (long)bytes;
}

static void device_stat(struct file *file, struct stat *status)
{
	(void)file;
	status->st_mode = S_IFCHR | 0666;
}

static void device_close(struct file *file)
{
	free(file->path);
	free(file);
}

static const struct file_class null_class = {
	.read = null_read, .write = null_write, .stat = device_stat, .close = device_close
};
static const struct file_class zero_class = {
	.read = zero_read, .write = null_write, .stat = device_stat, .close = device_close
};
static const struct file_class full_class = {
	.read = zero_read, .write = full_write, .stat = device_stat, .close = device_close
};
static const struct file_class random_class = {
	.read = random_read, .write = null_write, .stat = device_stat, .close = device_close
};

/* A device without a class is the console. */
static const struct device {
	const char *name;
	const struct file_class *class;
} devices[] = { { "null", &null_class },
		{ "zero", &zero_class },
		{ "full", &full_class },
		{ "random", &random_class },
		{ "urandom", &random_class },
		{ "console", NULL },
		{ "tty", NULL } };

enum { DEVICES = sizeof(devices) / sizeof(*devices) };

static long folder_next(struct file *file, uint64_t index, struct file_entry *entry)
{
	(void)file;
	if (index >= DEVICES)
		return 0;
	snprintf(entry->name, sizeof(entry->name), "%s", devices[index].name);
	entry->mode = S_IFCHR;
	entry->number = index;
	return 1;
}

static void folder_stat(struct file *file, struct stat *status)
{
	(void)file;
	status->st_mode = S_IFDIR | 0555;
}

static const struct file_class folder_class = {
	.seekable = true, .stat = folder_stat, .next = folder_next, .close = device_close
};

static long make(const struct file_class *class, unsigned flags, struct file **file)
{
	*file = calloc(1, sizeof(**file));
	if (!*file)
		return -ENOMEM;
	file_init(*file, class, flags);
	return 0;
}

static long device_open(const char *path, unsigned flags, mode_t mode, struct file **file)
{
	(void)mode;
	if (!*path)
		return make(&folder_class, flags, file);
	for (unsigned i = 0; i < DEVICES; i++) {
		if (strcmp(path, devices[i].name))
			continue;
		if (devices[i].class)
			return make(devices[i].class, flags, file);
		*file = file_get_console();
		return 0;
	}
	return -ENOENT;
}

const struct filesystem device_filesystem = { .place = "dev", .open = device_open };
