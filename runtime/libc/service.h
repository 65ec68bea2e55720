/* SPDX-License-Identifier: MIT */
/*
 * C library for services without a file system or a pager behind them: the root task. Such a
 * program is built with $(call service,...) of runtime/runtime.mk and begins in main() like any
 * other: argv is its command line as boot module, environ is empty, l4_global_kip is set, TLS and
 * constructors are ready, threads can be made. Standard output and error go to the kernel log;
 * everything that has to do with files fails to link, or with EBADF.
 *
 * The program brings the functions below. They are called before main(), and by any thread.
 */
#ifndef LIBC_SERVICE_H
#define LIBC_SERVICE_H

#include <stddef.h>
#include <l4/sys/types.h>

/* bytes (a multiple of the page size) of zeroed memory, page-aligned, mapped; NULL if none is left.
 * Calls are serialized by the library. */
void *service_memory_alloc(size_t bytes);
/* Give such memory back, whole or a page-aligned part of it. */
void service_memory_free(void *start, size_t bytes);

/* An empty capability slot, or L4_INVALID_CAP; and give it back, empty. */
l4_cap_idx_t service_cap_alloc(void);
void service_cap_free(l4_cap_idx_t cap);

/* Address range of the task, page-aligned, where nothing is and that the library can have for the
 * UTCBs of threads: each page there makes 4. */
extern const l4_addr_t service_utcbs_start, service_utcbs_end;

#endif
