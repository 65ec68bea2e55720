/* SPDX-License-Identifier: MIT */
/*
 * Starting a program: everything that can be wrong with the parameters and the file is found out
 * first, then the objects are made, filled and set going; whatever fails then deletes them.
 */
#include "loader/image.h"
#include "loader/random.h"
#include "loader/service.h"
#include "loader/stack.h"

#include <l4/sys/err.h>
#include <l4/sys/factory.h>
#include <l4/sys/task.h>
#include <l4/sys/thread.h>
#include <l4/zwinger/task.h>

enum { REGION_NAME_MAX = 64, UTCB_ORDER_MAX = 17 };

/* A capability for a slot of the program. */
struct handed {
	const char *name;
	enum loader_slot slot;
	struct loader_cap cap;
	bool needed;
};

enum { HANDED_MAX = 10 };

static const l4_cap_idx_t own_task = (l4_cap_idx_t)LOADER_SLOT_TASK << L4_CAP_SHIFT;

long loading_fail(struct loading *l, long code, const char *text, const char *subject)
{
	l->error = (struct loader_error){ code, text, subject };
	return code;
}

static l4_cap_idx_t slot_cap(unsigned slot)
{
	return (l4_cap_idx_t)slot << L4_CAP_SHIFT;
}

/* --- Parameters --- */

/* Capabilities with slots of their own. */
static unsigned list_handed(const struct loading *l, struct handed *list)
{
	const struct loader_params *p = l->params;
	const struct handed all[] = {
		{ "task", LOADER_SLOT_TASK, { l->objects->task, L4_CAP_FPAGE_RWS }, false },
		{ "thread", LOADER_SLOT_THREAD, { l->objects->thread, L4_CAP_FPAGE_RWS }, false },
		{ "rm", LOADER_SLOT_RM, { l->objects->rm, L4_CAP_FPAGE_RWS }, false },
		{ "kernel factory", LOADER_SLOT_FACTORY, p->factory, true },
		{ "mem", LOADER_SLOT_MEM, p->mem, true },
		{ "scheduler", LOADER_SLOT_SCHEDULER, p->scheduler, true },
		{ "kip", LOADER_SLOT_KIP, { p->kip, L4_CAP_FPAGE_RO }, true },
		{ "parent", LOADER_SLOT_PARENT, p->parent, false },
		{ "log", LOADER_SLOT_LOG, p->log, false },
		{ "dbg_events", LOADER_SLOT_DBG_EVENTS, p->dbg_events, false },
	};

	__builtin_memcpy(list, all, sizeof(all));
	return sizeof(all) / sizeof(*all);
}

static bool cap_there(l4_cap_idx_t cap)
{
	return l4_is_valid_cap(cap) && l4_error(l4_task_cap_valid(own_task, cap)) > 0;
}

static long check_services(struct loading *l)
{
	struct handed list[HANDED_MAX];
	unsigned count = list_handed(l, list);

	for (unsigned i = 0; i < count; i++)
		if (list[i].needed && !cap_there(list[i].cap.cap))
			return loading_fail(l, -L4_ENOENT, "missing service", list[i].name);
	if (!cap_there(l->params->rm_fab))
		return loading_fail(l, -L4_ENOENT, "missing service", "rm_fab");
	if (!cap_there(l->params->file))
		return loading_fail(l, -L4_ENOENT, "no such file", l->params->file_name);
	return 0;
}

static long check_name(struct loading *l, unsigned i)
{
	const struct loader_named_cap *cap = &l->params->caps[i];
	size_t length = __builtin_strlen(cap->name);

	if (!length || length > LOADER_NAME_MAX)
		return loading_fail(l, -L4_EINVAL, "name of a capability is empty or too long",
				    cap->name);
	for (unsigned k = 0; k < i; k++)
		if (!__builtin_strcmp(cap->name, l->params->caps[k].name))
			return loading_fail(l, -L4_EINVAL, "two capabilities of one name",
					    cap->name);
	if (!cap_there(cap->cap.cap))
		return loading_fail(l, -L4_ENOENT, "capability is empty", cap->name);
	return 0;
}

static long check_caps(struct loading *l)
{
	long error = 0;

	if (l->params->cap_count > LOADER_CAPS_MAX)
		return loading_fail(l, -L4_EINVAL, "too many capabilities", l->params->file_name);
	for (unsigned i = 0; !error && i < l->params->cap_count; i++)
		error = check_name(l, i);
	return error;
}

