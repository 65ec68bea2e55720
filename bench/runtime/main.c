/* SPDX-License-Identifier: MIT */
/* What the services of the runtime cost a program, one row an operation (bench/README.md). */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <l4/re/c/dataspace.h>
#include <l4/re/c/log.h>
#include <l4/re/c/mem_alloc.h>
#include <l4/re/c/namespace.h>
#include <l4/re/c/rm.h>
#include <l4/re/c/util/cap_alloc.h>
#include <l4/re/env.h>
#include <l4/sys/err.h>
#include "runtime/sample.h"

enum { ALL = SAMPLES + SAMPLES_WARM_UP };

static void must(long result, const char *what)
{
	if (result >= 0)
		return;
	printf("bench: %s: %s\n", what, l4sys_errtostr(result));
	exit(1);
}

static char *attach(l4re_ds_t ds, unsigned long bytes)
{
	void *start = NULL;

	must(l4re_rm_attach(&start, bytes, L4RE_RM_F_SEARCH_ADDR | L4RE_RM_F_RW,
			    ds | L4_CAP_FPAGE_RW, 0, L4_PAGESHIFT),
	     "attach");
	return start;
}

static void page_fault(void)
{
	struct sample_row row = { .id = "page_fault" };
	l4re_ds_t ds = l4re_util_cap_alloc();
	volatile char *memory;

	must(l4re_ma_alloc(ALL * L4_PAGESIZE, ds, 0), "allocate");
	for (memory = attach(ds, ALL * L4_PAGESIZE); sample_next(&row); memory += L4_PAGESIZE) {
		*memory = 1;
		sample_end(&row);
	}
	sample_print(&row);
}

static void dataspace(void)
{
	struct sample_row make = { .id = "dataspace_attach" }, end = { .id = "dataspace_detach" };
	l4re_ds_t ds, gone;
	char *memory;

	while (sample_next(&make)) {
		ds = l4re_util_cap_alloc();
		must(l4re_ma_alloc(L4_PAGESIZE, ds, 0), "allocate");
		memory = attach(ds, L4_PAGESIZE);
		sample_end(&make);
		sample_next(&end);
		must(l4re_rm_detach_ds(memory, &gone), "detach");
		l4re_util_cap_free_um(ds);
		sample_end(&end);
	}
	sample_print(&make);
	sample_print(&end);
}

static void dataspace_size(void)
{
	struct sample_row row = { .id = "moe_call" };
	l4re_ds_t ds = l4re_util_cap_alloc();

	must(l4re_ma_alloc(L4_PAGESIZE, ds, 0), "allocate");
	while (sample_next(&row)) {
		(void)l4re_ds_size(ds);
		sample_end(&row);
	}
	sample_print(&row);
}

static void namespace_query(void)
{
	struct sample_row row = { .id = "namespace_query" };
	l4_cap_idx_t rom = l4re_env_get_cap("rom"), slot = l4re_util_cap_alloc();

	while (sample_next(&row)) {
		must(l4re_ns_query_srv(rom, "bench-begin", slot), "query");
		sample_end(&row);
	}
	sample_print(&row);
}

static void log_write(void)
{
	struct sample_row row = { .id = "log_write" };

	while (sample_next(&row)) {
		l4re_log_print("a line of thirty-two characters\n");
		sample_end(&row);
	}
	sample_print(&row);
}

/* The last block of its size takes the memory of its kind with it, one that has neighbours not. */
static void allocate(const char *id, bool neighbour)
{
	struct sample_row row = { .id = id };
	void *volatile other = neighbour ? malloc(64) : NULL;

	while (sample_next(&row)) {
		void *volatile block = malloc(64);

		free(block);
		sample_end(&row);
	}
	free(other);
	sample_print(&row);
}

static void *nothing(void *data)
{
	return data;
}

static void thread(void)
{
	struct sample_row row = { .id = "pthread_create_join" };
	pthread_t t;

	while (sample_next(&row)) {
		must(-pthread_create(&t, NULL, nothing, NULL), "thread");
		pthread_join(t, NULL);
		sample_end(&row);
	}
	sample_print(&row);
}

int main(void)
{
	page_fault();
	dataspace();
	dataspace_size();
	namespace_query();
	log_write();
	allocate("malloc_free", true);
	allocate("malloc_free_last", false);
	thread();
	printf("bench end\n");
	return 0;
}
