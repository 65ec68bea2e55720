/* SPDX-License-Identifier: MIT */
/* Pages of dataspaces: making, sharing, copying, freeing. */
#include <string.h>
#include <l4/sys/err.h>
#include "dataspace.h"
#include "moe.h"

/* What is freed at a time when a dataspace goes. */
enum { FREED_ENTRIES = 64, FREED_TABLES = 1024, FREED_BYTES = 1 << 21 };
/* What is worked on at a time, and for how many tables without pages that counts as a page. */
enum { WORKED_PAGES = 64, SKIPPED_TABLES = 256 };
enum { TABLE_SHIFT = 9, TABLE_ENTRIES = 512, DIRECTORY_MAX_ORDER = 10 };

/* Entry of a table: physical address of the page and these bits; 0: no page yet. */
enum {
	ENTRY_READ_ONLY = 1,   /* shared: copy before a write */
	ENTRY_STATIC = 2,      /* not our page */
	ENTRY_NOT_CLEARED = 4, /* reserved: nobody has seen it, and it counts as zero */
};
#define ENTRY_ADDRESS(entry) ((entry) & ~(PAGE_BYTES - 1))

static uint64_t page_bytes(const struct dataspace *d)
{
	return 1UL << d->shift;
}

uint64_t dataspace_rounded_size(const struct dataspace *d)
{
	return (d->size + page_bytes(d) - 1) & ~(page_bytes(d) - 1);
}

/* Bytes from offset to the end of its page of page bytes, at most size. */
static uint64_t rest_of(uint64_t offset, uint64_t page, uint64_t size)
{
	uint64_t rest = page - (offset & (page - 1));

	return rest < size ? rest : size;
}

static unsigned page_order(const struct dataspace *d)
{
	return d->shift - PAGE_SHIFT;
}

static uint64_t page_count(const struct dataspace *d)
{
	return dataspace_rounded_size(d) >> d->shift;
}

/* Bytes of the only table of a small dataspace, a piece of the heap; 0: tables are pages. */
static size_t small_table(const struct dataspace *d)
{
	uint64_t pages = page_count(d);

	return pages <= HEAP_MAX / sizeof(uint64_t) ? pages * sizeof(uint64_t) : 0;
}

static uint64_t new_table(struct dataspace *d)
{
	uint64_t table;

	if (small_table(d))
		return (uint64_t)factory_alloc(d->object.factory, small_table(d));
	table = factory_pages(d->object.factory, 0);
	if (table)
		memset((void *)table, 0, PAGE_BYTES);
	return table;
}

static void free_table(struct dataspace *d, uint64_t *slot)
{
	if (small_table(d))
		factory_free(d->object.factory, (void *)*slot);
	else
		factory_pages_free(d->object.factory, *slot, 0);
	*slot = 0;
}

/* Entry of page number n; NULL: its table is not there. */
static uint64_t *find_entry(const struct dataspace *d, uint64_t n)
{
	uint64_t *table = (uint64_t *)d->directory[n >> TABLE_SHIFT];

	return table ? &table[n & (TABLE_ENTRIES - 1)] : NULL;
}

static uint64_t *make_entry(struct dataspace *d, uint64_t n)
{
	uint64_t *slot = &d->directory[n >> TABLE_SHIFT];

	if (!*slot)
		*slot = new_table(d);
	return find_entry(d, n);
}

/* Give the page of an entry up. The caller has taken it away from programs if need be. */
static void drop_page(struct dataspace *d, uint64_t *entry)
{
	if (*entry && !(*entry & ENTRY_STATIC)) {
		pages_put(&moe.pages, ENTRY_ADDRESS(*entry), page_order(d));
		quota_release(&d->object.factory->quota, page_bytes(d));
	}
	*entry = 0;
}

static void revoke_page(const struct dataspace *d, uint64_t entry)
{
	if (entry)
		memory_revoke(ENTRY_ADDRESS(entry), page_bytes(d));
}

/* Does the entry (NULL: it has no table) stand for zeros that are nowhere? */
static bool is_blank(const uint64_t *entry)
{
	return !entry || !*entry || *entry & ENTRY_NOT_CLEARED;
}

