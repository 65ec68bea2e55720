/* SPDX-License-Identifier: MIT */
/* Areas and their chunks. Partners can write to all of an area at any time. */
#include <stdbool.h>
#include <string.h>
#include <l4/re/c/mem_alloc.h>
#include <l4/re/c/namespace.h>
#include <l4/re/c/rm.h>
#include <l4/re/c/util/cap_alloc.h>
#include <l4/shmc/shmc.h>
#include <l4/util/util.h>
#include "shmc/lookup.h"

enum { GRAIN = 16, PAUSE_MS = 1 };

static const char dataspace_name[] = "shm";

/* --- Areas --- */

long l4shmc_create(const char *shmc_name, l4_umword_t shm_size)
{
	l4_cap_idx_t ns = l4re_env_get_cap(shmc_name), ds;
	long result;

	if (!l4_is_valid_cap(ns))
		return -L4_ENOENT;
	if (shm_size < sizeof(l4shmc_area_head_t) || shm_size > ~0UL >> 1)
		return -L4_EINVAL;
	ds = l4re_util_cap_alloc();
	if (!l4_is_valid_cap(ds))
		return -L4_ENOMEM;
	result = l4re_ma_alloc((long)shm_size, ds, 0);
	if (result >= 0)
		result = l4re_ns_register_obj_srv(ns, dataspace_name, ds | L4_CAP_FPAGE_RWS,
						  L4RE_NS_REGISTER_RW);
	if (result < 0)
		l4re_util_cap_free_um(ds);
	return result < 0 ? result : 0;
}

static long map_area(l4shmc_area_t *area)
{
	void *start = NULL;
	long result;

	area->size = l4re_ds_size(area->shm);
	if (area->size < sizeof(l4shmc_area_head_t))
		return -L4_EINVAL;
	result = l4re_rm_attach(&start, area->size, L4RE_RM_F_SEARCH_ADDR | L4RE_RM_F_RW,
				area->shm | L4_CAP_FPAGE_RW, 0, L4_PAGESHIFT);
	area->local_addr = start;
	return result;
}

long l4shmc_attach_to(const char *shmc_name, l4_umword_t timeout_ms, l4shmc_area_t *shmarea)
{
	l4shmc_area_t area = { .ns = l4re_env_get_cap(shmc_name) };
	long result;

	if (!l4_is_valid_cap(area.ns))
		return -L4_ENOENT;
	result = lookup(area.ns, dataspace_name, timeout_ms, &area.shm);
	if (result < 0)
		return result;
	result = map_area(&area);
	if (result < 0)
		l4re_util_cap_free_um(area.shm);
	else
		*shmarea = area;
	return result < 0 ? result : 0;
}

/* --- The list of chunks --- */

static l4shmc_area_head_t *head_of(const l4shmc_area_t *area)
{
	return (l4shmc_area_head_t *)(void *)area->local_addr;
}

static l4shmc_chunk_desc_t *desc_at(const l4shmc_area_t *area, l4_addr_t offset)
{
	return (l4shmc_chunk_desc_t *)(void *)(area->local_addr + offset);
}

/*
 * The chunk that a link leads to, with copies of its capacity and its link. Chunks lie in the order
 * of the list, so that a list cannot be endless. False: the end, or not a chunk.
 */
struct step {
	l4_addr_t offset, after; /* of the chunk, and of the first byte behind it */
	l4_umword_t capacity;
	l4_addr_t next;
};

static bool follow(const l4shmc_area_t *area, l4_addr_t link, l4_addr_t from, struct step *s)
{
	l4shmc_chunk_desc_t *d;

	if (!link || link < from || link % GRAIN || area->size < sizeof(*d) ||
	    link > area->size - sizeof(*d))
		return false;
	d = desc_at(area, link);
	s->offset = link;
	s->capacity = __atomic_load_n(&d->capacity, __ATOMIC_RELAXED);
	s->next = __atomic_load_n(&d->next, __ATOMIC_ACQUIRE);
	if (d->magic != L4SHMC_CHUNK_MAGIC || s->capacity > area->size - sizeof(*d) - link)
		return false;
	s->after = link + sizeof(*d) + s->capacity;
	return true;
}

static bool first_chunk(const l4shmc_area_t *area, struct step *s)
{
	l4_addr_t link = __atomic_load_n(&head_of(area)->first_chunk, __ATOMIC_ACQUIRE);

	*s = (struct step){ .after = sizeof(l4shmc_area_head_t) };
	return follow(area, link, s->after, s);
}

static bool next_chunk(const l4shmc_area_t *area, struct step *s)
{
	return follow(area, s->next, s->after, s);
}

static bool has_name(const l4shmc_area_t *area, const struct step *s, const char *name)
{
	return !strncmp(desc_at(area, s->offset)->name, name, L4SHMC_NAME_STRINGLEN);
}