static long check_params(struct loading *l)
{
	unsigned order = l->params->utcb_area_order;

	if (order && (order < L4_PAGESHIFT || order > UTCB_ORDER_MAX))
		return loading_fail(l, -L4_EINVAL, "bad size of the UTCB area",
				    l->params->file_name);
	if (l->params->window & (L4_PAGESIZE - 1))
		return loading_fail(l, -L4_EINVAL, "window is not page-aligned",
				    l->params->file_name);
	return 0;
}

/* --- Stack --- */

static l4_cap_idx_t slot_if(l4_cap_idx_t cap, enum loader_slot slot)
{
	return l4_is_valid_cap(cap) ? slot_cap(slot) : L4_INVALID_CAP;
}

static void fill_env(const struct loading *l, l4re_env_t *env)
{
	const struct loader_params *p = l->params;

	env->parent = slot_if(p->parent.cap, LOADER_SLOT_PARENT);
	env->rm = slot_cap(LOADER_SLOT_RM);
	env->mem_alloc = slot_cap(LOADER_SLOT_MEM);
	env->log = slot_if(p->log.cap, LOADER_SLOT_LOG);
	env->main_thread = slot_cap(LOADER_SLOT_THREAD);
	env->factory = slot_cap(LOADER_SLOT_FACTORY);
	env->scheduler = slot_cap(LOADER_SLOT_SCHEDULER);
	env->itas = L4_INVALID_CAP;
	env->dbg_events = slot_if(p->dbg_events.cap, LOADER_SLOT_DBG_EVENTS);
	env->first_free_cap = stack_cap_slot(p->caps, p->cap_count, p->cap_count);
	env->utcb_area = l->utcb_area;
	env->first_free_utcb = l4_fpage_memaddr(l->utcb_area) + L4_UTCB_OFFSET;
}

static struct stack_input stack_input(const struct loading *l)
{
	const struct loader_params *p = l->params;
	struct stack_input in = {
		.argc = p->argc,
		.envc = p->envc,
		.argv = p->argv,
		.envp = p->envp,
		.cap_count = p->cap_count,
		.caps = p->caps,
		.aux = { .kip_ds = slot_cap(LOADER_SLOT_KIP),
			 .dbg_lvl = p->debug_level,
			 .ldr_flags = p->flags,
			 .ldr_base = l->base },
		.headers = l->image.headers ? l->image.headers + l->base : 0,
		.header_count = l->image.header_count,
		.kip = l->kip,
	};

	fill_env(l, &in.env);
	loader_random(in.random, sizeof(in.random));
	return in;
}

/* The stack must have room for its vectors, and they for the window; found out before any effect.
 */
static long check_stack(struct loading *l)
{
	struct stack_input in = stack_input(l);
	size_t room = l->stack_size < LOADER_WINDOW_SIZE ? l->stack_size : LOADER_WINDOW_SIZE;

	if (stack_bytes(&in) > room)
		return loading_fail(l, -L4_E2BIG, "arguments do not fit on the stack of",
				    l->params->file_name);
	return 0;
}

long image_fill_stack(struct loading *l)
{
	struct stack_input in = stack_input(l);
	unsigned long bytes = l4_round_page(stack_bytes(&in));
	long error = service_ds_map(l->objects->scratch, l->stack_size - bytes, bytes,
				    SERVICE_R | SERVICE_W, l->params->window);

	if (!error)
		error = stack_build(&in, (void *)l->params->window, bytes, l->stack + l->stack_size,
				    &l->sp);
	image_close_window(l);
	return error ? loading_fail(l, error, "cannot write the stack of", l->params->file_name)
		     : 0;
}

/* --- Objects --- */

static long create_task(struct loading *l)
{
	l4_cap_idx_t factory = l->params->factory.cap;
	bool upper = l->params->flags & LOADER_UPPER_HALF;

	return l4_error(
	    upper ? l4_zw_factory_create_task_upper(factory, l->objects->task, l->utcb_area)
		  : l4_factory_create_task(factory, l->objects->task, l->utcb_area));
}