/* A page for an entry without one. It is cleared when somebody is about to see it. */
static long reserve_page(struct dataspace *d, uint64_t *entry)
{
	uint64_t address = factory_pages(d->object.factory, page_order(d));

	if (!address)
		return -L4_ENOMEM;
	*entry = address | ENTRY_NOT_CLEARED;
	return 0;
}

/* A page of zeros for a blank entry. */
static long fill_page(struct dataspace *d, uint64_t *entry)
{
	long err = *entry ? 0 : reserve_page(d, entry);

	if (err)
		return err;
	*entry = ENTRY_ADDRESS(*entry);
	memset((void *)*entry, 0, page_bytes(d));
	return 0;
}

/* Make the page of a read-only entry the dataspace's own. */
static long unshare_page(struct dataspace *d, uint64_t *entry)
{
	uint64_t old = ENTRY_ADDRESS(*entry), copy;

	if (!(*entry & ENTRY_STATIC) && !pages_is_shared(&moe.pages, old)) {
		*entry = old;
		return 0;
	}
	copy = *entry & ENTRY_STATIC ? factory_pages(d->object.factory, 0)
				     : pages_alloc(&moe.pages, 0);
	if (!copy)
		return -L4_ENOMEM;
	memcpy((void *)copy, (const void *)old, PAGE_BYTES);
	memory_revoke(old, PAGE_BYTES);
	if (!(*entry & ENTRY_STATIC))
		pages_put(&moe.pages, old, 0);
	*entry = copy;
	return 0;
}

static long resolve_anonymous(struct dataspace *d, uint64_t offset, bool write, struct extent *e)
{
	uint64_t *entry = make_entry(d, offset >> d->shift);
	long err = 0;

	if (!entry)
		return -L4_ENOMEM;
	if (is_blank(entry))
		err = fill_page(d, entry);
	else if (write && (*entry & ENTRY_READ_ONLY))
		err = unshare_page(d, entry);
	if (err)
		return err;
	e->before = offset & (page_bytes(d) - 1);
	e->after = page_bytes(d) - e->before;
	e->address = ENTRY_ADDRESS(*entry) + e->before;
	e->rights = *entry & ENTRY_READ_ONLY ? d->rights & ~(unsigned)DATASPACE_W : d->rights;
	return 0;
}

long dataspace_resolve(struct dataspace *d, uint64_t offset, bool write, struct extent *e)
{
	if (write && !(d->rights & DATASPACE_W))
		return -L4_EPERM;
	if (d->kind == DATASPACE_ANONYMOUS)
		return resolve_anonymous(d, offset, write, e);
	*e = (struct extent){ .address = d->base + offset,
			      .before = offset,
			      .after = dataspace_rounded_size(d) - offset,
			      .rights = d->rights };
	return 0;
}

uint64_t dataspace_peek(const struct dataspace *d, uint64_t offset)
{
	const uint64_t *entry;

	if (d->kind != DATASPACE_ANONYMOUS)
		return d->base + offset;
	entry = find_entry(d, offset >> d->shift);
	if (is_blank(entry))
		return 0;
	return ENTRY_ADDRESS(*entry) + (offset & (page_bytes(d) - 1));
}

/* Clear bytes that lie in one page. */
static long clear_part(struct dataspace *d, uint64_t offset, uint64_t bytes)
{
	struct extent e;
	long err;

	if (!dataspace_peek(d, offset))
		return 0;
	err = dataspace_resolve(d, offset, true, &e);
	if (!err)
		memset((void *)e.address, 0, bytes);
	return err;
}

/*
 * Bytes from offset on that have no table, at most size. Sizes are not charged, tables are: who
 * asks for work on a large range pays for it or has it skipped, some tables at a time.
 */
static uint64_t absent_bytes(const struct dataspace *d, uint64_t offset, uint64_t size)
{
	uint64_t table_bytes = page_bytes(d) << TABLE_SHIFT, at = offset;

	if (d->kind != DATASPACE_ANONYMOUS)
		return 0;
	for (unsigned i = 0; i < SKIPPED_TABLES && at - offset < size; i++) {
		if (d->directory[at >> (d->shift + TABLE_SHIFT)])
			break;
		at = (at | (table_bytes - 1)) + 1;
	}
	return at - offset < size ? at - offset : size;
}

