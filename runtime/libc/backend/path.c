/* SPDX-License-Identifier: MIT */
/* Calls with a path: which file system it is in, and what is to be done there. */
#include "backend/calls.h"
#include "backend/filesystem.h"
#include "backend/thread.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct path {
	char text[PATH_BYTES]; /* absolute, normal; "" is the root */
	bool folder;	       /* written with a slash at the end */
};

/* Where relative paths begin; with LOCK_FILES. */
static char current[PATH_BYTES];
static mode_t mask = 022;

static const struct filesystem *const filesystems[] = { &tmp_filesystem, &device_filesystem,
							&thread_filesystem, &name_filesystem };

/* Add the components of more to a normal path. */
static long path_add(struct path *path, const char *more)
{
	size_t used = strlen(path->text);

	while (*more) {
		size_t length = strcspn(more, "/");

		if (length == 2 && !memcmp(more, "..", 2)) {
			while (used && path->text[--used] != '/')
				;
		} else if (length && !(length == 1 && *more == '.')) {
			if (used + length + 2 > PATH_BYTES)
				return -ENAMETOOLONG;
			path->text[used++] = '/';
			memcpy(path->text + used, more, length);
			used += length;
		}
		path->text[used] = 0;
		more += length;
		path->folder = *more == '/';
		more += path->folder;
	}
	return 0;
}

/* Where a relative path of that descriptor begins. */
static long path_begin(struct path *path, int folder)
{
	struct file *file;
	long error = 0;

	if (folder == AT_FDCWD) {
		lock_take(LOCK_FILES);
		strcpy(path->text, current);
		lock_free(LOCK_FILES);
		return 0;
	}
	file = file_get(folder);
	if (!file)
		return -EBADF;
	if (file->path)
		strcpy(path->text, file->path);
	else
		error = -ENOTDIR;
	file_put(file);
	return error;
}

static long path_make(struct path *path, int folder, const char *text)
{
	long error = 0;

	path->text[0] = 0;
	path->folder = false;
	if (!*text)
		return -ENOENT;
	if (*text != '/')
		error = path_begin(path, folder);
	return error ? error : path_add(path, text);
}

/* The file system of a path; *rest is the path in it. */
static const struct filesystem *filesystem_of(const struct path *path, const char **rest)
{
	const char *text = path->text[0] ? path->text + 1 : path->text;

	for (unsigned i = 0;; i++) {
		const char *place = filesystems[i]->place;
		size_t length = strlen(place);

		*rest = text;
		if (!length)
			return filesystems[i];
		if (strncmp(text, place, length) || (text[length] && text[length] != '/'))
			continue;
		*rest = text[length] ? text + length + 1 : text + length;
		return filesystems[i];
	}
}

static long open_path(const struct path *path, unsigned flags, mode_t mode, struct file **file)
{
	const char *rest;
	const struct filesystem *filesystem = filesystem_of(path, &rest);
	long error = filesystem->open(rest, flags, mode & ~mask, file);
	bool is_folder = !error && (*file)->class->next;

	if (error)
		return error;
	if ((path->folder || flags & O_DIRECTORY) && !is_folder)
		error = -ENOTDIR;
	else if (is_folder && (flags & O_ACCMODE) != O_RDONLY)
		error = -EISDIR;
	else if (is_folder && !((*file)->path = strdup(path->text)))
		error = -ENOMEM;
	if (error)
		file_put(*file);
	return error;
}

long path_open(int folder, const char *text, unsigned flags, mode_t mode, struct file **file)
{
	struct path path;
	long error = path_make(&path, folder, text);

	return error ? error : open_path(&path, flags, mode, file);
}

/* O_PATH, which is O_SEARCH and O_EXEC too, is like O_RDONLY. */
long backend_openat(long folder, long text, long flags, long mode)
{
	struct file *file;
	long result;

	if (flags & O_PATH)
		flags &= O_DIRECTORY | O_CLOEXEC;
	result = path_open((int)folder, (const char *)text, (unsigned)flags, (mode_t)mode, &file);
	if (result)
		return result;
	result = file_install(file, (unsigned)flags, 0);
	if (result < 0)
		file_put(file);
	return result;
}

long backend_open(long text, long flags, long mode)
{
	return backend_openat(AT_FDCWD, text, flags, mode);
}

static long status_at(int folder, const char *text, struct stat *status)
{
	struct file *file;
	long error = path_open(folder, text, O_RDONLY, 0, &file);

	if (error)
		return error;
	memset(status, 0, sizeof(*status));
	status->st_nlink = 1;
	status->st_blksize = 4096;
	lock_take(LOCK_FILES);
	if (file->class->stat)
		file->class->stat(file, status);
	lock_free(LOCK_FILES);
	file_put(file);
	return 0;
}