static long create_objects(struct loading *l)
{
	const struct loader_objects *o = l->objects;
	long error = create_task(l);

	if (error < 0)
		return loading_fail(l, error, "cannot create the task of", l->params->file_name);
	error = l4_error(l4_factory_create_thread(l->params->factory.cap, o->thread));
	if (error < 0)
		return loading_fail(l, error, "cannot create the thread of", l->params->file_name);
	error = service_create_rm(l->params->rm_fab, o->rm, l->params->flags & LOADER_UPPER_HALF);
	if (error < 0)
		return loading_fail(l, error, "cannot create the region map of",
				    l->params->file_name);
	return 0;
}

/* Region maps of other servers than moe do not know this operation. */
static long set_parent(struct loading *l)
{
	long error = service_rm_set_parent(l->objects->rm, l->name, l->params->fault);

	if (!error || error == -L4_ENOSYS || error == -L4_EBADPROTO)
		return 0;
	return loading_fail(l, error, "cannot watch the program", l->params->file_name);
}

static long hand_over(struct loading *l, const char *name, const struct loader_cap *cap,
		      unsigned slot)
{
	l4_fpage_t page = l4_obj_fpage(cap->cap, 0, cap->rights & L4_CAP_FPAGE_RWSD);
	l4_umword_t to = slot_cap(slot) | (cap->rights & 0xf0) | L4_ITEM_MAP;
	long error = l4_error(l4_task_map(l->objects->task, own_task, page, to));

	return error < 0 ? loading_fail(l, error, "cannot hand over the capability", name) : 0;
}

static long hand_over_all(struct loading *l)
{
	const struct loader_params *p = l->params;
	struct handed list[HANDED_MAX];
	unsigned count = list_handed(l, list);
	long error = 0;

	for (unsigned i = 0; !error && i < count; i++)
		if (l4_is_valid_cap(list[i].cap.cap))
			error = hand_over(l, list[i].name, &list[i].cap, list[i].slot);
	for (unsigned i = 0; !error && i < p->cap_count; i++)
		error = hand_over(l, p->caps[i].name, &p->caps[i].cap,
				  stack_cap_slot(p->caps, p->cap_count, i));
	return error;
}

static long control_thread(const struct loading *l)
{
	l4_thread_control_start();
	l4_thread_control_pager(slot_cap(LOADER_SLOT_RM));
	l4_thread_control_exc_handler(slot_cap(LOADER_SLOT_RM));
	l4_thread_control_bind((l4_utcb_t *)l4_fpage_memaddr(l->utcb_area), l->objects->task);
	return l4_error(l4_thread_control_commit(l->objects->thread));
}

static long run(struct loading *l)
{
	const struct loader_params *p = l->params;
	long error = control_thread(l);

	if (error >= 0)
		error = l4_error(
		    l4_scheduler_run_thread(p->scheduler.cap, l->objects->thread, &p->sched));
	if (error >= 0)
		error = l4_error(l4_thread_ex_regs(l->objects->thread, l->image.entry + l->base,
						   l->sp, l->aux.ex_regs_flags));
	return error < 0 ? loading_fail(l, error, "cannot run", p->file_name) : 0;
}

static long run_steps(struct loading *l)
{
	long (*const check[])(struct loading *) = { check_params, check_services, check_caps,
						    image_read, check_stack };
	long (*const act[])(struct loading *) = { create_objects, set_parent, image_map,
						  hand_over_all, run };
	long error = 0;

	for (unsigned i = 0; !error && i < sizeof(check) / sizeof(*check); i++)
		error = check[i](l);
	if (error)
		return error;
	for (unsigned i = 0; !error && i < sizeof(act) / sizeof(*act); i++)
		error = act[i](l);
	if (error)
		loader_kill(l->objects);
	return error;
}

long loader_start(const struct loader_params *params, const struct loader_objects *objects,
		  struct loader_error *error)
{
	struct loading l = { .params = params, .objects = objects, .name = params->file_name };
	size_t length = __builtin_strlen(l.name);
	long result;

	if (length > REGION_NAME_MAX)
		l.name += length - REGION_NAME_MAX;
	result = run_steps(&l);
	if (error)
		*error = l.error;
	return result;
}

void loader_kill(const struct loader_objects *objects)
{
	l4_task_delete_obj(own_task, objects->thread);
	l4_task_delete_obj(own_task, objects->task);
	l4_task_delete_obj(own_task, objects->rm);
}