/* Clear bytes that lie in one page; a whole page is given back. */
static long clear_page(struct dataspace *d, uint64_t offset, uint64_t bytes)
{
	uint64_t *entry;

	if (d->kind != DATASPACE_ANONYMOUS || bytes < page_bytes(d) || d->pins)
		return clear_part(d, offset, bytes);
	entry = find_entry(d, offset >> d->shift);
	if (entry && *entry) {
		revoke_page(d, *entry);
		drop_page(d, entry);
	}
	return 0;
}

/* Clear the first bytes of the range, of one page or without any. *bytes = how many. */
static long clear_some(struct dataspace *d, uint64_t offset, uint64_t *bytes)
{
	uint64_t absent = absent_bytes(d, offset, *bytes);

	if (absent) {
		*bytes = absent;
		return 0;
	}
	*bytes = rest_of(offset, page_bytes(d), *bytes);
	return clear_page(d, offset, *bytes);
}

/* Can whole pages of `from` be shown in `to` instead of being copied? */
static bool can_share(const struct dataspace *to, const struct dataspace *from)
{
	if (to->kind != DATASPACE_ANONYMOUS || to->shift != PAGE_SHIFT || to->pins)
		return false;
	if (from->kind == DATASPACE_STATIC)
		return !(from->rights & DATASPACE_W);
	return from->kind == DATASPACE_ANONYMOUS && from->shift == PAGE_SHIFT && !from->pins;
}

/* The entry that shares a page of an anonymous dataspace; 0 for a blank one. */
static long share_anonymous(struct dataspace *to, struct dataspace *from, uint64_t n,
			    uint64_t *shared)
{
	uint64_t *entry = find_entry(from, n);

	*shared = 0;
	if (is_blank(entry))
		return 0;
	if (*entry & ENTRY_STATIC) {
		*shared = *entry;
		return 0;
	}
	if (!quota_charge(&to->object.factory->quota, PAGE_BYTES))
		return -L4_ENOMEM;
	if (!pages_share(&moe.pages, ENTRY_ADDRESS(*entry))) {
		quota_release(&to->object.factory->quota, PAGE_BYTES);
		return -L4_ENOMEM;
	}
	if (!(*entry & ENTRY_READ_ONLY))
		revoke_page(from, *entry);
	*entry |= ENTRY_READ_ONLY;
	*shared = *entry;
	return 0;
}

static long share_page(struct dataspace *to, uint64_t to_offset, struct dataspace *from,
		       uint64_t from_offset)
{
	uint64_t *entry = make_entry(to, to_offset >> PAGE_SHIFT), shared;
	long err = 0;

	if (!entry)
		return -L4_ENOMEM;
	if (from->kind == DATASPACE_STATIC)
		shared = (from->base + from_offset) | ENTRY_READ_ONLY | ENTRY_STATIC;
	else
		err = share_anonymous(to, from, from_offset >> PAGE_SHIFT, &shared);
	if (err)
		return err;
	revoke_page(to, *entry);
	drop_page(to, entry);
	*entry = shared;
	return 0;
}

static long copy_part(struct dataspace *to, uint64_t to_offset, const struct dataspace *from,
		      uint64_t from_offset, uint64_t bytes)
{
	uint64_t source = dataspace_peek(from, from_offset);
	struct extent e;
	long err;

	if (!source)
		return clear_part(to, to_offset, bytes);
	err = dataspace_resolve(to, to_offset, true, &e);
	if (err)
		return err;
	/* The copy may have moved the source's page as well. */
	memmove((void *)e.address, (const void *)dataspace_peek(from, from_offset), bytes);
	return 0;
}

