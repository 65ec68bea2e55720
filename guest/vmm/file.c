/* SPDX-License-Identifier: MIT */
/* Files as memory. */
#include "vmm/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *map(struct file *f, int fd)
{
	struct stat s;
	void *bytes;

	if (fstat(fd, &s) < 0)
		return strerror(errno);
	if (!s.st_size)
		return "it is empty";
	bytes = mmap(NULL, (size_t)s.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (bytes == MAP_FAILED)
		return strerror(errno);
	*f = (struct file){ bytes, (size_t)s.st_size };
	return NULL;
}

const char *file_open(struct file *f, const char *path)
{
	int fd = open(path, O_RDONLY);
	const char *wrong;

	*f = (struct file){ 0 };
	if (fd < 0)
		return strerror(errno);
	wrong = map(f, fd);
	close(fd);
	return wrong;
}

void file_close(struct file *f)
{
	if (f->bytes)
		munmap((void *)f->bytes, f->size);
	*f = (struct file){ 0 };
}
