/* SPDX-License-Identifier: MIT */
/* Content of a file as memory. It grows by moving into a dataspace of twice the size. */
#include "backend/content.h"
#include "backend/region.h"
#include "backend/thread.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include <l4/re/c/util/cap_alloc.h>
#include <l4/sys/consts.h>

#define SIZE_LIMIT (1UL << 40)

static size_t pages(uint64_t size)
{
	return (size + L4_PAGESIZE - 1) & ~(L4_PAGESIZE - 1UL);
}

static long map(struct content *content, l4re_ds_t memory, size_t bytes, unsigned protection)
{
	struct region like = { .memory = memory, .protection = protection };
	l4_addr_t start = 0;
	long error;

	l4re_util_cap_take(memory); /* for the region */
	lock_take(LOCK_MEMORY);
	error = region_add(&start, bytes, false, &like);
	lock_free(LOCK_MEMORY);
	if (error) {
		l4re_util_cap_release(memory);
		return error;
	}
	content->memory = memory;
	content->address = (char *)start;
	content->mapped = bytes;
	return 0;
}

long content_attach(struct content *content, l4re_ds_t memory, uint64_t size)
{
	*content = (struct content){ .memory = memory, .size = size };
	return size ? map(content, memory, pages(size), PROT_READ) : 0;
}

static void unmap(struct content *content)
{
	l4_addr_t start = (l4_addr_t)content->address;

	if (content->mapped) {
		lock_take(LOCK_MEMORY);
		region_remove(start, start + content->mapped);
		lock_free(LOCK_MEMORY);
	}
	if (l4_is_valid_cap(content->memory))
		l4re_util_cap_release(content->memory);
}

void content_release(struct content *content)
{
	unmap(content);
	*content = (struct content){ .memory = L4_INVALID_CAP };
}

static long grow(struct content *content, uint64_t size)
{
	size_t bytes = pages(size > content->mapped * 2 ? size : content->mapped * 2);
	struct content larger = *content;
	l4re_ds_t memory;
	long error;

	if (size > SIZE_LIMIT)
		return -EFBIG;
	if (content->shared)
		return -EBUSY;
	memory = region_memory(bytes);
	if (l4_is_invalid_cap(memory))
		return -ENOMEM;
	error = map(&larger, memory, bytes, PROT_READ | PROT_WRITE);
	if (error) {
		l4re_util_cap_release(memory);
		return error;
	}
	memcpy(larger.address, content->address, content->size);
	unmap(content);
	*content = larger;
	return 0;
}

long content_resize(struct content *content, uint64_t size)
{
	long error = size > content->mapped ? grow(content, size) : 0;

	if (error)
		return error;
	if (size < content->size)
		memset(content->address + size, 0, content->size - size);
	content->size = size;
	return 0;
}

long content_reserve(struct content *content, uint64_t size)
{
	return l4re_ds_allocate(content->memory, 0, size) < 0 ? -ENOSPC : 0;
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

	if (position > SIZE_LIMIT || bytes > SIZE_LIMIT)
		return -EFBIG;
	if (bytes && position + bytes > content->size)
		error = content_resize(content, position + bytes);
	if (error)
		return error;
	memcpy(content->address + position, data, bytes);
	return (long)bytes;
}

long content_memory(const struct content *content, l4re_ds_t *memory)
{
	if (l4_is_invalid_cap(content->memory))
		return -ENXIO;
	l4re_util_cap_take(content->memory);
	*memory = content->memory;
	return 0;
}
