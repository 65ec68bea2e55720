/* SPDX-License-Identifier: MIT */
/* Making and ending of machines. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <l4/re/c/util/cap_alloc.h>
#include <l4/re/env.h>
#include <l4/sys/err.h>
#include <l4/sys/factory.h>
#include <l4/sys/kip.h>
#include <l4/sys/task.h>
#include <l4/zwinger/task.h>
#include <l4/zwinger/view.h>

#include "vmm/guest.h"

/*
 * Page tables of views may take 1/64 of the guest's memory, all views together. One view cannot
 * have all of that; if it is short of tables, it starts again empty.
 */
enum { VIEWS_SHARE = 64, VIEWS_BYTES_MIN = 1 << 20 };
enum { BYTES_FOR_A_VIEW = 8 << 20, VIEWS_MIN = 8 };

/*
 * The guest can fill its task with mappings. They come from a part of the kernel's memory that is
 * large enough for all of its frames one by one: 1/TASK_SHARE of its memory, and what lies beside.
 */
enum { TASK_SHARE = 48, TASK_BYTES = 512 << 10, TASK_BYTES_A_VCPU = 4 * L4_PAGESIZE };

void guest_say(const struct guest *g, const char *format, ...)
{
	char line[400];
	va_list list;

	va_start(list, format);
	vsnprintf(line, sizeof(line), format, list);
	va_end(list);
	printf("vmm: %s: %s%s\n", g->options->name, line,
	       g->terminal_raw && g->terminal == l4re_env()->log ? "\r" : "");
	fflush(stdout);
}

static long give(struct guest *g, l4_cap_idx_t cap, unsigned slot, unsigned rights,
		 l4_umword_t counting)
{
	l4_umword_t control =
	    l4_map_obj_control((l4_umword_t)slot << L4_CAP_SHIFT, L4_MAP_ITEM_MAP);
	l4_fpage_t page = l4_obj_fpage(cap, 0, (unsigned char)rights);
	long error = l4_error(l4_task_map(g->task, L4_BASE_TASK_CAP, page, control | counting));

	return error < 0 ? error : 0;
}

long guest_give(struct guest *g, l4_cap_idx_t cap, unsigned slot, unsigned rights)
{
	return give(g, cap, slot, rights, L4_FPAGE_C_NO_REF_CNT);
}

long guest_give_counted(struct guest *g, l4_cap_idx_t cap, unsigned slot, unsigned rights)
{
	return give(g, cap, slot, rights, L4_FPAGE_C_REF_CNT);
}

static l4_umword_t selector(unsigned slot)
{
	return (l4_umword_t)slot << L4_CAP_SHIFT;
}

/* --- Task and views --- */

static long create_factory(l4_cap_idx_t *factory, uint64_t quota)
{
	*factory = l4re_util_cap_alloc();
	if (l4_is_invalid_cap(*factory))
		return -L4_ENOMEM;
	return l4_error(l4_factory_create_factory(l4re_env()->factory, *factory, quota));
}

static long create_task(struct guest *g)
{
	uint64_t quota = TASK_BYTES + g->ram.bytes / TASK_SHARE;
	unsigned order = L4_PAGESHIFT;
	long error;

	while (1UL << order < g->options->vcpus * (unsigned long)L4_UTCB_OFFSET)
		order++;
	quota += g->options->vcpus * (uint64_t)TASK_BYTES_A_VCPU;
	error = create_factory(&g->task_factory, quota);
	g->task = l4re_util_cap_alloc();
	if (error >= 0 && l4_is_invalid_cap(g->task))
		error = -L4_ENOMEM;
	if (error >= 0)
		error = l4_error(l4_zw_factory_create_task_upper(g->task_factory, g->task,
								 l4_fpage(GUEST_KU, order, 0)));
	if (error >= 0)
		error = guest_give(g, g->task, SLOT_TASK, L4_CAP_FPAGE_RWS);
	g->start->task = selector(SLOT_TASK);
	return error < 0 ? error : 0;
}

static long create_view(struct guest *g, l4_cap_idx_t *view, uint64_t quota, unsigned slot)
{
	long error;

	*view = l4re_util_cap_alloc();
	if (l4_is_invalid_cap(*view))
		return -L4_ENOMEM;
	error = l4_error(l4_zw_factory_create_view(g->view_factory, *view, g->task, quota));
	return error < 0 ? error : guest_give(g, *view, slot, L4_CAP_FPAGE_RWS);
}

static unsigned count_views(const struct guest *g)
{
	uint64_t count = g->ram.bytes / BYTES_FOR_A_VIEW;

	if (count < VIEWS_MIN + g->options->vcpus)
		count = VIEWS_MIN + g->options->vcpus;
	return count < GUEST_VIEWS_MAX ? (unsigned)count : GUEST_VIEWS_MAX;
}

