/* SPDX-License-Identifier: MIT */
/* Promises of moe's dataspaces: contents, rights, copies, charges, every documented error. */
#include "client.h"

#include <l4/sys/task.h>

enum { R = 4, W = 2, X = 1, RW = 6, PAGE = 4096, CONTINUOUS = 1, SUPER_PAGES = 4, LARGE = 1 << 21 };
#define AREA 0x200000000UL

static l4_cap_idx_t mem;
static l4_addr_t next_address = AREA;

/* Map a page of a dataspace at a new address. NULL: error, which *err says. */
static volatile l4_umword_t *map_page(l4_cap_idx_t ds, l4_uint64_t offset, unsigned flags,
				      long *err)
{
	l4_addr_t at = next_address;

	next_address += PAGE;
	*err = ds_map(ds, offset, flags, at, 12, NULL);
	return *err < 0 ? NULL : (volatile l4_umword_t *)at;
}

static l4_cap_idx_t new_ds(l4_mword_t size)
{
	l4_cap_idx_t ds = cap_new();
	long err = create_ds(mem, ds, size, 0, 0);

	if (err < 0)
		tap_bail("no dataspace of %ld bytes: %ld", size, err);
	return ds;
}

static void contents(void)
{
	l4_cap_idx_t ds = new_ds(3 * PAGE - 5);
	l4_uint64_t size = 0;
	l4_umword_t flags = 0;
	volatile l4_umword_t *a, *b;
	long err;

	tap_is(ds_info(ds, &size, &flags), 0, "info answers");
	tap_is((long)size, 3 * PAGE - 5, "the size is as asked for");
	tap_is((long)flags & 7, R | W | X, "new memory allows everything");
	a = map_page(ds, PAGE, RW, &err);
	tap_is(err, 0, "a page can be mapped");
	tap_is((long)a[7], 0, "new memory is zero");
	a[7] = 1234;
	b = map_page(ds, PAGE, R, &err);
	tap_is((long)b[7], 1234, "a second mapping shows the same page");
	tap_is(ds_clear(ds, PAGE, PAGE), 0, "a page can be cleared");
	b = map_page(ds, PAGE, R, &err);
	tap_is((long)b[7], 0, "a cleared page is zero");
	a = map_page(ds, 2 * PAGE, RW, &err);
	a[0] = 5;
	a[511] = 6;
	tap_is(ds_clear(ds, 2 * PAGE, 8), 0, "a part of a page can be cleared");
	tap_ok(a[0] == 0 && a[511] == 6, "only that part is zero");
	cap_release(ds);
}

static void wrong_requests(void)
{
	l4_cap_idx_t ds = new_ds(2 * PAGE), slot = cap_new(), ro = cap_new();
	long err;

	tap_is(create_ds(mem, slot, 0, 0, 0), -L4_ERANGE, "size 0 is refused");
	tap_is(create_ds(mem, slot, -PAGE, 0, 0), -L4_ERANGE, "negative size needs contiguous");
	tap_is(create_ds(mem, slot, 1L << 50, 0, 0), -L4_ENOMEM, "a gigantic one is refused");
	map_page(ds, 2 * PAGE, R, &err);
	tap_is(err, -L4_ERANGE, "mapping beyond the end is refused");
	tap_is(ds_clear(ds, PAGE, 2 * PAGE), -L4_ERANGE, "clearing beyond the end is refused");
	tap_is(ds_clear(ds, ~0UL, 2), -L4_ERANGE, "a range that wraps is refused");
	tap_is(ds_allocate(ds, 0, 3 * PAGE), -L4_ERANGE, "allocating beyond the end is refused");
	tap_is(ds_range(ds, 77, 0, 0), -L4_ENOSYS, "an unknown operation is refused");
	l4_task_map(L4_BASE_TASK_CAP, L4_BASE_TASK_CAP, l4_obj_fpage(ds, 0, L4_CAP_FPAGE_RO),
		    ro | L4_ITEM_MAP);
	map_page(ro, 0, RW, &err);
	tap_is(err, -L4_EPERM, "a read-only capability cannot be mapped writable");
	map_page(ro, 0, R, &err);
	tap_is(err, 0, "but read-only");
	tap_is(ds_clear(ro, 0, PAGE), -L4_EACCESS, "nor be cleared");
	tap_is(ds_copy(ro, 0, ds, 0, PAGE), -L4_EACCESS, "nor be copied to");
	tap_is(ds_copy(ds, 0, L4_BASE_LOG_CAP, 0, PAGE), -L4_EINVAL,
	       "a log is no source of a copy");
	tap_is(ds_copy(ds, 0, mem, 0, PAGE), -L4_EINVAL, "nor is a factory");
	tap_is(ds_copy(ds, 0, ro, 0, 0), 0, "a copy of nothing is fine");
	cap_release(ro);
	cap_release(ds);
}

