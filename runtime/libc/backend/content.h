/* SPDX-License-Identifier: MIT */
/* Content of a file as memory: a dataspace that is mapped here. */
#ifndef BACKEND_CONTENT_H
#define BACKEND_CONTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <l4/re/c/dataspace.h>

struct content {
	l4re_ds_t memory; /* with one reference; L4_INVALID_CAP while the file is empty */
	char *address;
	size_t mapped; /* bytes, whole pages */
	uint64_t size;
	bool shared; /* mmap() has given it out: it must stay where it is */
};

/* Take over a dataspace of that size, to be read. 0 or -ENOMEM. */
long content_attach(struct content *content, l4re_ds_t memory, uint64_t size);
/* Give all back. */
void content_release(struct content *content);
/* Make the file larger or smaller; new bytes are 0. 0, -ENOMEM, -EFBIG, -EBUSY (mapped elsewhere).
 */
long content_resize(struct content *content, uint64_t size);
/* Let the first size bytes, which the file has, have memory. 0 or -ENOSPC. */
long content_reserve(struct content *content, uint64_t size);
/* Copy out; how many bytes. */
long content_read(const struct content *content, void *data, size_t bytes, uint64_t position);
/* Copy in, after growing if necessary. */
long content_write(struct content *content, const void *data, size_t bytes, uint64_t position);
/* The dataspace, with one more reference; -ENXIO for an empty file. */
long content_memory(const struct content *content, l4re_ds_t *memory);

#endif
