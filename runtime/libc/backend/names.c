/* SPDX-License-Identifier: MIT */
/*
 * The capabilities of the program by their names, as files: a dataspace is a file that can be read
 * and mapped, a namespace is a folder. A namespace lists itself in its file `.dirinfo`, a line
 * LENGTH:NAME for each entry.
 */
#include "backend/content.h"
#include "backend/filesystem.h"
#include "backend/platform.h"
#include "backend/thread.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <l4/re/c/namespace.h>
#include <l4/re/c/util/cap_alloc.h>
#include <l4/re/env.h>
#include <l4/re/protocols.h>
#include <l4/sys/meta.h>

struct name_file {
	struct file file;
	struct content content; /* of the dataspace, or of .dirinfo */
};

static struct content *content_of(struct file *file)
{
	return &((struct name_file *)file)->content;
}

static long name_read(struct file *file, void *data, size_t bytes, uint64_t position)
{
	return content_read(content_of(file), data, bytes, position);
}

static void file_stat(struct file *file, struct stat *status)
{
	status->st_dev = DEVICE_NAMES;
	status->st_ino = content_of(file)->memory;
	status->st_mode = S_IFREG | 0555;
	status->st_size = (off_t)content_of(file)->size;
}

static void folder_stat(struct file *file, struct stat *status)
{
	(void)file;
	status->st_dev = DEVICE_NAMES;
	status->st_mode = S_IFDIR | 0555;
}

static long name_memory(struct file *file, bool shared, unsigned protection, l4re_ds_t *memory)
{
	if (shared && protection & PROT_WRITE)
		return -EACCES;
	return content_memory(content_of(file), memory);
}

static void name_close(struct file *file)
{
	content_release(content_of(file));
	free(file->path);
	free(file);
}

/* The entry of a namespace with that index. */
static long folder_next(struct file *file, uint64_t index, struct file_entry *entry)
{
	const struct content *content = content_of(file);
	const char *at = content->address, *end = at + content->size;
	unsigned long length;

	entry->mode = 0;
	entry->number = index;
	while (at < end) {
		for (length = 0; at < end && *at >= '0' && *at <= '9'; at++)
			length = length * 10 + (unsigned long)(*at - '0');
		if (at == end || *at++ != ':' || length >= sizeof(entry->name) ||
		    length > (size_t)(end - at))
			return 0;
		if (!index--) {
			snprintf(entry->name, sizeof(entry->name), "%.*s", (int)length, at);
			return 1;
		}
		at += length + 1;
	}
	return 0;
}

/* Entries of the root: other file systems, then capabilities. */
static long root_next(struct file *file, uint64_t index, struct file_entry *entry)
{
	static const char *const others[] = { "tmp", "dev" };
	const l4re_env_cap_entry_t *cap = l4re_env()->caps;

	(void)file;
	entry->number = index;
	entry->mode = S_IFDIR;
	if (index < 2) {
		snprintf(entry->name, sizeof(entry->name), "%s", others[index]);
		return 1;
	}
	for (index -= 2; cap && cap->flags != ~0UL && index; cap++)
		index--;
	if (!cap || cap->flags == ~0UL)
		return 0;
	entry->mode = 0;
	snprintf(entry->name, sizeof(entry->name), "%.*s", L4RE_ENV_NAME_MAX, cap->name);
	return 1;
}

static const struct file_class file_class = { .seekable = true,
					      .read = name_read,
					      .stat = file_stat,
					      .memory = name_memory,
					      .close = name_close };
static const struct file_class folder_class = {
	.seekable = true, .stat = folder_stat, .next = folder_next, .close = name_close
};
static const struct file_class root_class = {
	.seekable = true, .stat = folder_stat, .next = root_next, .close = name_close
};

/* Look a name up in a namespace; the slot has one reference. */
static long query(l4_cap_idx_t space, const char *name, l4_cap_idx_t *result)
{
	l4_cap_idx_t cap = l4re_util_cap_alloc();
	long error;

	if (l4_is_invalid_cap(cap))
		return -ENOMEM;
	error = l4re_ns_query_to_srv(space, name, cap, 0);
	if (error < 0) {
		l4re_util_cap_free(cap);
		return error == -L4_ENOMEM ? -ENOMEM : -ENOENT;
	}
	*result = cap;
	return 0;
}

/* Does the object behind the capability speak the protocol? */
static bool speaks(l4_cap_idx_t cap, long protocol)
{
	return l4_meta_supports(cap, protocol) == 1;
}

/* The capability that a path names, with one reference of its slot. */
static long resolve(const char *path, l4_cap_idx_t *cap)
{
	size_t length = strcspn(path, "/");
	const l4re_env_cap_entry_t *entry = l4re_env_get_cap_l(path, (unsigned)length, l4re_env());

	if (!entry || l4_is_invalid_cap(entry->cap))
		return -ENOENT;
	if (path[length])
		return query(entry->cap, path + length + 1, cap);
	l4re_util_cap_take(entry->cap);
	*cap = entry->cap;
	return 0;
}

static long open_memory(struct name_file *open, l4re_ds_t memory, const struct file_class *class)
{
	l4re_ds_stats_t information;
	long error;

	if (l4re_ds_info(memory, &information) < 0)
		return -EACCES;
	error = content_attach(&open->content, memory, information.size);
	open->file.class = class;
	return error;
}

/* A namespace that cannot be listed is an empty folder. */
static long open_folder(struct name_file *open, l4_cap_idx_t space)
{
	l4_cap_idx_t listing;

	open->file.class = &folder_class;
	open->content.memory = L4_INVALID_CAP;
	if (!query(space, ".dirinfo", &listing) && open_memory(open, listing, &folder_class)) {
		l4re_util_cap_release(listing);
		open->content.memory = L4_INVALID_CAP;
	}
	l4re_util_cap_release(space);
	return 0;
}

static long open_cap(struct name_file *open, l4_cap_idx_t cap)
{
	long error = -ENXIO;

	if (speaks(cap, L4RE_PROTO_DATASPACE))
		error = open_memory(open, cap, &file_class);
	else if (speaks(cap, L4RE_PROTO_NAMESPACE))
		return open_folder(open, cap);
	if (error)
		l4re_util_cap_release(cap);
	return error;
}

static long name_open(const char *path, unsigned flags, mode_t mode, struct file **file)
{
	struct name_file *open;
	l4_cap_idx_t cap;
	long error = *path ? resolve(path, &cap) : 0;

	(void)mode;
	if (error)
		return error == -ENOENT && flags & O_CREAT ? -EROFS : error;
	open = calloc(1, sizeof(*open));
	if (!open)
		return -ENOMEM;
	file_init(&open->file, &root_class, flags);
	open->content.memory = L4_INVALID_CAP;
	if (*path)
		error = open_cap(open, cap);
	if (!error && (flags & O_ACCMODE) != O_RDONLY && !open->file.class->next) {
		content_release(&open->content);
		error = -EROFS;
	}
	if (error)
		free(open);
	*file = &open->file;
	return error;
}

const struct filesystem name_filesystem = { .place = "", .open = name_open };