static void copies(void)
{
	l4_cap_idx_t from = new_ds(4 * PAGE), to = new_ds(4 * PAGE), third = new_ds(4 * PAGE);
	volatile l4_umword_t *source, *copy, *other;
	long err;

	source = map_page(from, PAGE, RW, &err);
	source[3] = 33;
	tap_is(ds_copy(to, 2 * PAGE, from, PAGE, PAGE), 0, "a page can be copied");
	copy = map_page(to, 2 * PAGE, R, &err);
	tap_is((long)copy[3], 33, "the copy has the contents");
	source = map_page(from, PAGE, RW, &err);
	source[3] = 44;
	copy = map_page(to, 2 * PAGE, R, &err);
	tap_is((long)copy[3], 33, "a write to the source does not reach the copy");
	tap_is(ds_copy(third, 0, to, 2 * PAGE, PAGE), 0, "a copy can be copied");
	copy = map_page(to, 2 * PAGE, RW, &err);
	copy[3] = 55;
	other = map_page(third, 0, R, &err);
	tap_is((long)other[3], 33, "a write to the copy does not reach its copy");
	source = map_page(from, PAGE, R, &err);
	tap_is((long)source[3], 44, "nor the source");
	tap_is(ds_copy(third, 8, from, PAGE + 16, 100), 0, "a copy at odd offsets");
	other = map_page(third, 0, R, &err);
	tap_is((long)other[2], 44, "has the right bytes");
	tap_is(ds_copy(third, 3 * PAGE, from, 3 * PAGE, 5 * PAGE), 0, "a copy is cut at the ends");
	cap_release(from);
	other = map_page(third, 0, R, &err);
	tap_is((long)other[2], 44, "copies outlive their source");
	cap_release(to);
	cap_release(third);
}

/* A stale mapping must not show a page that has gone to the copy. */
static void writable_mappings_are_taken_back(void)
{
	l4_cap_idx_t from = new_ds(PAGE), to = new_ds(PAGE);
	l4_addr_t at = 0;
	volatile l4_umword_t *mapped;
	long err;

	tap_is(rm_attach(env->rm, &at, PAGE, RW | 0x20000, from, L4_CAP_FPAGE_RW, 0, 12), 0,
	       "attach the source of a copy");
	mapped = (volatile l4_umword_t *)at;
	*mapped = 1;
	tap_is(ds_copy(to, 0, from, 0, PAGE), 0, "copy it while it is mapped writable");
	*mapped = 2;
	mapped = map_page(to, 0, R, &err);
	tap_is((long)*mapped, 1, "a write through the old mapping does not reach the copy");
	tap_is((long)*(volatile l4_umword_t *)at, 2, "but the source");
	cap_release(from);
	cap_release(to);
	tap_is((long)*(volatile l4_umword_t *)at, 2, "attached memory outlives the capability");
	rm_detach(env->rm, at, PAGE, 2, &at, &(unsigned long){ 0 });
}

