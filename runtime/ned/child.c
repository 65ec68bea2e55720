/* SPDX-License-Identifier: MIT */
/*
 * Programs that ned has started. Each has two objects of ned's server: the gate that is the
 * program's parent, where it says that it ends, and an interrupt that comes when it has faulted for
 * good. Their handlers only note that; child_reap() deletes the program outside of them.
 */
#include "ned/child.h"

#include <stdlib.h>
#include <string.h>
#include <l4/re/c/util/cap_alloc.h>
#include <l4/re/protocols.h>
#include <l4/sys/err.h>

enum { PARENT_SIGNAL_EXIT = 0 };

static struct child *children; /* all that Lua has not been told the end of */
static lua_Integer last_id;

static struct child *of_gate(struct server_object *object)
{
	return (struct child *)((char *)object - offsetof(struct child, gate));
}

static struct child *of_fault(struct server_object *object)
{
	return (struct child *)((char *)object - offsetof(struct child, fault));
}

static void note_end(struct child *c, enum child_end end, long code)
{
	if (c->state != CHILD_RUNNING)
		return;
	c->state = CHILD_ENDING;
	c->end = end;
	c->code = code;
}

/* A program that ends gets no answer: it is deleted. Other signals are of no interest here. */
static long parent_signal(struct server_object *object, struct server_request *request)
{
	l4_umword_t signal = wire_get_word(&request->in);
	l4_umword_t value = wire_get_word(&request->in);

	if (request->in.failed)
		return -L4_EMSGTOOSHORT;
	if (signal != PARENT_SIGNAL_EXIT)
		return 0;
	note_end(of_gate(object), CHILD_EXIT, (int)value);
	return -L4_ENOREPLY;
}

static void faulted(struct server_object *object)
{
	struct child *c = of_fault(object);
	struct wire_out out = { 0 };
	struct wire_in in;

	wire_put_u32(&out, L4_ZW_RM_FAULT_OP);
	wire_expect_nothing();
	if (wire_call(c->objects.rm, &out, L4RE_PROTO_RM, &in) < 0)
		return;
	wire_get_struct(&in, &c->fault_info, sizeof(c->fault_info), sizeof(l4_umword_t));
	if (!in.failed)
		note_end(c, CHILD_FAULT, (long)c->fault_info.signal);
}

/* The program has thrown its parent away. It can still be killed. */
static void parent_released(struct server_object *object)
{
	(void)object;
}

static const struct server_operation parent_operations[] = { { parent_signal, 0 } };
static const struct server_interface parent_interfaces[] = { { L4RE_PROTO_PARENT, "N4L4Re6ParentE",
							       NULL, parent_operations, 1 } };
static const struct server_class parent_class = { .interfaces = parent_interfaces,
						  .interface_count = 1,
						  .released = parent_released };
static const struct server_class fault_class = { .released = parent_released,
						 .interrupt = faulted };

static l4_cap_idx_t *slots(struct child *c, unsigned i)
{
	l4_cap_idx_t *const all[CHILD_SLOTS] = { &c->objects.task, &c->objects.thread,
						 &c->objects.rm, &c->objects.scratch };

	return all[i];
}

static void free_slots(struct child *c)
{
	for (unsigned i = 0; i < CHILD_SLOTS; i++)
		if (l4_is_valid_cap(*slots(c, i)))
			l4re_util_cap_free_um(*slots(c, i));
}

static long alloc_slots(struct child *c)
{
	bool all = true;

	for (unsigned i = 0; i < CHILD_SLOTS; i++) {
		*slots(c, i) = l4re_util_cap_alloc();
		all = all && l4_is_valid_cap(*slots(c, i));
	}
	return all ? 0 : -L4_ENOMEM;
}

struct child *child_new(void)
{
	struct child *c = calloc(1, sizeof(*c));
	long error = -L4_ENOMEM;

	if (!c)
		return NULL;
	c->gate.class = &parent_class;
	c->fault.class = &fault_class;
	c->id = ++last_id;
	error = alloc_slots(c);
	if (!error)
		error = server_publish(&ned_server, &c->gate);
	if (!error)
		error = server_bind_irq(&ned_server, &c->fault);
	if (error < 0) {
		child_discard(c);
		return NULL;
	}
	return c;
}

void child_discard(struct child *c)
{
	server_unpublish(&ned_server, &c->gate);
	server_unpublish(&ned_server, &c->fault);
	free_slots(c);
	free(c);
}

void child_started(struct child *c)
{
	c->next = children;
	children = c;
}

static struct child *find(lua_Integer id)
{
	struct child *c = children;

	while (c && c->id != id)
		c = c->next;
	return c;
}

void child_reap(void)
{
	for (struct child *c = children; c; c = c->next) {
		if (c->state != CHILD_ENDING)
			continue;
		loader_kill(&c->objects);
		server_unpublish(&ned_server, &c->gate);
		server_unpublish(&ned_server, &c->fault);
		c->state = CHILD_ENDED;
	}
}

/* kill(id): true if the program was there. Its end is told by ended(). */
static int core_kill(lua_State *lua)
{
	struct child *c = find(luaL_checkinteger(lua, 1));

	if (c)
		note_end(c, CHILD_KILLED, 0);
	child_reap();
	lua_pushboolean(lua, c != NULL);
	return 1;
}

static void push_fault(lua_State *lua, const l4_zw_rm_fault_t *f)
{
	lua_pushinteger(lua, (lua_Integer)f->ip);
	lua_pushinteger(lua, (lua_Integer)f->address);
	lua_pushinteger(lua, (lua_Integer)f->trapno);
}

/*
 * ended(): a program that has ended and was not asked for yet: id, "exit" | "fault" | "killed",
 * exit code or signal, and for a fault instruction pointer, address, trap number. nil: none.
 */
static int core_ended(lua_State *lua)
{
	static const char *const how[] = { "exit", "fault", "killed" };
	struct child **at = &children;
	struct child *c;

	while (*at && (*at)->state != CHILD_ENDED)
		at = &(*at)->next;
	c = *at;
	if (!c)
		return 0;
	*at = c->next;
	lua_pushinteger(lua, c->id);
	lua_pushstring(lua, how[c->end]);
	lua_pushinteger(lua, c->code);
	push_fault(lua, &c->fault_info);
	free_slots(c);
	free(c);
	return 6;
}

void child_open(lua_State *lua)
{
	static const luaL_Reg functions[] = { { "start", child_core_start },
					      { "kill", core_kill },
					      { "ended", core_ended },
					      { NULL, NULL } };

	luaL_setfuncs(lua, functions, 0);
}
