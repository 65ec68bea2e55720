/* SPDX-License-Identifier: MIT */
/*
 * File systems. Paths are absolute, without `.`, `..` and double slashes, and relative to where the
 * file system is: "" is its root, "a/b" something in it. All without locks; errors are negative
 * errno values.
 */
#ifndef BACKEND_FILESYSTEM_H
#define BACKEND_FILESYSTEM_H

#include "backend/file.h"

enum { PATH_BYTES = 1024 };

struct filesystem {
	const char *place; /* without the leading slash */
	/* A new open file with one reference. flags: O_*, without O_PATH. */
	long (*open)(const char *path, unsigned flags, mode_t mode, struct file **file);
	long (*make_folder)(const char *path, mode_t mode);
	long (*remove)(const char *path, bool folder);
	long (*rename)(const char *from, const char *to);
};

/* Open what a path names, relative to a folder's descriptor or AT_FDCWD; not yet a descriptor. */
long path_open(int folder, const char *text, unsigned flags, mode_t mode, struct file **file);

/* Memory for files, with folders; devices; the threads' names;  capabilities by name with the files
 * behind them. */
extern const struct filesystem tmp_filesystem, device_filesystem, thread_filesystem,
    name_filesystem;

#endif