/* Copy the first bytes of the range, of one page or absent ones. *bytes = how many. */
static long copy_some(struct dataspace *to, struct dataspace *from, const struct dataspace_work *w,
		      uint64_t *bytes)
{
	bool aligned = !((w->to_offset ^ w->from_offset) & (PAGE_BYTES - 1));
	uint64_t absent = absent_bytes(from, w->from_offset, *bytes);

	if (absent) {
		*bytes = absent;
		return clear_some(to, w->to_offset, bytes);
	}
	*bytes = rest_of(w->from_offset, PAGE_BYTES, rest_of(w->to_offset, PAGE_BYTES, *bytes));
	if (aligned && *bytes == PAGE_BYTES && can_share(to, from))
		return share_page(to, w->to_offset, from, w->from_offset);
	return copy_part(to, w->to_offset, from, w->from_offset, *bytes);
}

static long allocate_some(struct dataspace *d, uint64_t offset, uint64_t *bytes)
{
	struct extent e;

	*bytes = rest_of(offset, page_bytes(d), *bytes);
	return dataspace_resolve(d, offset, d->rights & DATASPACE_W, &e);
}

/* A page that is there is made the dataspace's own, so that no access needs memory later. */
static long reserve_some(struct dataspace *d, uint64_t offset, uint64_t *bytes)
{
	uint64_t *entry = NULL;

	if (d->kind == DATASPACE_ANONYMOUS)
		entry = make_entry(d, offset >> d->shift);
	if (!entry || !is_blank(entry))
		return allocate_some(d, offset, bytes);
	*bytes = rest_of(offset, page_bytes(d), *bytes);
	return *entry ? 0 : reserve_page(d, entry);
}

static long work_on_page(struct dataspace *to, struct dataspace *from,
			 const struct dataspace_work *w, uint64_t *bytes)
{
	*bytes = w->size;
	switch (w->task) {
	case DATASPACE_CLEAR:
		return clear_some(to, w->to_offset, bytes);
	case DATASPACE_COPY:
		return copy_some(to, from, w, bytes);
	case DATASPACE_RESERVE:
		return reserve_some(to, w->to_offset, bytes);
	default:
		return allocate_some(to, w->to_offset, bytes);
	}
}

long dataspace_work(struct dataspace *to, struct dataspace *from, struct dataspace_work *w)
{
	bool small = to->shift == PAGE_SHIFT || w->task == DATASPACE_RESERVE;
	unsigned pages = small ? WORKED_PAGES : 1;
	uint64_t bytes;
	long err;

	if (w->task == DATASPACE_COPY && to == from && w->to_offset == w->from_offset)
		w->size = 0;
	for (; w->size && pages; pages--) {
		err = work_on_page(to, from, w, &bytes);
		if (err)
			return err;
		w->to_offset += bytes;
		w->from_offset += bytes;
		w->size -= bytes;
	}
	if (w->size || !w->back)
		return w->size ? 1 : 0;
	*w = (struct dataspace_work){ .task = DATASPACE_ALLOCATE, .size = w->back };
	return 1;
}

/* Free the page of entry n of pages, and with the last one of its table the table. */
static void free_entry(struct dataspace *d, uint64_t n, uint64_t pages)
{
	uint64_t *entry = find_entry(d, n);

	if (*entry) {
		revoke_page(d, *entry);
		drop_page(d, entry);
	}
	if ((~n & (TABLE_ENTRIES - 1)) && n + 1 < pages)
		return;
	free_table(d, &d->directory[n >> TABLE_SHIFT]);
}

/* Free some pages from number d->base on. True: all are free. */
static bool free_some_pages(struct dataspace *d)
{
	uint64_t pages = page_count(d);
	unsigned entries = 0, tables = 0;

	while (d->base < pages && entries < FREED_ENTRIES && tables < FREED_TABLES) {
		if (!d->directory[d->base >> TABLE_SHIFT]) {
			d->base = (d->base | (TABLE_ENTRIES - 1)) + 1;
			tables++;
			continue;
		}
		free_entry(d, d->base, pages);
		d->base++;
		entries++;
	}
	return d->base >= pages;
}

static bool empty_anonymous(struct dataspace *d)
{
	if (!free_some_pages(d))
		return false;
	if (d->directory_order == 0 && page_count(d) <= TABLE_ENTRIES)
		factory_free(d->object.factory, d->directory);
	else
		factory_pages_free(d->object.factory, (uint64_t)d->directory, d->directory_order);
	return true;
}