static long create_views(struct guest *g)
{
	uint64_t quota = g->ram.bytes / VIEWS_SHARE;
	long error;

	quota = quota < VIEWS_BYTES_MIN ? VIEWS_BYTES_MIN : quota;
	error = create_factory(&g->view_factory, quota);
	if (error >= 0)
		error = create_view(g, &g->kernel_view, quota / 4 * 3, SLOT_KERNEL_VIEW);
	g->views = count_views(g);
	for (unsigned i = 0; error >= 0 && i < g->views; i++) {
		error = create_view(g, &g->process_views[i], quota / 2, SLOT_PROCESS_VIEWS + i);
		g->start->process_views[i] = selector(SLOT_PROCESS_VIEWS + i);
	}
	g->start->kernel_view = selector(SLOT_KERNEL_VIEW);
	g->start->views = g->views;
	return error < 0 ? error : 0;
}

/* --- Capabilities from the scenario --- */

/* Names that are vmm's own. */
static bool is_own(const char *name)
{
	static const char *const own[] = { "rom",    "cons",  "rtc", "icu",
					   "sigma0", "vmctl", "gdb", "jdb" };

	for (unsigned i = 0; i < sizeof(own) / sizeof(*own); i++)
		if (!strcmp(name, own[i]))
			return true;
	return false;
}

static long give_named(struct guest *g)
{
	const l4re_env_cap_entry_t *c = l4re_env()->caps;
	unsigned count = 0;

	for (; c && c->flags != ~0UL; c++) {
		char name[sizeof(c->name) + 1] = { 0 };
		struct guest_cap *to = &g->start->caps[count];
		long error;

		memcpy(name, c->name, sizeof(c->name));
		if (is_own(name))
			continue;
		if (count + 1 == GUEST_CAPS_MAX || strlen(name) >= sizeof(to->name))
			return -L4_ERANGE;
		error = guest_give(g, c->cap, SLOT_CAPS + count, L4_CAP_FPAGE_RWS);
		if (error < 0)
			return error;
		strcpy(to->name, name);
		to->cap = selector(SLOT_CAPS + count);
		count++;
	}
	return 0;
}

/* --- All of it --- */

static bool step(struct guest *g, const char *what, long error)
{
	if (error < 0)
		guest_say(g, "%s (%s)", what, l4sys_errtostr(error));
	return error >= 0;
}

static bool create(struct guest *g)
{
	return memory_create(g) && life_open(g) &&
	       step(g, "cannot make the task", create_task(g)) &&
	       step(g, "cannot map memory to the task", memory_map(g)) &&
	       step(g, "cannot make the views", create_views(g)) &&
	       step(g, "cannot serve the guest", service_create(g)) &&
	       step(g, "cannot make the vCPUs", threads_create(g)) &&
	       step(g, "cannot pass the scenario's capabilities on", give_named(g));
}

static void clear(struct guest *g)
{
	g->task = g->task_factory = g->view_factory = g->kernel_view = L4_INVALID_CAP;
	g->console_event = g->sysrq_event = g->store_event = L4_INVALID_CAP;
	for (unsigned i = 0; i < GUEST_VIEWS_MAX; i++)
		g->process_views[i] = L4_INVALID_CAP;
	for (unsigned i = 0; i < GUEST_VCPUS_MAX; i++) {
		struct guest_vcpu *v = &g->vcpus[i];

		*v = (struct guest_vcpu){ .guest = g, .number = i };
		v->thread = v->kick = v->pause = L4_INVALID_CAP;
	}
}

bool guest_create(struct guest *g, const struct options *options, struct server *server)
{
	g->options = options;
	g->server = server;
	g->state = GUEST_RUNS;
	g->names_looked_for = false;
	clear(g);
	if (create(g))
		return true;
	guest_destroy(g);
	return false;
}

bool guest_start(struct guest *g)
{
	g->starts++;
	g->started = l4_kip_clock(l4re_kip());
	return step(g, "cannot start the vCPUs", threads_start(g));
}

void guest_end(struct guest *g, unsigned reason)
{
	g->state = GUEST_ENDED;
	g->end_reason = reason;
}

void guest_delete(l4_cap_idx_t *cap)
{
	if (l4_is_invalid_cap(*cap))
		return;
	l4_task_delete_obj(L4_BASE_TASK_CAP, *cap);
	l4re_util_cap_free(*cap);
	*cap = L4_INVALID_CAP;
}

void guest_destroy(struct guest *g)
{
	g->state = GUEST_ENDED;
	threads_destroy(g);
	service_destroy(g);
	for (unsigned i = 0; i < GUEST_VIEWS_MAX; i++)
		guest_delete(&g->process_views[i]);
	guest_delete(&g->kernel_view);
	guest_delete(&g->task);
	guest_delete(&g->task_factory);
	guest_delete(&g->view_factory);
	memory_destroy(g);
}