/* A reader of a shared page must see what a writer of the same dataspace makes of it. */
static void readers_see_the_copy(void)
{
	l4_cap_idx_t from = new_ds(PAGE), to = new_ds(PAGE);
	l4_addr_t reader = 0, writer = 0;
	unsigned long size;

	ds_copy(from, 0, to, 0, PAGE);
	rm_attach(env->rm, &writer, PAGE, RW | 0x20000, from, L4_CAP_FPAGE_RW, 0, 12);
	*(volatile l4_umword_t *)writer = 1;
	rm_detach(env->rm, writer, PAGE, 2, &writer, &size);
	tap_is(ds_copy(to, 0, from, 0, PAGE), 0, "copy a page");
	reader = writer = 0;
	rm_attach(env->rm, &reader, PAGE, R | 0x20000, to, L4_CAP_FPAGE_RO, 0, 12);
	rm_attach(env->rm, &writer, PAGE, RW | 0x20000, to, L4_CAP_FPAGE_RW, 0, 12);
	tap_is((long)*(volatile l4_umword_t *)reader, 1, "the copy is mapped for reading");
	*(volatile l4_umword_t *)writer = 2;
	tap_is((long)*(volatile l4_umword_t *)reader, 2, "and shows what is written to it later");
	rm_detach(env->rm, reader, PAGE, 2, &reader, &size);
	rm_detach(env->rm, writer, PAGE, 2, &writer, &size);
	cap_release(from);
	cap_release(to);
}

static void contiguous(void)
{
	l4_cap_idx_t ds = cap_new();
	unsigned order = 0;
	volatile l4_umword_t *page;
	long err;

	tap_is(create_ds(mem, ds, 0x400000, CONTINUOUS, 21), 0, "contiguous memory");
	tap_is(ds_map(ds, 0, RW, 0x240000000, 22, &order), 0, "it can be mapped");
	tap_ok(order >= 21, "in a large page, as it is aligned (order %u)", order);
	tap_is((long)*(volatile l4_umword_t *)0x240000000, 0, "it is zero");
	cap_release(ds);
	ds = cap_new();
	tap_is(create_ds(mem, ds, 3 * PAGE, CONTINUOUS, 0), 0, "three pages in a row");
	page = map_page(ds, 2 * PAGE, RW, &err);
	page[1] = 9;
	tap_is(ds_clear(ds, 0, 3 * PAGE), 0, "can be cleared");
	tap_is((long)page[1], 0, "and are zero then");
	cap_release(ds);
	ds = cap_new();
	tap_is(create_ds(mem, ds, 0x200000, SUPER_PAGES, 21), 0, "memory in super pages");
	tap_is(ds_map(ds, 0, RW, 0x250000000, 21, &order), 0, "can be mapped");
	tap_is(order, 21, "in a super page");
	cap_release(ds);
}

static void charges(void)
{
	l4_cap_idx_t f = cap_new(), ds = cap_new(), copy = cap_new();
	l4_umword_t before;
	long err;

	tap_is(create_factory(mem, f, 64 * PAGE), 0, "a factory with 64 pages");
	tap_is(create_ds(f, ds, 1000 * PAGE, 0, 0), 0, "a large dataspace costs nothing yet");
	before = memory_stats(f).used;
	map_page(ds, 0, R, &err);
	tap_ok(memory_stats(f).used >= before + PAGE, "a page is charged when it is touched");
	tap_is(create_ds(f, copy, 1000 * PAGE, 0, 0), 0, "a second one");
	before = memory_stats(f).used;
	tap_is(ds_copy(copy, 0, ds, 0, PAGE), 0, "copy the page");
	tap_ok(memory_stats(f).used >= before + PAGE, "whoever shares a page pays for it");
	tap_is(ds_allocate(ds, 0, 1000 * PAGE), -L4_ENOMEM, "the quota ends it");
	map_page(ds, 999 * PAGE, R, &err);
	tap_is(err, -L4_ENOMEM, "for mappings too");
	tap_ok(memory_stats(f).used <= 64 * PAGE, "nothing is used beyond the quota");
	tap_is(ds_clear(ds, 0, 1000 * PAGE), 0, "clearing");
	tap_is(ds_allocate(ds, 10 * PAGE, 8 * PAGE), 0, "gives pages back");
	cap_release(ds);
	cap_release(copy);
	tap_ok(memory_settles(f, 0), "when the dataspaces are gone nothing is charged");
	cap_release(f);
}

/* Write something into all pages of a dataspace and give it back: moe has memory that is not zero.
 */
static void dirty_some_memory(l4_uint64_t bytes)
{
	l4_umword_t before = memory_stats(mem).used;
	l4_cap_idx_t ds = new_ds((l4_mword_t)bytes);
	long err;

	for (l4_uint64_t at = 0; at < bytes; at += PAGE) {
		volatile l4_umword_t *page = map_page(ds, at, RW, &err);

		for (unsigned i = 0; page && i < PAGE / sizeof(*page); i++)
			page[i] = ~0UL;
	}
	cap_release(ds);
	memory_settles(mem, before);
}