/* From the end on, so that the rest stays aligned as it is. */
static bool empty_contiguous(struct dataspace *d)
{
	uint64_t all = dataspace_rounded_size(d), bytes = all & (FREED_BYTES - 1);

	bytes = bytes ? bytes : FREED_BYTES;
	memory_revoke(d->base + all - bytes, bytes);
	pages_free(&moe.pages, d->base + all - bytes, bytes >> PAGE_SHIFT);
	quota_release(&d->object.factory->quota, bytes);
	d->size = all - bytes;
	return !d->size;
}

static bool destroy(struct object *object)
{
	struct dataspace *d = (struct dataspace *)object;

	if (d->kind == DATASPACE_ANONYMOUS && !empty_anonymous(d))
		return false;
	if (d->kind == DATASPACE_CONTIGUOUS && !empty_contiguous(d))
		return false;
	if (d->kind == DATASPACE_STATIC)
		memory_revoke(d->base, dataspace_rounded_size(d));
	factory_free(object->factory, d);
	return true;
}

/* The directory: a word in the heap if one table is enough, else pages. */
static bool make_directory(struct factory *f, struct dataspace *d)
{
	uint64_t tables = (page_count(d) + TABLE_ENTRIES - 1) >> TABLE_SHIFT;

	if (tables <= 1) {
		d->directory = factory_alloc(f, sizeof(*d->directory));
		return d->directory;
	}
	while ((PAGE_BYTES << d->directory_order) < tables * sizeof(*d->directory))
		if (d->directory_order++ == DIRECTORY_MAX_ORDER)
			return false;
	d->directory = (uint64_t *)factory_pages(f, d->directory_order);
	if (d->directory)
		memset(d->directory, 0, PAGE_BYTES << d->directory_order);
	return d->directory;
}

static bool take_contiguous(struct factory *f, struct dataspace *d, unsigned align)
{
	uint64_t bytes = dataspace_rounded_size(d);
	unsigned order = align > PAGE_SHIFT ? align - PAGE_SHIFT : 0;

	if (!factory_charge(f, bytes))
		return false;
	d->base = pages_alloc_run(&moe.pages, bytes >> PAGE_SHIFT, order);
	if (!d->base) {
		quota_release(&f->quota, bytes);
		return false;
	}
	return true;
}

struct dataspace *dataspace_create(struct factory *f, uint64_t size, unsigned flags, unsigned align,
				   long *err)
{
	struct dataspace *d;
	bool ok;

	*err = -L4_EINVAL;
	if (align >= 63 || size > (1UL << 62))
		return NULL;
	*err = -L4_ENOMEM;
	d = factory_alloc(f, sizeof(*d));
	if (!d)
		return NULL;
	d->size = size;
	d->rights = DATASPACE_RWX;
	d->shift = flags & DATASPACE_SUPER_PAGES ? L4_SUPERPAGESHIFT : PAGE_SHIFT;
	d->kind = flags & (DATASPACE_CONTINUOUS | DATASPACE_PINNED) ? DATASPACE_CONTIGUOUS
								    : DATASPACE_ANONYMOUS;
	if (d->kind == DATASPACE_CONTIGUOUS)
		ok = take_contiguous(f, d, align > d->shift ? align : d->shift);
	else
		ok = make_directory(f, d);
	if (!ok) {
		factory_free(f, d);
		return NULL;
	}
	object_init(&d->object, &dataspace_class, f, destroy);
	return d;
}

struct dataspace *dataspace_create_static(struct factory *f, uint64_t base, uint64_t size,
					  unsigned rights)
{
	struct dataspace *d = factory_alloc(f, sizeof(*d));

	if (!d)
		return NULL;
	d->kind = DATASPACE_STATIC;
	d->size = size;
	d->base = base;
	d->rights = (unsigned char)rights;
	d->shift = PAGE_SHIFT;
	object_init(&d->object, &dataspace_class, f, destroy);
	return d;
}
