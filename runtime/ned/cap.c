/* SPDX-License-Identifier: MIT */
/* Capabilities as Lua values. */
#include "ned/ned.h"

#include <string.h>
#include <l4/re/c/util/cap_alloc.h>
#include <l4/re/env.h>
#include <l4/sys/task.h>

static const char type_name[] = "L4::Cap";

void cap_push(lua_State *lua, l4_cap_idx_t index, unsigned rights, bool counted)
{
	struct cap *c = lua_newuserdatauv(lua, sizeof(*c), 1);

	*c = (struct cap){ index, rights, counted };
	luaL_setmetatable(lua, type_name);
	lua_newtable(lua);
	lua_setiuservalue(lua, -2, 1);
}

struct cap *cap_check(lua_State *lua, int arg)
{
	return luaL_checkudata(lua, arg, type_name);
}

struct cap *cap_field(lua_State *lua, int at, const char *name)
{
	struct cap *c = NULL;

	if (lua_getfield(lua, at, name) != LUA_TNIL) {
		c = luaL_testudata(lua, -1, type_name);
		if (!c)
			luaL_error(lua, "'%s' must be a capability, not a %s", name,
				   luaL_typename(lua, -1));
	}
	lua_pop(lua, 1); /* the table still holds it */
	return c;
}

int ned_failed(lua_State *lua, long error)
{
	lua_pushnil(lua);
	lua_pushinteger(lua, error);
	return 2;
}

static int cap_collect(lua_State *lua)
{
	struct cap *c = cap_check(lua, 1);

	if (c->counted)
		l4re_util_cap_release(c->index);
	c->counted = false;
	return 0;
}

/* release(cap): give the reference up now; it is empty then. Those that ned began with stay. */
static int core_release(lua_State *lua)
{
	struct cap *c = cap_check(lua, 1);

	if (c->counted) {
		cap_collect(lua);
		c->index = L4_INVALID_CAP;
	}
	return 0;
}

/* delete(cap): the object goes, if ned may delete it; all references to it are empty then. */
static int core_delete(lua_State *lua)
{
	l4_task_delete_obj(L4RE_THIS_TASK_CAP, cap_check(lua, 1)->index);
	return 0;
}

/* copy(cap, rights [, data]): another reference; with data, one with that knowledge of its own. */
static int core_copy(lua_State *lua)
{
	struct cap *c = cap_check(lua, 1);
	unsigned rights = (unsigned)luaL_checkinteger(lua, 2) & CAP_RIGHTS_MASK;

	lua_settop(lua, 3);
	if (c->counted)
		l4re_util_cap_take(c->index);
	cap_push(lua, c->index, rights, c->counted);
	if (lua_istable(lua, 3))
		lua_pushvalue(lua, 3);
	else
		lua_getiuservalue(lua, 1, 1);
	lua_setiuservalue(lua, -2, 1);
	return 1;
}

/* data(cap): the table of what Lua knows of it. */
static int core_data(lua_State *lua)
{
	cap_check(lua, 1);
	lua_getiuservalue(lua, 1, 1);
	return 1;
}

static int core_rights(lua_State *lua)
{
	lua_pushinteger(lua, cap_check(lua, 1)->rights);
	return 1;
}

static int core_index(lua_State *lua)
{
	lua_pushinteger(lua, (lua_Integer)cap_check(lua, 1)->index);
	return 1;
}

static int core_valid(lua_State *lua)
{
	struct cap *c = cap_check(lua, 1);

	lua_pushboolean(lua, l4_is_valid_cap(c->index) &&
				 l4_error(l4_task_cap_valid(L4RE_THIS_TASK_CAP, c->index)) > 0);
	return 1;
}

static int core_is_cap(lua_State *lua)
{
	lua_pushboolean(lua, luaL_testudata(lua, 1, type_name) != NULL);
	return 1;
}

/* methods(table): metamethods of all capabilities, __index and __tostring. */
static int core_methods(lua_State *lua)
{
	luaL_checktype(lua, 1, LUA_TTABLE);
	luaL_getmetatable(lua, type_name);
	lua_getfield(lua, 1, "__index");
	lua_setfield(lua, -2, "__index");
	lua_getfield(lua, 1, "__tostring");
	lua_setfield(lua, -2, "__tostring");
	return 0;
}

static void add_base(lua_State *lua, const char *name, l4_cap_idx_t index)
{
	if (l4_is_invalid_cap(index))
		return;
	cap_push(lua, index, L4_CAP_FPAGE_RWS, false);
	lua_setfield(lua, -2, name);
}

static void add_named(lua_State *lua, const l4re_env_cap_entry_t *e)
{
	lua_pushlstring(lua, e->name, strnlen(e->name, sizeof(e->name)));
	cap_push(lua, e->cap, L4_CAP_FPAGE_RWS, false);
	lua_settable(lua, -3);
}

/* env(): ned's own capabilities by name; those that it was given come before those of all. */
static int core_env(lua_State *lua)
{
	const l4re_env_t *env = l4re_env();

	lua_newtable(lua);
	add_base(lua, "parent", env->parent);
	add_base(lua, "rm", env->rm);
	add_base(lua, "mem_alloc", env->mem_alloc);
	add_base(lua, "user_factory", env->mem_alloc);
	add_base(lua, "log", env->log);
	add_base(lua, "factory", env->factory);
	add_base(lua, "scheduler", env->scheduler);
	add_base(lua, "dbg_events", env->dbg_events);
	for (const l4re_env_cap_entry_t *e = env->caps; e && e->flags != ~0UL; e++)
		add_named(lua, e);
	return 1;
}

void cap_open(lua_State *lua)
{
	static const luaL_Reg functions[] = { { "copy", core_copy },
					      { "data", core_data },
					      { "rights", core_rights },
					      { "index", core_index },
					      { "valid", core_valid },
					      { "is_cap", core_is_cap },
					      { "release", core_release },
					      { "delete", core_delete },
					      { "methods", core_methods },
					      { "env", core_env },
					      { NULL, NULL } };

	luaL_newmetatable(lua, type_name);
	lua_pushcfunction(lua, cap_collect);
	lua_setfield(lua, -2, "__gc");
	lua_pushstring(lua, type_name);
	lua_setfield(lua, -2, "__name");
	lua_pop(lua, 1);
	luaL_setfuncs(lua, functions, 0);
}