long backend_newfstatat(long folder, long text, long result, long flags)
{
	if (flags & AT_EMPTY_PATH && !*(const char *)text)
		return backend_fstat(folder, result);
	return status_at((int)folder, (const char *)text, (struct stat *)result);
}

long backend_stat(long text, long result)
{
	return backend_newfstatat(AT_FDCWD, text, result, 0);
}

/* There are no symbolic links. */
long backend_lstat(long text, long result)
{
	return backend_newfstatat(AT_FDCWD, text, result, 0);
}

long backend_readlink(long text, long buffer, long bytes)
{
	struct stat status;
	long error = status_at(AT_FDCWD, (const char *)text, &status);

	(void)buffer, (void)bytes;
	return error ? error : -EINVAL;
}

long backend_faccessat(long folder, long text, long mode)
{
	struct stat status;
	long error = status_at((int)folder, (const char *)text, &status);

	if (error)
		return error;
	if (mode & W_OK && !(status.st_mode & 0200))
		return -EROFS;
	return mode & X_OK && !(status.st_mode & 0100) ? -EACCES : 0;
}

long backend_access(long text, long mode)
{
	return backend_faccessat(AT_FDCWD, text, mode);
}

long backend_truncate(long text, long size)
{
	long number = backend_open(text, O_WRONLY, 0), result;

	if (number < 0)
		return number;
	result = backend_ftruncate(number, size);
	backend_close(number);
	return result;
}

long backend_mkdirat(long folder, long text, long mode)
{
	struct path path;
	const char *rest;
	long error = path_make(&path, (int)folder, (const char *)text);
	const struct filesystem *filesystem;

	if (error)
		return error;
	filesystem = filesystem_of(&path, &rest);
	return filesystem->make_folder ? filesystem->make_folder(rest, (mode_t)mode & ~mask)
				       : -EROFS;
}

long backend_mkdir(long text, long mode)
{
	return backend_mkdirat(AT_FDCWD, text, mode);
}

long backend_unlinkat(long folder, long text, long flags)
{
	struct path path;
	const char *rest;
	long error = path_make(&path, (int)folder, (const char *)text);
	const struct filesystem *filesystem;

	if (error)
		return error;
	filesystem = filesystem_of(&path, &rest);
	return filesystem->remove ? filesystem->remove(rest, flags & AT_REMOVEDIR) : -EROFS;
}

long backend_unlink(long text)
{
	return backend_unlinkat(AT_FDCWD, text, 0);
}

long backend_rmdir(long text)
{
	return backend_unlinkat(AT_FDCWD, text, AT_REMOVEDIR);
}

long backend_renameat(long folder, long text, long new_folder, long new_text)
{
	struct path from, to;
	const char *rest_from, *rest_to;
	const struct filesystem *filesystem;
	long error = path_make(&from, (int)folder, (const char *)text);

	if (!error)
		error = path_make(&to, (int)new_folder, (const char *)new_text);
	if (error)
		return error;
	filesystem = filesystem_of(&from, &rest_from);
	if (filesystem != filesystem_of(&to, &rest_to))
		return -EXDEV;
	return filesystem->rename ? filesystem->rename(rest_from, rest_to) : -EROFS;
}

long backend_rename(long text, long new_text)
{
	return backend_renameat(AT_FDCWD, text, AT_FDCWD, new_text);
}

long backend_getcwd(long buffer, long bytes)
{
	long result = -ERANGE;

	lock_take(LOCK_FILES);
	if ((size_t)bytes > strlen(current) + !*current)
		result =
		    snprintf((char *)buffer, (size_t)bytes, "%s", *current ? current : "/") + 1;
	lock_free(LOCK_FILES);
	return result;
}

long backend_fchdir(long number)
{
	struct path path = { .text = "" };
	long error = path_begin(&path, (int)number);

	if (error)
		return error;
	lock_take(LOCK_FILES);
	strcpy(current, path.text);
	lock_free(LOCK_FILES);
	return 0;
}

long backend_chdir(long text)
{
	long number = backend_open(text, O_RDONLY | O_DIRECTORY, 0), error;

	if (number < 0)
		return number;
	error = backend_fchdir(number);
	backend_close(number);
	return error;
}

long backend_umask(long new)
{
	mode_t before = mask;

	mask = (mode_t) new & 0777;
	return before;
}
