/* SPDX-License-Identifier: MIT */
/* Files as memory. */
#include "backend/mapping.h"
#include "backend/file.h"
#include "backend/thread.h"

#include <errno.h>
#include <fcntl.h>

long file_memory(int number, bool shared, unsigned protection, l4re_ds_t *memory)
{
	struct file *file = file_get(number);
	long result = -ENODEV;

	if (!file)
		return -EBADF;
	lock_take(LOCK_FILES);
	if ((file->flags & O_ACCMODE) == O_WRONLY)
		result = -EACCES;
	else if (file->class->memory)
		result = file->class->memory(file, shared, protection, memory);
	lock_free(LOCK_FILES);
	file_put(file);
	return result;
}
