/* SPDX-License-Identifier: MIT */
/*
 * Open files. A class says how a kind of file behaves; what it leaves out fails with the error that
 * fits. Files of a class that is `seekable` are read and written under LOCK_FILES, at a position
 * that is given; the others without it, as they may block. Errors are negative errno values.
 */
#ifndef BACKEND_FILE_H
#define BACKEND_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include <l4/re/c/dataspace.h>

enum { FILES_MAX = 256 };

struct file_entry {
	char name[256];
	mode_t mode;
	uint64_t number;
};

struct file;

struct file_class {
	bool seekable;
	long (*read)(struct file *, void *data, size_t bytes, uint64_t position);
	long (*write)(struct file *, const void *data, size_t bytes, uint64_t position);
	/* Fill what is not 0: mode, size, identity. */
	void (*stat)(struct file *, struct stat *);
	/* Events of poll() that hold now, out of those asked for. With LOCK_WAIT. */
	unsigned (*poll)(struct file *, unsigned events);
	/*
	 * Around a wait on poll_channel for POLLIN of a file about which nobody calls
	 * poll_changed(). May replace the thread's semaphore meanwhile. With LOCK_WAIT.
	 */
	void (*wait_begin)(struct file *);
	void (*wait_end)(struct file *);
	long (*truncate)(struct file *, uint64_t size);
	/* Have memory for the first `size` bytes, which then all are in the file. */
	long (*reserve)(struct file *, uint64_t size);
	/* Set the times of the last access and change of content; NULL leaves one as it is. */
	void (*set_times)(struct file *, const struct timespec *access,
			  const struct timespec *modification);
	/* What is the same for all that open the same file; without this function each is alone. */
	const void *(*identity)(struct file *);
	/* The next entry of a folder: its name, mode and number. 0 at the end, 1 otherwise. */
	long (*next)(struct file *, uint64_t index, struct file_entry *entry);
	/* Dataspace with the content; takes a reference. */
	long (*memory)(struct file *, bool shared, unsigned protection, l4re_ds_t *memory);
	long (*control)(struct file *, unsigned long request, long argument);
	/* The last reference is gone. May block; without locks. */
	void (*close)(struct file *);
};

/* The beginning of each class's structure. */
struct file {
	const struct file_class *class;
	unsigned references; /* descriptors, and calls that use it */
	unsigned flags;	     /* O_*: access mode, O_APPEND, O_NONBLOCK */
	uint64_t position;
	char *path; /* of a folder, for fchdir() and the *at() calls; malloc()ed, or NULL */
	/* What flock() has taken: LOCK_SH, LOCK_EX, or 0. With LOCK_WAIT. */
	int lock;
	const void *lock_identity;
	struct file *next_locked;
};

/* The open file of a descriptor with one more reference, or NULL. Takes LOCK_FILES. */
struct file *file_get(int descriptor);
/* Drop a reference. Without locks. */
void file_put(struct file *file);
/* The lowest free descriptor from `lowest` on for a file, which passes its reference. flags:
 * O_CLOEXEC. -EMFILE: the caller still has the reference. */
long file_install(struct file *file, unsigned flags, int lowest);
/* A file to be installed: sets class, one reference, flags. */
void file_init(struct file *file, const struct file_class *class, unsigned flags);

/* Give back what flock() has taken. Takes LOCK_WAIT. */
void file_unlock(struct file *file);
/* fcntl()'s F_GETLK, F_SETLK and F_SETLKW. With LOCK_FILES. */
long file_record_lock(const struct file *file, long command, long argument);
/* The device number in the status of files in /tmp, and of the capabilities by their names. */
enum { DEVICE_TMP = 2, DEVICE_NAMES = 3 };

/* What poll() and friends wait on: woken whenever something about any file changes. */
extern const char poll_channel;
/* Wake them. With LOCK_WAIT. */
void poll_changed(void);

#endif
