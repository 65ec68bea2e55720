/* SPDX-License-Identifier: MIT */
/* A client of moe without a C library: its environment, and requests by name. */
#ifndef TEST_RUNTIME_CLIENT_H
#define TEST_RUNTIME_CLIENT_H

#include <stddef.h>
#include <l4/re/env.h>
#include <l4/re/protocols.h>
#include <l4/sys/err.h>
#include "tap.h"
#include "wire/wire.h"

extern l4re_env_t *env;

/* The test. */
void test_main(void);

/* What the program does as child, which has an argument; it sleeps then. Need not be there. */
void child_main(void) __attribute__((weak));

/* An empty slot. */
l4_cap_idx_t cap_new(void);
/* A capability of the environment; bails out if it is not there. */
l4_cap_idx_t cap_named(const char *name);
bool cap_exists(l4_cap_idx_t cap);
void cap_release(l4_cap_idx_t cap);

/* Memory statistics of a factory. */
struct memory_stats {
	l4_umword_t quota, used, limit, committed, free;
};
struct memory_stats memory_stats(l4_cap_idx_t factory);
/* Wait until the factory has used so many bytes; does it? */
bool memory_settles(l4_cap_idx_t factory, l4_umword_t used);

/* Requests; all return the label of the answer or an IPC error. */
long create(l4_cap_idx_t factory, long protocol, l4_cap_idx_t slot);
long create_ds(l4_cap_idx_t factory, l4_cap_idx_t slot, l4_mword_t size, unsigned flags,
	       unsigned align);
long create_factory(l4_cap_idx_t factory, l4_cap_idx_t slot, l4_mword_t limit);

long ds_map(l4_cap_idx_t ds, l4_uint64_t offset, unsigned flags, l4_addr_t at, unsigned order,
	    unsigned *mapped);
long ds_range(l4_cap_idx_t ds, unsigned op, l4_uint64_t offset, l4_uint64_t size);
#define ds_clear(ds, offset, size)    ds_range(ds, 1, offset, size)
#define ds_allocate(ds, offset, size) ds_range(ds, 4, offset, size)
long ds_info(l4_cap_idx_t ds, l4_uint64_t *size, l4_umword_t *flags);
long ds_copy(l4_cap_idx_t to, l4_uint64_t to_offset, l4_cap_idx_t from, l4_uint64_t from_offset,
	     l4_uint64_t size);

long rm_attach(l4_cap_idx_t rm, l4_addr_t *start, unsigned long size, unsigned flags,
	       l4_cap_idx_t ds, unsigned rights, l4_uint64_t offset, unsigned align);
long rm_replace(l4_cap_idx_t rm, l4_addr_t start, unsigned long size, unsigned flags,
		l4_cap_idx_t ds, unsigned rights);
long rm_detach(l4_cap_idx_t rm, l4_addr_t start, unsigned long size, unsigned flags,
	       l4_addr_t *taken, unsigned long *taken_size);
long rm_find(l4_cap_idx_t rm, l4_addr_t *start, unsigned long *size, unsigned *flags);
long rm_reserve(l4_cap_idx_t rm, l4_addr_t *start, unsigned long size, unsigned flags,
		unsigned align);
long rm_free_area(l4_cap_idx_t rm, l4_addr_t start);

long ns_query(l4_cap_idx_t ns, const char *name, l4_cap_idx_t slot, char *rest, size_t room);
long ns_register(l4_cap_idx_t ns, const char *name, unsigned flags, l4_cap_idx_t cap);
long ns_unlink(l4_cap_idx_t ns, const char *name);

#endif
