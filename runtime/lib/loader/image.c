/* SPDX-License-Identifier: MIT */
/* The address space of a program: what its file asks for, checked, then built in its region map. */
#include "loader/image.h"
#include "loader/service.h"

#include <l4/sys/consts.h>
#include <l4/sys/err.h>
#include <l4/sys/task.h>

enum { AREA_ALIGN = L4_SUPERPAGESHIFT };

static const l4_cap_idx_t own_task = (l4_cap_idx_t)LOADER_SLOT_TASK << L4_CAP_SHIFT;

static bool upper(const struct loading *l)
{
	return l->params->flags & LOADER_UPPER_HALF;
}

static void release_scratch(struct loading *l)
{
	l4_task_release_cap(own_task, l->objects->scratch);
}

/* --- Reading the file --- */

void image_close_window(struct loading *l)
{
	for (unsigned long done = 0; done < LOADER_WINDOW_SIZE; done += L4_PAGESIZE)
		l4_task_unmap(own_task,
			      l4_fpage(l->params->window + done, L4_PAGESHIFT, L4_FPAGE_RWX),
			      L4_FP_ALL_SPACES);
}

/* Copy bytes out of the file, so that they stay as they are checked. */
static long read_file(struct loading *l, l4_uint64_t offset, size_t bytes, void *to)
{
	l4_uint64_t first = l4_trunc_page(offset);
	unsigned long mapped = l4_round_page(offset + bytes) - first;
	long error = service_ds_map(l->params->file, first, mapped, SERVICE_R, l->params->window);

	if (!error)
		__builtin_memcpy(to, (const char *)l->params->window + (offset - first), bytes);
	image_close_window(l);
	return error ? loading_fail(l, error, "cannot read the file", l->params->file_name) : 0;
}

static long bad_file(struct loading *l, const char *wrong)
{
	return wrong ? loading_fail(l, -L4_ENXIO, wrong, l->params->file_name) : 0;
}

static long read_header(struct loading *l)
{
	unsigned char header[ELF_HEADER_BYTES];
	l4_uint64_t size;
	long error = service_ds_size(l->params->file, &size);

	if (error)
		return loading_fail(l, error, "cannot read the file", l->params->file_name);
	if (size < sizeof(header))
		return bad_file(l, "not an ELF file: too short");
	error = read_file(l, 0, sizeof(header), header);
	return error ? error : bad_file(l, elf_read_header(header, sizeof(header), size, &l->file));
}

static long read_program_headers(struct loading *l)
{
	unsigned char headers[ELF_PROGRAM_HEADERS_MAX * ELF_PROGRAM_HEADER_BYTES];
	size_t bytes = l->file.header_count * ELF_PROGRAM_HEADER_BYTES;
	long error = read_file(l, l->file.headers, bytes, headers);

	return error ? error : bad_file(l, elf_read_program_headers(headers, &l->file, &l->image));
}

static long read_aux(struct loading *l)
{
	unsigned char section[ELF_AUX_BYTES_MAX];
	long error;

	if (!l->image.aux_bytes)
		return 0;
	error = read_file(l, l->image.aux_offset, l->image.aux_bytes, section);
	return error ? error : bad_file(l, elf_read_aux(section, l->image.aux_bytes, &l->aux));
}

/* --- Deciding on addresses --- */

static unsigned long image_bytes(const struct loading *l)
{
	return l->image.end - l->image.start;
}

static unsigned long utcb_bytes(const struct loading *l)
{
	return 1UL << l4_fpage_size(l->utcb_area);
}

/* A place that is fixed: in range, and on none of those before. */
static long take_place(struct loading *l, l4_addr_t start, l4_uint64_t bytes, const char *wrong)
{
	bool ok = elf_place_ok(start, bytes, upper(l));

	for (unsigned i = 0; ok && i < l->place_count; i++)
		ok = !elf_overlap(start, bytes, l->places[i].start, l->places[i].bytes);
	if (!ok)
		return loading_fail(l, -L4_ERANGE, wrong, l->params->file_name);
	l->places[l->place_count++] = (struct place){ start, bytes };
	return 0;
}

static long place_fixed(struct loading *l)
{
	unsigned order = l->params->utcb_area_order ? l->params->utcb_area_order : L4_PAGESHIFT;
	long error;

	l->utcb_area = l4_fpage(IMAGE_UTCB_AREA, order, 0);
	error = take_place(l, IMAGE_UTCB_AREA, utcb_bytes(l), "no place for UTCBs");
	l->kip = l->aux.kip_address ? l4_trunc_page(l->aux.kip_address) : IMAGE_KIP;
	if (!error)
		error = take_place(l, l->kip, L4_PAGESIZE, "bad address of the kernel info page");
	return error;
}

