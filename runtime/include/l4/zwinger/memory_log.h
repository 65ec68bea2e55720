/* SPDX-License-Identifier: MIT */
/*
 * The dataspace of the log server: the last lines of all its clients, for whoever can read memory
 * but has no console. At its start lies the header, then the text, a ring of text_size bytes: the
 * byte number n ever written (from 0) lies at n % text_size.
 *
 * To read without a lock: take begin, copy the bytes from there to end, take begin again; what is
 * before the second one may have been overwritten during the copy.
 */
#ifndef L4_ZWINGER_MEMORY_LOG_H
#define L4_ZWINGER_MEMORY_LOG_H

#include <l4/sys/compiler.h>
#include <l4/sys/l4int.h>

#define L4_MEMORY_LOG_MAGIC 0x31474f4c4d454dULL /* "MEMLOG1" */

typedef struct l4_memory_log_t {
	l4_uint64_t magic;
	l4_uint64_t text_offset; /* bytes from the header to the ring */
	l4_uint64_t text_size;	 /* bytes of the ring */
	l4_uint64_t begin;	 /* number of the oldest byte that is there */
	l4_uint64_t end;	 /* number of the byte that comes next */
} l4_memory_log_t;

L4_STATIC_ASSERT(sizeof(l4_memory_log_t) == 40);

#endif
