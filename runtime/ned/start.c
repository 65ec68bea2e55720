/* SPDX-License-Identifier: MIT */
/* From the table that Lua makes of a program to the parameters of the loader. */
#include "ned/child.h"

#include <l4/re/c/rm.h>
#include <l4/re/env.h>
#include <l4/sys/err.h>

static l4_addr_t window;

long start_init(void)
{
	return l4re_rm_reserve_area(&window, LOADER_WINDOW_SIZE, L4RE_RM_F_SEARCH_ADDR,
				    L4_PAGESHIFT);
}

static struct loader_cap loader_cap(const struct cap *c)
{
	return c ? (struct loader_cap){ c->index, c->rights }
		 : (struct loader_cap){ L4_INVALID_CAP, 0 };
}

static struct loader_cap field(lua_State *lua, const char *name)
{
	return loader_cap(cap_field(lua, 1, name));
}

static lua_Integer number(lua_State *lua, const char *name, lua_Integer otherwise)
{
	lua_Integer n;

	lua_getfield(lua, 1, name);
	n = luaL_optinteger(lua, -1, otherwise);
	lua_pop(lua, 1);
	return n;
}

/*
 * The strings of the array in field name. They live as long as the table at 1; the list of pointers
 * is left on the stack.
 */
static const char *const *strings(lua_State *lua, const char *name, unsigned *count)
{
	const char **list;

	lua_getfield(lua, 1, name);
	luaL_checktype(lua, -1, LUA_TTABLE);
	*count = (unsigned)lua_rawlen(lua, -1);
	list = lua_newuserdatauv(lua, (*count + 1) * sizeof(*list), 0);
	for (unsigned i = 0; i < *count; i++) {
		lua_rawgeti(lua, -2, i + 1);
		if (lua_type(lua, -1) != LUA_TSTRING)
			luaL_error(lua, "%s[%d] is no string", name, i + 1);
		list[i] = lua_tostring(lua, -1);
		lua_pop(lua, 1);
	}
	return list;
}

/* The array caps of tables { name = , cap = }; the list is left on the stack as that of strings. */
static const struct loader_named_cap *named_caps(lua_State *lua, unsigned *count)
{
	struct loader_named_cap *list;

	lua_getfield(lua, 1, "caps");
	luaL_checktype(lua, -1, LUA_TTABLE);
	*count = (unsigned)lua_rawlen(lua, -1);
	list = lua_newuserdatauv(lua, (*count + 1) * sizeof(*list), 0);
	for (unsigned i = 0; i < *count; i++) {
		lua_rawgeti(lua, -2, i + 1);
		lua_getfield(lua, -1, "name");
		list[i].name = luaL_checkstring(lua, -1);
		list[i].cap = loader_cap(cap_field(lua, lua_gettop(lua) - 1, "cap"));
		lua_pop(lua, 2);
	}
	return list;
}

static void read_params(lua_State *lua, struct loader_params *p)
{
	*p = (struct loader_params){
		.file = field(lua, "file").cap,
		.factory = field(lua, "factory"),
		.mem = field(lua, "mem"),
		.scheduler = field(lua, "scheduler"),
		.log = field(lua, "log"),
		.dbg_events = field(lua, "dbg_events"),
		.rm_fab = field(lua, "rm_fab").cap,
		.kip = (l4_cap_idx_t)LOADER_SLOT_KIP << L4_CAP_SHIFT,
		.flags = (unsigned)number(lua, "ldr_flags", 0),
		.debug_level = (unsigned)number(lua, "l4re_dbg", 0),
		.base = (l4_addr_t)number(lua, "base", 0),
		.sched = l4_sched_param((unsigned)number(lua, "prio", L4RE_MAIN_THREAD_PRIO), 0),
		.window = window,
	};
	lua_getfield(lua, 1, "name");
	p->file_name = luaL_checkstring(lua, -1);
	p->argv = strings(lua, "argv", &p->argc);
	p->envp = strings(lua, "envp", &p->envc);
	p->caps = named_caps(lua, &p->cap_count);
}

/*
 * start(config): the number of the new program; or nil, error, what went wrong, and the name that
 * this is about.
 */
int child_core_start(lua_State *lua)
{
	struct loader_error error = { 0, "", "" };
	struct loader_params params;
	struct child *c;

	luaL_checktype(lua, 1, LUA_TTABLE);
	read_params(lua, &params);
	c = child_new();
	if (!c)
		return ned_failed(lua, -L4_ENOMEM);
	params.parent = (struct loader_cap){ c->gate.cap, L4_CAP_FPAGE_RWS };
	params.fault = c->fault.cap;
	if (loader_start(&params, &c->objects, &error) < 0) {
		child_discard(c);
		ned_failed(lua, error.code);
		lua_pushstring(lua, error.text);
		lua_pushstring(lua, error.subject);
		return 4;
	}
	child_started(c);
	lua_pushinteger(lua, c->id);
	return 1;
}