static long place_image(struct loading *l)
{
	l4_addr_t start = l->image.start;

	if (l->image.relocatable) {
		l->base = l->params->base - l->image.start;
		start = l->params->base;
		if (!start)
			return 0; /* the region map will find a place */
	}
	if (start & (L4_PAGESIZE - 1))
		return loading_fail(l, -L4_EINVAL, "base address is not page-aligned",
				    l->params->file_name);
	return take_place(l, start, image_bytes(l), "program lies at addresses it may not have");
}

static long place_stack(struct loading *l)
{
	l->stack_size = l->aux.stack_size ? l->aux.stack_size : IMAGE_STACK_SIZE;
	if (l->stack_size > IMAGE_STACK_MAX)
		return loading_fail(l, -L4_ERANGE, "stack is too large", l->params->file_name);
	l->stack_size = l4_round_page(l->stack_size);
	l->stack = l4_trunc_page(l->aux.stack_address);
	if (!l->stack)
		return 0;
	return take_place(l, l->stack - L4_PAGESIZE, l->stack_size + L4_PAGESIZE,
			  "stack lies at addresses it may not have");
}

static long place_reserved(struct loading *l)
{
	for (unsigned i = 0; i < l->aux.reserved_count; i++) {
		const struct elf_reserved *r = &l->aux.reserved[i];

		l4_addr_t start = l4_trunc_page(r->start);
		long error = take_place(l, start, l4_round_page(r->end) - start,
					"program reserves addresses it may not have");

		if (error)
			return error;
	}
	return 0;
}

long image_read(struct loading *l)
{
	long (*const steps[])(
	    struct loading *) = { read_header, read_program_headers, read_aux,	    place_fixed,
				  place_image, place_stack,	     place_reserved };
	long error = 0;

	for (unsigned i = 0; !error && i < sizeof(steps) / sizeof(*steps); i++)
		error = steps[i](l);
	return error;
}

/* --- Building --- */

/* Largest flexpage of a window to be moved to an address: both are aligned to it. */
static unsigned piece_order(l4_addr_t from, l4_addr_t to, unsigned long bytes)
{
	unsigned order = L4_PAGESHIFT;

	while (!((from | to) & (1UL << order)) && (2UL << order) <= bytes)
		order++;
	return order;
}

/* Move what the window has to the program: the pages are its own then, and the window is empty. */
static long move_window(struct loading *l, l4_addr_t to, unsigned long bytes, unsigned rights)
{
	for (l4_addr_t from = l->params->window; bytes;) {
		unsigned order = piece_order(from, to, bytes);
		l4_fpage_t page = l4_fpage(from, order, rights);
		long error = l4_error(l4_task_map(l->objects->task, own_task, page,
						  to | L4_ITEM_MAP | L4_MAP_ITEM_GRANT));

		if (error < 0)
			return error;
		from += 1UL << order;
		to += 1UL << order;
		bytes -= 1UL << order;
	}
	return 0;
}

/* Map a region to the program now, so that it has no page faults there. */
static long map_now(struct loading *l, const struct service_region *r)
{
	unsigned rights = r->flags & (SERVICE_R | SERVICE_W | SERVICE_X);
	long error = 0;

	for (unsigned long done = 0; !error && done < r->size; done += LOADER_WINDOW_SIZE) {
		unsigned long left = r->size - done;
		unsigned long bytes = left < LOADER_WINDOW_SIZE ? left : LOADER_WINDOW_SIZE;

		error = service_ds_map(r->dataspace, r->offset + done, bytes, rights,
				       l->params->window);
		if (!error)
			error = move_window(l, r->start + done, bytes, rights);
		image_close_window(l);
	}
	return error ? loading_fail(l, error, "cannot map a region", r->name) : 0;
}

static long attach(struct loading *l, struct service_region *r)
{
	long error = service_rm_attach(l->objects->rm, r);

	if (error)
		return loading_fail(l, error, "cannot attach a region", r->name);
	if (!(l->params->flags & LOADER_EAGER_MAP) || l4_is_invalid_cap(r->dataspace))
		return 0;
	return map_now(l, r);
}

static long reserve(struct loading *l, struct service_region *r)
{
	long error = service_rm_reserve(l->objects->rm, r);

	return error ? loading_fail(l, error, "no room in the address space for", r->name) : 0;
}

/* New memory in the scratch slot. */
static long new_memory(struct loading *l, unsigned long bytes, bool pinned, const char *name)
{
	long error = service_create_ds(l->params->mem.cap, l->objects->scratch, bytes,
				       pinned ? SERVICE_DS_PINNED : 0);

	if (!error && (l->params->flags & LOADER_EAGER_MAP)) {
		error = service_ds_allocate(l->objects->scratch, bytes);
		if (error)
			release_scratch(l);
	}
	return error ? loading_fail(l, error, "no memory for", name) : 0;
}

