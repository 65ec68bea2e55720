/* SPDX-License-Identifier: MIT */
/* Files and folders in memory, at /tmp. Everything with LOCK_FILES. */
#include "backend/clock.h"
#include "backend/content.h"
#include "backend/filesystem.h"
#include "backend/thread.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

struct node {
	struct node *parent, *next, *children; /* next: in the same folder */
	char *name;
	mode_t mode;
	uint64_t number;
	unsigned users; /* open files, and the folder that it is in */
	struct timespec accessed, modified, changed;
	struct content content;
};

struct open_node {
	struct file file;
	struct node *node;
};

enum { ACCESS = 1, MODIFICATION = 2, CHANGE = 4, EVERYTHING = 7 };

static struct node root = { .mode = S_IFDIR | 01777, .users = 1 };

static void node_touch(struct node *node, unsigned what)
{
	uint64_t ns = clock_realtime_ns();
	struct timespec now = { (time_t)(ns / NS_PER_SECOND), (long)(ns % NS_PER_SECOND) };

	if (what & ACCESS)
		node->accessed = now;
	if (what & MODIFICATION)
		node->modified = now;
	if (what & CHANGE)
		node->changed = now;
}

static struct node *child_of(const struct node *folder, const char *name, size_t length)
{
	for (struct node *n = folder->children; n; n = n->next)
		if (strlen(n->name) == length && !memcmp(n->name, name, length))
			return n;
	return NULL;
}

/* The folder that a path is in, and its last component; NULL if a part is missing or no folder. */
static struct node *folder_of(const char *path, const char **last)
{
	struct node *node = &root;

	for (*last = path; node && S_ISDIR(node->mode); path = *last) {
		const char *slash = strchr(path, '/');

		if (!slash)
			return node;
		node = child_of(node, path, (size_t)(slash - path));
		*last = slash + 1;
	}
	return NULL;
}

static struct node *node_of(const char *path)
{
	const char *last;
	struct node *folder = folder_of(path, &last);

	if (!*path)
		return &root;
	return folder ? child_of(folder, last, strlen(last)) : NULL;
}

static void node_drop(struct node *node)
{
	if (--node->users)
		return;
	content_release(&node->content);
	free(node->name);
	free(node);
}

static void node_link(struct node *folder, struct node *node)
{
	struct node **link = &folder->children;

	while (*link)
		link = &(*link)->next;
	*link = node;
	node->next = NULL;
	node->parent = folder;
	node_touch(folder, MODIFICATION | CHANGE);
}

static void node_unlink(struct node *node)
{
	struct node **link = &node->parent->children;

	while (*link != node)
		link = &(*link)->next;
	*link = node->next;
	node_touch(node->parent, MODIFICATION | CHANGE);
	node_touch(node, CHANGE);
	node->parent = NULL;
}

static long node_make(const char *path, mode_t mode, struct node **node)
{
	static uint64_t numbers;
	const char *last;
	struct node *folder = folder_of(path, &last);

	if (!folder || !folder->users || (folder != &root && !folder->parent))
		return -ENOENT;
	*node = calloc(1, sizeof(**node));
	if (!*node || !((*node)->name = strdup(last))) {
		free(*node);
		return -ENOMEM;
	}
	(*node)->mode = mode;
	(*node)->number = ++numbers;
	(*node)->users = 1;
	(*node)->content.memory = L4_INVALID_CAP;
	node_touch(*node, EVERYTHING);
	node_link(folder, *node);
	return 0;
}

static struct node *node_in(struct file *file)
{
	return ((struct open_node *)file)->node;
}

static long node_read(struct file *file, void *data, size_t bytes, uint64_t position)
{
	if (bytes)
		node_touch(node_in(file), ACCESS);
	return content_read(&node_in(file)->content, data, bytes, position);
}

static long node_write(struct file *file, const void *data, size_t bytes, uint64_t position)
{
	long result = content_write(&node_in(file)->content, data, bytes, position);

	if (result > 0)
		node_touch(node_in(file), MODIFICATION | CHANGE);
	return result;
}

static long node_truncate(struct file *file, uint64_t size)
{
	long error = content_resize(&node_in(file)->content, size);

	if (!error)
		node_touch(node_in(file), MODIFICATION | CHANGE);
	return error;
}

static long node_reserve(struct file *file, uint64_t size)
{
	struct content *content = &node_in(file)->content;
	long error = size > content->size ? node_truncate(file, size) : 0;

	return error ? error : content_reserve(content, size);
}

static void node_set_times(struct file *file, const struct timespec *access,
			   const struct timespec *modification)
{
	struct node *node = node_in(file);

	if (access)
		node->accessed = *access;
	if (modification)
		node->modified = *modification;
	node_touch(node, CHANGE);
}

static const void *node_identity(struct file *file)
{
	return node_in(file);
}

static void node_stat(struct file *file, struct stat *status)
{
	const struct node *node = node_in(file);

	status->st_dev = DEVICE_TMP;
	status->st_atim = node->accessed;
	status->st_mtim = node->modified;
	status->st_ctim = node->changed;
	status->st_ino = node->number + 1;
	status->st_mode = node->mode;
	status->st_size = (off_t)node->content.size;
	status->st_blocks = (blkcnt_t)(node->content.mapped / 512);
	status->st_nlink = node->parent || node == &root;
}

