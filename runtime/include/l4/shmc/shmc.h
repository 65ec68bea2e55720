/* SPDX-License-Identifier: MIT */
/*
 * Shared memory between programs: an area has chunks of memory, each with one producer and one
 * consumer, and signals that wake a partner. The area's name is that of a namespace in both
 * programs' environments, where its dataspace and its signals are registered.
 *
 * Names have at most 15 characters. Results are 0 or positive, or a negative error. Memory that a
 * partner can write is never trusted: offsets and sizes are checked and copied.
 */
#ifndef L4_SHMC_SHMC_H
#define L4_SHMC_SHMC_H

#include <l4/shmc/types.h>
#include <l4/sys/compiler.h>
#include <l4/sys/err.h>
#include <l4/sys/ipc.h>
#include <l4/sys/types.h>

EXTERN_C_BEGIN

/* --- Areas --- */

/* Make an area of shm_size bytes. -L4_ENOENT: no namespace of that name; -L4_EEXIST; -L4_ENOMEM. */
L4_CV long l4shmc_create(const char *shmc_name, l4_umword_t shm_size);

/* Attach to an area, waiting for it for at most timeout_ms milliseconds. -L4_ENOENT. */
L4_CV long l4shmc_attach_to(const char *shmc_name, l4_umword_t timeout_ms, l4shmc_area_t *shmarea);

/* Bytes of the area that no chunk has; l4shmc_chunk_overhead() of them are for a chunk's header. */
L4_CV long l4shmc_area_size_free(l4shmc_area_t *shmarea);

/* Bytes that the area's own header takes. */
L4_CV long l4shmc_area_overhead(void);

/* --- Chunks --- */

/* Add a chunk with room for chunk_capacity bytes. -L4_EEXIST, -L4_ENOMEM, -L4_EINVAL (name). */
L4_CV long l4shmc_add_chunk(l4shmc_area_t *shmarea, const char *chunk_name,
			    l4_umword_t chunk_capacity, l4shmc_chunk_t *chunk);

/* Find a chunk, waiting for it for at most timeout_ms milliseconds. -L4_ENOENT. */
L4_CV long l4shmc_get_chunk_to(l4shmc_area_t *shmarea, const char *chunk_name,
			       l4_umword_t timeout_ms, l4shmc_chunk_t *chunk);

/* Name of the chunk after that of offs (0: the first). Returns the next offs; 0 after the last. */
L4_CV long l4shmc_iterate_chunk(l4shmc_area_t *shmarea, const char **chunk_name, long offs);

/* Let the chunk tell its consumer by this signal, or wait for its producer by it. */
L4_CV long l4shmc_connect_chunk_signal(l4shmc_chunk_t *chunk, l4shmc_signal_t *signal);

/* Bytes that a chunk's header takes. */
L4_CV long l4shmc_chunk_overhead(void);

/* --- Signals --- */

/* Make a signal. -L4_EEXIST, -L4_ENOMEM. */
L4_CV long l4shmc_add_signal(l4shmc_area_t *shmarea, const char *signal_name,
			     l4shmc_signal_t *signal);

/* Find a signal, waiting for at most timeout_ms milliseconds, and let it wake the thread. */
L4_CV long l4shmc_attach_signal_to(l4shmc_area_t *shmarea, const char *signal_name,
				   l4_cap_idx_t thread, l4_umword_t timeout_ms,
				   l4shmc_signal_t *signal);

/* Find a signal, to trigger it. */
L4_CV long l4shmc_get_signal_to(l4shmc_area_t *shmarea, const char *signal_name,
				l4_umword_t timeout_ms, l4shmc_signal_t *signal);

/* Trigger a signal. */
L4_CV long l4shmc_trigger(l4shmc_signal_t *signal);

/* Let a signal wake the thread that waits for any: before the first such wait, and after each. */
L4_CV long l4shmc_enable_signal(l4shmc_signal_t *signal);

/* The same for the signal of a chunk. */
L4_CV long l4shmc_enable_chunk(l4shmc_chunk_t *chunk);

/* Wait for any signal of the calling thread. */
L4_CV long l4shmc_wait_any_to(l4_timeout_t timeout, l4shmc_signal_t **retsignal);

/* Enable the signal and wait for it. */
L4_CV long l4shmc_wait_signal_to(l4shmc_signal_t *signal, l4_timeout_t timeout);

/* Wait for the signal of a chunk. */
L4_CV long l4shmc_wait_chunk_to(l4shmc_chunk_t *chunk, l4_timeout_t timeout);

EXTERN_C_END

/* --- The same without waiting, or with waiting for ever --- */

L4_INLINE long l4shmc_attach(const char *shmc_name, l4shmc_area_t *shmarea)
{
	return l4shmc_attach_to(shmc_name, 0, shmarea);
}

L4_INLINE long l4shmc_get_chunk(l4shmc_area_t *shmarea, const char *chunk_name,
				l4shmc_chunk_t *chunk)
{
	return l4shmc_get_chunk_to(shmarea, chunk_name, 0, chunk);
}

L4_INLINE long l4shmc_attach_signal(l4shmc_area_t *shmarea, const char *signal_name,
				    l4_cap_idx_t thread, l4shmc_signal_t *signal)
{
	return l4shmc_attach_signal_to(shmarea, signal_name, thread, 0, signal);
}

