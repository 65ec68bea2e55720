/* SPDX-License-Identifier: MIT */
/* Boot modules: where they lie, and archives. */
#include "modules.h"

#include "console.h"
#include "cpio.h"
#include "identity.h"
#include "lib.h"
#include "place.h"

#define LIST_NAME "modules.list"

static uint64_t first_page(const struct boot_module *m)
{
	return align_down(m->start, MEM_PAGE);
}

static uint64_t last_page(const struct boot_module *m)
{
	return align_up(m->end, MEM_PAGE);
}

static void check_in_memory(const struct boot_params *params, const struct memmap *map)
{
	for (unsigned i = 0; i < params->modules; i++) {
		const struct boot_module *m = params->module + i;

		if (m->end > MEMMAP_LIMIT ||
		    !memmap_covers(map, first_page(m), last_page(m), MEM_BACKED))
			fatal("module %u (%s) at 0x%lx - 0x%lx is not in RAM", i, m->cmdline,
			      m->start, m->end);
		identity_map(m->start, m->end - m->start);
	}
}

/* Whether @line starts with @name as its first word. */
static bool has_name(const char *line, const char *end, const char *name)
{
	uint64_t length = strlen(name);

	if ((uint64_t)(end - line) < length || memcmp(line, name, length) != 0)
		return false;
	return line + length == end || line[length] == ' ';
}

/* The line of the list that starts with the name, else the name itself. */
static const char *listed_cmdline(struct boot_params *params, const char *list, uint64_t size,
				  const char *name)
{
	const char *end = list + size, *line_end;

	for (; list < end; list = line_end + 1) {
		for (line_end = list; line_end < end && *line_end != '\n'; line_end++)
			;
		if (has_name(list, line_end, name))
			return params_string(params, list, line_end - list);
	}
	return params_string(params, name, strlen(name));
}

static bool find_list(const void *archive, uint64_t size, struct cpio_file *list)
{
	uint64_t at = 0;
	int got;

	while ((got = cpio_next(archive, size, &at, list)) > 0)
		if (list->regular &&
		    has_name(list->name, list->name + strlen(list->name), LIST_NAME))
			return true;
	if (got < 0)
		fatal("module archive is damaged at byte %lu", at);
	*list = (struct cpio_file){ .name = LIST_NAME };
	return false;
}

/* Replace the archive by its files; their contents stay where they are. */
static void unpack_archive(struct boot_params *params)
{
	struct boot_module whole = params->module[0];
	const char *archive = phys_ptr(whole.start);
	uint64_t size = whole.end - whole.start, at = 0;
	struct cpio_file list, file;
	bool has_list = find_list(archive, size, &list);
	int got;

	params->modules = 0;
	while ((got = cpio_next(archive, size, &at, &file)) > 0) {
		uint64_t start = whole.start + file.offset;

		if (!file.regular || (has_list && file.offset == list.offset))
			continue;
		params_add_module(params, start, start + file.size, NULL);
		params->module[params->modules - 1].cmdline =
		    listed_cmdline(params, archive + list.offset, list.size, file.name);
	}
	if (got < 0)
		fatal("module archive is damaged at byte %lu", at);
}

void modules_claim(struct boot_params *params, struct memmap *map)
{
	check_in_memory(params, map);
	for (unsigned i = 0; i < params->modules; i++)
		claim(map, first_page(params->module + i), last_page(params->module + i), MEM_TEMP,
		      0);
	if (params->modules == 1) {
		const struct boot_module *m = params->module;

		if (cpio_is(phys_ptr(m->start), m->end - m->start))
			unpack_archive(params);
	}
	if (params->modules < MODULE_OTHER)
		fatal("%u modules given, but sigma0 and the root task are needed (module 0 and 1)",
		      params->modules);
}

static void move(struct boot_module *m, struct memmap *map)
{
	uint64_t size = m->end - m->start;
	struct mem_request request = { .size = align_up(size, MEM_PAGE),
				       .align = MEM_PAGE,
				       .min = PLACE_MIN,
				       .max = PLACE_MAX,
				       .from_top = true };
	uint64_t to = find_memory(map, &request, m->cmdline);

	memmove(phys_ptr(to), phys_ptr(m->start), size);
	claim(map, to, to + request.size, MEM_TEMP, 0);
	m->start = to;
	m->end = to + size;
}

void modules_move(struct boot_params *params, struct memmap *map)
{
	unsigned programs = MEM_BIT(MEM_SIGMA0) | MEM_BIT(MEM_ROOT);

	for (unsigned i = 0; i < params->modules; i++) {
		struct boot_module *m = params->module + i;
		bool unaligned = i >= MODULE_OTHER && m->start % MEM_PAGE;

		if (unaligned || memmap_touches(map, first_page(m), last_page(m), programs))
			move(m, map);
	}
}

void modules_finish(const struct boot_params *params, struct memmap *map)
{
	for (unsigned i = MODULE_OTHER; i < params->modules; i++) {
		const struct boot_module *m = params->module + i;

		memset(phys_ptr(m->end), 0, last_page(m) - m->end);
		claim(map, m->start, last_page(m), MEM_ROOT, MEM_R | MEM_W | MEM_X);
	}
}