static long map_fixed(struct loading *l)
{
	struct service_region utcb = { .start = l4_fpage_memaddr(l->utcb_area),
				       .size = utcb_bytes(l),
				       .flags = SERVICE_R | SERVICE_W | SERVICE_RM_KERNEL,
				       .dataspace = L4_INVALID_CAP,
				       .name = "[utcb]" };
	struct service_region kip = { .start = l->kip,
				      .size = L4_PAGESIZE,
				      .flags = SERVICE_R | SERVICE_X,
				      .dataspace = l->params->kip,
				      .name = "[kip]" };
	long error = attach(l, &utcb);

	return error ? error : attach(l, &kip);
}

static long reserve_image(struct loading *l)
{
	struct service_region area = { .start = l->image.start + l->base,
				       .size = image_bytes(l),
				       .name = l->name };
	long error;

	if (l->image.relocatable && !l->params->base) {
		area.start = IMAGE_PIE;
		area.flags = SERVICE_RM_SEARCH;
		area.align = AREA_ALIGN;
	}
	error = reserve(l, &area);
	l->base = area.start - l->image.start;
	return error;
}

/* Does the segment need pages of its own, or can it use those of the file? */
static bool needs_copy(const struct loading *l, const struct elf_segment *s)
{
	return (s->rights & ELF_WRITE) || s->bytes != s->file_bytes ||
	       (l->params->flags & (LOADER_ALL_SEGS_COPY | LOADER_PINNED_SEGS));
}

static long copy_segment(struct loading *l, const struct elf_segment *s, struct service_region *r)
{
	bool pinned = l->params->flags & LOADER_PINNED_SEGS;
	long error = new_memory(l, r->size, pinned, r->name);

	if (error)
		return error;
	if (s->file_bytes)
		error = service_ds_copy_in(l->objects->scratch, s->offset - r->offset,
					   l->params->file, s->offset, s->file_bytes);
	r->dataspace = l->objects->scratch;
	r->offset = 0;
	if (error)
		error = loading_fail(l, error, "cannot copy a segment of", l->params->file_name);
	else
		error = attach(l, r);
	release_scratch(l);
	return error;
}

static long map_segment(struct loading *l, const struct elf_segment *s)
{
	l4_addr_t page = l4_trunc_page(s->start);
	l4_uint64_t offset = l4_trunc_page(s->offset);
	struct service_region r = { .start = page + l->base,
				    .size = l4_round_page(s->start + s->bytes) - page,
				    .flags = s->rights | SERVICE_RM_IN_AREA,
				    .dataspace = l->params->file,
				    .offset = offset,
				    .name = l->name,
				    .backing_offset = offset };

	return needs_copy(l, s) ? copy_segment(l, s, &r) : attach(l, &r);
}

static long map_segments(struct loading *l)
{
	long error = reserve_image(l);

	for (unsigned i = 0; !error && i < l->image.count; i++)
		error = map_segment(l, &l->image.segments[i]);
	return error;
}

static long reserve_wishes(struct loading *l)
{
	long error = 0;

	for (unsigned i = 0; !error && i < l->aux.reserved_count; i++) {
		struct service_region r = { .start = l4_trunc_page(l->aux.reserved[i].start),
					    .name = "[reserved]" };

		r.size = l4_round_page(l->aux.reserved[i].end) - r.start;
		error = reserve(l, &r);
	}
	return error;
}

/* The area has one page more, the guard page, to which nothing is attached. */
static long map_stack(struct loading *l)
{
	struct service_region area = { .start = l->stack - L4_PAGESIZE,
				       .size = l->stack_size + L4_PAGESIZE,
				       .name = "[stack]" };
	struct service_region r = { .size = l->stack_size,
				    .flags = SERVICE_R | SERVICE_W | SERVICE_RM_IN_AREA,
				    .dataspace = l->objects->scratch,
				    .name = "[stack]" };
	long error;

	if (!l->stack) {
		area.start = IMAGE_STACK;
		area.flags = SERVICE_RM_SEARCH;
		area.align = L4_PAGESHIFT;
	}
	error = reserve(l, &area);
	if (error)
		return error;
	if (l->image.executable_stack)
		r.flags |= SERVICE_X;
	r.start = l->stack = area.start + L4_PAGESIZE;
	error = new_memory(l, r.size, false, r.name);
	if (error)
		return error;
	error = attach(l, &r);
	if (!error)
		error = image_fill_stack(l);
	release_scratch(l);
	return error;
}

long image_map(struct loading *l)
{
	long (*const steps[])(struct loading *) = { map_fixed, map_segments, reserve_wishes,
						    map_stack };
	long error = 0;

	for (unsigned i = 0; !error && i < sizeof(steps) / sizeof(*steps); i++)
		error = steps[i](l);
	return error;
}