L4_INLINE long l4shmc_get_signal(l4shmc_area_t *shmarea, const char *signal_name,
				 l4shmc_signal_t *signal)
{
	return l4shmc_get_signal_to(shmarea, signal_name, 0, signal);
}

L4_INLINE long l4shmc_wait_any(l4shmc_signal_t **retsignal)
{
	return l4shmc_wait_any_to(L4_IPC_NEVER, retsignal);
}

L4_INLINE long l4shmc_wait_any_try(l4shmc_signal_t **retsignal)
{
	return l4shmc_wait_any_to(L4_IPC_BOTH_TIMEOUT_0, retsignal);
}

L4_INLINE long l4shmc_wait_signal(l4shmc_signal_t *signal)
{
	return l4shmc_wait_signal_to(signal, L4_IPC_NEVER);
}

L4_INLINE long l4shmc_wait_signal_try(l4shmc_signal_t *signal)
{
	return l4shmc_wait_signal_to(signal, L4_IPC_BOTH_TIMEOUT_0);
}

L4_INLINE long l4shmc_wait_chunk(l4shmc_chunk_t *chunk)
{
	return l4shmc_wait_chunk_to(chunk, L4_IPC_NEVER);
}

L4_INLINE long l4shmc_wait_chunk_try(l4shmc_chunk_t *chunk)
{
	return l4shmc_wait_chunk_to(chunk, L4_IPC_BOTH_TIMEOUT_0);
}

/* --- Use of a chunk --- */

/* Take a clear chunk to write to it. 0, or -L4_EPERM. */
L4_INLINE long l4shmc_chunk_try_to_take(l4shmc_chunk_t *chunk)
{
	l4_umword_t clear = L4SHMC_CHUNK_CLEAR;

	return __atomic_compare_exchange_n(&chunk->chunk->status, &clear,
					   (l4_umword_t)L4SHMC_CHUNK_BUSY, 0, __ATOMIC_ACQUIRE,
					   __ATOMIC_RELAXED)
		   ? 0
		   : -L4_EPERM;
}

/* Give size bytes of data to the consumer. 0, or -L4_EINVAL. */
L4_INLINE long l4shmc_chunk_ready(l4shmc_chunk_t *chunk, l4_umword_t size)
{
	if (size > chunk->capacity)
		return -L4_EINVAL;
	chunk->chunk->size = size;
	__atomic_store_n(&chunk->chunk->status, (l4_umword_t)L4SHMC_CHUNK_READY, __ATOMIC_RELEASE);
	return 0;
}

/* l4shmc_chunk_ready(), and trigger the chunk's signal. */
L4_INLINE long l4shmc_chunk_ready_sig(l4shmc_chunk_t *chunk, l4_umword_t size)
{
	long result = l4shmc_chunk_ready(chunk, size);

	return result < 0 ? result : l4shmc_trigger(chunk->signal);
}

/* Give the chunk back to its producer. */
L4_INLINE long l4shmc_chunk_consumed(l4shmc_chunk_t *chunk)
{
	__atomic_store_n(&chunk->chunk->status, (l4_umword_t)L4SHMC_CHUNK_CLEAR, __ATOMIC_RELEASE);
	return 0;
}

/* 1 if the chunk has data for the consumer. */
L4_INLINE long l4shmc_is_chunk_ready(l4shmc_chunk_t *chunk)
{
	return __atomic_load_n(&chunk->chunk->status, __ATOMIC_ACQUIRE) == L4SHMC_CHUNK_READY;
}

/* 1 if the producer can take the chunk. */
L4_INLINE long l4shmc_is_chunk_clear(l4shmc_chunk_t *chunk)
{
	return __atomic_load_n(&chunk->chunk->status, __ATOMIC_ACQUIRE) == L4SHMC_CHUNK_CLEAR;
}

/* The data. */
L4_INLINE void *l4shmc_chunk_ptr(l4shmc_chunk_t *chunk)
{
	return chunk->chunk + 1;
}

/* Bytes of data; never above the capacity. */
L4_INLINE long l4shmc_chunk_size(l4shmc_chunk_t *chunk)
{
	l4_umword_t size = __atomic_load_n(&chunk->chunk->size, __ATOMIC_RELAXED);

	return (long)(size < chunk->capacity ? size : chunk->capacity);
}

/* Bytes that there is room for. */
L4_INLINE long l4shmc_chunk_capacity(l4shmc_chunk_t *chunk)
{
	return (long)chunk->capacity;
}

/* The connected signal, or NULL. */
L4_INLINE l4shmc_signal_t *l4shmc_chunk_signal(l4shmc_chunk_t *chunk)
{
	return chunk->signal;
}

/* The signal's interrupt. */
L4_INLINE l4_cap_idx_t l4shmc_signal_cap(l4shmc_signal_t *signal)
{
	return signal->cap;
}

/* 1 if the header of the chunk is whole. */
L4_INLINE long l4shmc_check_magic(l4shmc_chunk_t *chunk)
{
	return chunk->chunk->magic == L4SHMC_CHUNK_MAGIC;
}

/* Bytes of the area. */
L4_INLINE long l4shmc_area_size(l4shmc_area_t *shmarea)
{
	return (long)shmarea->size;
}

#endif