/* A large page that is shown at address. */
static bool is_zero(l4_addr_t address, l4_umword_t bytes)
{
	const volatile l4_umword_t *words = (const volatile l4_umword_t *)address;

	for (l4_umword_t i = 0; i < bytes / sizeof(*words); i++)
		if (words[i])
			return false;
	return true;
}

static void reserved_large_pages(void)
{
	l4_cap_idx_t ds = cap_new();
	l4_umword_t before;

	dirty_some_memory(4 * LARGE);
	create_ds(mem, ds, 4 * LARGE, SUPER_PAGES, 0);
	before = memory_stats(mem).used;
	tap_is(ds_allocate(ds, 0, 4 * LARGE), 0, "large pages are reserved");
	tap_ok(memory_stats(mem).used >= before + 4 * LARGE, "and charged");
	before = memory_stats(mem).used;
	ds_map(ds, LARGE, RW, 0x260000000, 21, NULL);
	ds_map(ds, 3 * LARGE, R, 0x260200000, 21, NULL);
	tap_ok(is_zero(0x260000000, 2 * LARGE), "they are zero when somebody sees them");
	*(volatile l4_umword_t *)0x260000008 = 7;
	tap_is(ds_allocate(ds, 0, 4 * LARGE), 0, "reserving them again");
	tap_is(*(volatile l4_umword_t *)0x260000008, 7, "leaves what is in them");
	tap_is((long)memory_stats(mem).used, (long)before, "and takes nothing");
	cap_release(ds);
}

static void reserved_pages(void)
{
	l4_cap_idx_t ds, from;
	volatile l4_umword_t *page;
	long err;

	dirty_some_memory(64 * PAGE);
	ds = new_ds(32 * PAGE);
	from = new_ds(32 * PAGE);
	tap_is(ds_allocate(ds, 0, 32 * PAGE), 0, "small pages are reserved");
	tap_is(ds_allocate(from, 0, 32 * PAGE), 0, "and others");
	page = map_page(ds, 0, RW, &err);
	tap_ok(is_zero((l4_addr_t)page, PAGE), "they are zero");
	page[1] = 5;
	tap_is(ds_copy(ds, 0, from, 0, PAGE), 0, "a reserved page is copied");
	page = map_page(ds, 0, RW, &err);
	tap_ok(is_zero((l4_addr_t)page, PAGE), "that makes zeros");
	page[1] = 5;
	tap_is(ds_copy(ds, 4, from, 4, 100), 0, "a part of one is copied");
	tap_is((long)page[1], 0, "that makes zeros too");
	tap_is(ds_clear(ds, PAGE, 8), 0, "a part of one is cleared");
	tap_ok(is_zero((l4_addr_t)map_page(ds, PAGE, R, &err), PAGE), "and all of it is zero");
	*map_page(from, 2 * PAGE, RW, &err) = 6;
	tap_is(ds_copy(ds, 2 * PAGE + 8, from, 2 * PAGE, 8), 0, "a word is copied into one");
	page = map_page(ds, 2 * PAGE, R, &err);
	tap_ok(page[1] == 6 && !page[0] && is_zero((l4_addr_t)(page + 2), PAGE - 16),
	       "and all else in it is zero");
	cap_release(ds);
	cap_release(from);
}

static void no_page_is_lost(void)
{
	l4_umword_t before = memory_stats(mem).used;
	l4_cap_idx_t ds = cap_new();
	bool good = true;

	for (unsigned i = 0; i < 500; i++) {
		good &= create_ds(mem, ds, 20 * PAGE, i & 1, 0) == 0;
		good &= ds_allocate(ds, 0, 20 * PAGE) == 0;
		cap_release(ds);
	}
	tap_ok(good, "500 dataspaces, one after the other");
	tap_ok(memory_settles(mem, before), "leave nothing behind");
}

void test_main(void)
{
	mem = env->mem_alloc;
	contents();
	wrong_requests();
	copies();
	writable_mappings_are_taken_back();
	readers_see_the_copy();
	contiguous();
	charges();
	reserved_large_pages();
	reserved_pages();
	no_page_is_lost();
}
