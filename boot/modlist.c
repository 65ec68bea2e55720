/* SPDX-License-Identifier: MIT */
/* The module list for the root task (KIP user_ptr). */
#include <l4/util/l4mod.h>

#include "lib.h"
#include "modules.h"
#include "place.h"

#define KERNEL_NAME  "zwinger "
#define BASE_MODULES 3 /* kernel, sigma0, root task: the last ones */

/* Memory of the list: header, entries, then strings. */
struct list_writer {
	l4util_l4mod_info *info;
	char *strings;
};

static char *add_string(struct list_writer *w, const char *s)
{
	char *copy = w->strings;
	uint64_t size = strlen(s) + 1;

	memcpy(copy, s, size);
	w->strings += size;
	return copy;
}

static void add_module(struct list_writer *w, uint64_t flags, struct module_range range,
		       const char *cmdline)
{
	l4util_l4mod_mod *m = phys_ptr(w->info->mods_addr);

	m[w->info->mods_count++] =
	    (l4util_l4mod_mod){ flags, range.start, range.end, ptr_phys(cmdline) };
}

static uint64_t list_size(const struct boot_params *params)
{
	unsigned modules = params->modules - MODULE_OTHER + BASE_MODULES;
	uint64_t size = sizeof(l4util_l4mod_info) + modules * sizeof(l4util_l4mod_mod);

	for (unsigned i = 0; i < params->modules; i++)
		size += strlen(params->module[i].cmdline) + 1;
	size += sizeof(KERNEL_NAME) + strlen(params->cmdline);
	return align_up(size, MEM_PAGE);
}

static struct list_writer list_start(const struct boot_params *params, struct memmap *map)
{
	struct mem_request request = { .size = list_size(params),
				       .align = MEM_PAGE,
				       .min = PLACE_MIN,
				       .max = PLACE_MAX,
				       .from_top = true };
	uint64_t at = find_memory(map, &request, "the module list");
	unsigned modules = params->modules - MODULE_OTHER + BASE_MODULES;
	l4util_l4mod_info *info = memset(phys_ptr(at), 0, request.size);

	claim(map, at, at + request.size, MEM_ROOT, MEM_R | MEM_W);
	info->mods_addr = at + sizeof(*info);
	return (struct list_writer){ info, (char *)phys_ptr(info->mods_addr) +
					       modules * sizeof(l4util_l4mod_mod) };
}

void modules_list(const struct boot_params *params, struct memmap *map, struct module_list *list)
{
	struct list_writer w = list_start(params, map);
	const struct boot_module *m = params->module;
	const char *kernel = add_string(&w, KERNEL_NAME);

	w.strings--; /* one string: name and options */
	add_string(&w, params->cmdline);
	w.info->cmdline = ptr_phys(kernel);
	for (unsigned i = MODULE_OTHER; i < params->modules; i++)
		add_module(&w, L4util_l4mod_mod_flag_unspec,
			   (struct module_range){ m[i].start, m[i].end },
			   add_string(&w, m[i].cmdline));
	add_module(&w, L4util_l4mod_mod_flag_kernel, list->kernel, kernel);
	add_module(&w, L4util_l4mod_mod_flag_sigma0, list->sigma0,
		   add_string(&w, m[MODULE_SIGMA0].cmdline));
	add_module(&w, L4util_l4mod_mod_flag_roottask, list->root,
		   add_string(&w, m[MODULE_ROOT].cmdline));
	list->address = ptr_phys(w.info);
}