static long node_memory(struct file *file, bool shared, unsigned protection, l4re_ds_t *memory)
{
	struct content *content = &node_in(file)->content;

	if (shared && protection & PROT_WRITE && (file->flags & O_ACCMODE) != O_RDWR)
		return -EACCES;
	content->shared |= shared;
	return content_memory(content, memory);
}

static long node_next(struct file *file, uint64_t index, struct file_entry *entry)
{
	const struct node *node = node_in(file)->children;

	while (node && index--)
		node = node->next;
	if (!node)
		return 0;
	snprintf(entry->name, sizeof(entry->name), "%s", node->name);
	entry->mode = node->mode;
	entry->number = node->number;
	return 1;
}

static void node_close(struct file *file)
{
	lock_take(LOCK_FILES);
	node_drop(node_in(file));
	lock_free(LOCK_FILES);
	free(file->path);
	free(file);
}

static const struct file_class file_class = { .seekable = true,
					      .read = node_read,
					      .write = node_write,
					      .stat = node_stat,
					      .truncate = node_truncate,
					      .reserve = node_reserve,
					      .set_times = node_set_times,
					      .identity = node_identity,
					      .memory = node_memory,
					      .close = node_close };
static const struct file_class folder_class = { .seekable = true,
						.stat = node_stat,
						.next = node_next,
						.set_times = node_set_times,
						.identity = node_identity,
						.close = node_close };

static void node_cut(struct node *node)
{
	if (!content_resize(&node->content, 0))
		node_touch(node, MODIFICATION | CHANGE);
}

static long node_open(struct node *node, unsigned flags, struct file **file)
{
	struct open_node *open = calloc(1, sizeof(*open));

	if (!open)
		return -ENOMEM;
	if (flags & O_TRUNC && (flags & O_ACCMODE) != O_RDONLY && !S_ISDIR(node->mode))
		node_cut(node);
	file_init(&open->file, S_ISDIR(node->mode) ? &folder_class : &file_class, flags);
	open->node = node;
	node->users++;
	*file = &open->file;
	return 0;
}

static long open_locked(const char *path, unsigned flags, mode_t mode, struct file **file)
{
	struct node *node = node_of(path);
	long error = 0;

	if (node && flags & O_CREAT && flags & O_EXCL)
		return -EEXIST;
	if (!node && !(flags & O_CREAT))
		return -ENOENT;
	if (!node)
		error = node_make(path, S_IFREG | mode, &node);
	return error ? error : node_open(node, flags, file);
}

static long tmp_open(const char *path, unsigned flags, mode_t mode, struct file **file)
{
	long result;

	lock_take(LOCK_FILES);
	result = open_locked(path, flags, mode, file);
	lock_free(LOCK_FILES);
	return result;
}

static long tmp_make_folder(const char *path, mode_t mode)
{
	struct node *node;
	long result;

	lock_take(LOCK_FILES);
	result = node_of(path) ? -EEXIST : node_make(path, S_IFDIR | mode, &node);
	lock_free(LOCK_FILES);
	return result;
}

/* May the node go, as a folder or as a file? */
static long check_removal(const struct node *node, bool folder)
{
	if (!node)
		return -ENOENT;
	if (node == &root)
		return -EBUSY;
	if (folder != (bool)S_ISDIR(node->mode))
		return folder ? -ENOTDIR : -EISDIR;
	return node->children ? -ENOTEMPTY : 0;
}

static long tmp_remove(const char *path, bool folder)
{
	struct node *node;
	long result;

	lock_take(LOCK_FILES);
	node = node_of(path);
	result = check_removal(node, folder);
	if (!result) {
		node_unlink(node);
		node_drop(node);
	}
	lock_free(LOCK_FILES);
	return result;
}

static bool is_inside(const struct node *node, const struct node *folder)
{
	while (node && node != folder)
		node = node->parent;
	return node;
}

static long rename_locked(const char *from, const char *to)
{
	struct node *node = node_of(from), *old = node_of(to), *folder;
	const char *last;
	char *name;
	long error = 0;

	folder = folder_of(to, &last);
	if (!node || !folder)
		return -ENOENT;
	if (node == &root || is_inside(folder, node))
		return node == &root ? -EBUSY : -EINVAL;
	if (node == old)
		return 0;
	if (old)
		error = check_removal(old, S_ISDIR(node->mode));
	name = error ? NULL : strdup(last);
	if (!name)
		return error ? error : -ENOMEM;
	if (old) {
		node_unlink(old);
		node_drop(old);
	}
	node_unlink(node);
	free(node->name);
	node->name = name;
	node_link(folder, node);
	node_touch(node, CHANGE);
	return 0;
}

static long tmp_rename(const char *from, const char *to)
{
	long result;

	lock_take(LOCK_FILES);
	result = rename_locked(from, to);
	lock_free(LOCK_FILES);
	return result;
}

const struct filesystem tmp_filesystem = { .place = "tmp",
					   .open = tmp_open,
					   .make_folder = tmp_make_folder,
					   .remove = tmp_remove,
					   .rename = tmp_rename };