/* Find a chunk; if there is none of that name, *s is the last one. */
static bool find(const l4shmc_area_t *area, const char *name, struct step *s)
{
	bool more = first_chunk(area, s);

	while (more && !has_name(area, s, name))
		more = next_chunk(area, s);
	return more;
}

static bool good_name(const char *name)
{
	size_t n = strnlen(name, L4SHMC_NAME_STRINGLEN);

	return n > 0 && n < L4SHMC_NAME_STRINGLEN;
}

static void fill_handle(l4shmc_area_t *area, l4_addr_t offset, l4_umword_t capacity,
			l4shmc_chunk_t *chunk)
{
	*chunk =
	    (l4shmc_chunk_t){ .chunk = desc_at(area, offset), .capacity = capacity, .area = area };
}

static void lock_area(l4shmc_area_t *area)
{
	while (__atomic_exchange_n(&head_of(area)->lock, 1, __ATOMIC_ACQUIRE))
		l4_sleep(PAUSE_MS);
}

static void unlock_area(l4shmc_area_t *area)
{
	__atomic_store_n(&head_of(area)->lock, 0, __ATOMIC_RELEASE);
}

static l4_addr_t round_up(l4_addr_t n)
{
	return (n + GRAIN - 1) & ~(l4_addr_t)(GRAIN - 1);
}

/* Write the header, then link it, so that readers without the lock see whole chunks only. */
static void link_chunk(l4shmc_area_t *area, const struct step *last, l4_addr_t at, const char *name,
		       l4_umword_t capacity)
{
	l4shmc_chunk_desc_t *d = desc_at(area, at);
	l4_addr_t *link =
	    last->offset ? &desc_at(area, last->offset)->next : &head_of(area)->first_chunk;

	*d = (l4shmc_chunk_desc_t){ .magic = L4SHMC_CHUNK_MAGIC,
				    .offset = at,
				    .capacity = capacity };
	strncpy(d->name, name, L4SHMC_NAME_STRINGLEN - 1);
	__atomic_store_n(link, at, __ATOMIC_RELEASE);
}

static long add_locked(l4shmc_area_t *area, const char *name, l4_umword_t capacity,
		       l4shmc_chunk_t *chunk)
{
	l4_umword_t room;
	struct step s;
	l4_addr_t at;

	if (find(area, name, &s))
		return -L4_EEXIST;
	at = round_up(s.after);
	room = at < area->size ? area->size - at : 0;
	if (room < sizeof(l4shmc_chunk_desc_t) || capacity > room - sizeof(l4shmc_chunk_desc_t))
		return -L4_ENOMEM;
	link_chunk(area, &s, at, name, capacity);
	fill_handle(area, at, capacity, chunk);
	return 0;
}

long l4shmc_add_chunk(l4shmc_area_t *shmarea, const char *chunk_name, l4_umword_t chunk_capacity,
		      l4shmc_chunk_t *chunk)
{
	long result;

	if (!good_name(chunk_name))
		return -L4_EINVAL;
	lock_area(shmarea);
	result = add_locked(shmarea, chunk_name, chunk_capacity, chunk);
	unlock_area(shmarea);
	return result;
}

long l4shmc_get_chunk_to(l4shmc_area_t *shmarea, const char *chunk_name, l4_umword_t timeout_ms,
			 l4shmc_chunk_t *chunk)
{
	struct step s;

	while (!find(shmarea, chunk_name, &s)) {
		if (!timeout_ms)
			return -L4_ENOENT;
		l4_sleep(PAUSE_MS);
		timeout_ms -= PAUSE_MS;
	}
	fill_handle(shmarea, s.offset, s.capacity, chunk);
	return 0;
}

long l4shmc_iterate_chunk(l4shmc_area_t *shmarea, const char **chunk_name, long offs)
{
	struct step s;
	bool more = first_chunk(shmarea, &s);

	if (offs < 0)
		return -L4_EINVAL;
	while (more && offs && s.offset <= (l4_addr_t)offs)
		more = next_chunk(shmarea, &s);
	if (!more)
		return 0;
	*chunk_name = desc_at(shmarea, s.offset)->name;
	return (long)s.offset;
}

long l4shmc_area_size_free(l4shmc_area_t *shmarea)
{
	struct step s;
	bool more = first_chunk(shmarea, &s);
	l4_addr_t at;

	while (more)
		more = next_chunk(shmarea, &s);
	at = round_up(s.after);
	return at < shmarea->size ? (long)(shmarea->size - at) : 0;
}

long l4shmc_area_overhead(void)
{
	return sizeof(l4shmc_area_head_t);
}

long l4shmc_chunk_overhead(void)
{
	return sizeof(l4shmc_chunk_desc_t);
}
