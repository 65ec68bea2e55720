/* SPDX-License-Identifier: MIT */
/* ned: runs a scenario. What it does is in Lua, see main.lua; this is how Lua comes to run. */
#include "ned/child.h"

#include <stdio.h>
#include <stdlib.h>
#include <lualib.h>

/* Lua text that is part of the program: scripts.S. */
struct script {
	const char *name; /* of the chunk */
	const char *start, *end;
};

extern const struct script ned_scripts[];

static void open_libraries(lua_State *lua)
{
	static const luaL_Reg libraries[] = {
		{ LUA_GNAME, luaopen_base },	      { LUA_LOADLIBNAME, luaopen_package },
		{ LUA_COLIBNAME, luaopen_coroutine }, { LUA_TABLIBNAME, luaopen_table },
		{ LUA_IOLIBNAME, luaopen_io },	      { LUA_STRLIBNAME, luaopen_string },
		{ LUA_MATHLIBNAME, luaopen_math },    { LUA_UTF8LIBNAME, luaopen_utf8 },
		{ LUA_DBLIBNAME, luaopen_debug },     { NULL, NULL }
	};

	for (const luaL_Reg *l = libraries; l->func; l++) {
		luaL_requiref(lua, l->name, l->func, 1);
		lua_pop(lua, 1);
	}
}

static void push_core(lua_State *lua)
{
	ned_open *const parts[] = { cap_open,	request_open, file_open,
				    child_open, console_open, misc_open };

	lua_newtable(lua);
	for (unsigned i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		parts[i](lua);
}

static void push_arguments(lua_State *lua, int argc, char **argv)
{
	lua_newtable(lua);
	for (int i = 0; i < argc; i++) {
		lua_pushstring(lua, argv[i]);
		lua_rawseti(lua, -2, i);
	}
}

/*
 * The parts run in order with the same two tables, core and ned: each part adds to ned what the
 * next ones use. The last one is the program and gets the arguments.
 */
static int run(lua_State *lua)
{
	int argc = (int)lua_tointeger(lua, 1);
	char **argv = lua_touserdata(lua, 2);

	luaL_checkstack(lua, LUA_MINSTACK, NULL);
	open_libraries(lua);
	push_core(lua);
	lua_newtable(lua);
	push_arguments(lua, argc, argv);
	lua_setfield(lua, -2, "arguments");
	for (const struct script *s = ned_scripts; s->name; s++) {
		if (luaL_loadbuffer(lua, s->start, (size_t)(s->end - s->start), s->name) != LUA_OK)
			return lua_error(lua);
		lua_pushvalue(lua, -3);
		lua_pushvalue(lua, -3);
		lua_call(lua, 2, 0);
	}
	lua_getfield(lua, -1, "status");
	return 1;
}

int main(int argc, char **argv)
{
	lua_State *lua;
	int status;

	if (event_init() < 0 || start_init() < 0) {
		puts("Ned: FATAL: no capability slots or addresses to start with");
		return EXIT_FAILURE;
	}
	lua = luaL_newstate();
	if (!lua) {
		puts("Ned: FATAL: no memory for Lua");
		return EXIT_FAILURE;
	}
	lua_pushcfunction(lua, run);
	lua_pushinteger(lua, argc);
	lua_pushlightuserdata(lua, argv);
	if (lua_pcall(lua, 2, 1, 0) != LUA_OK) {
		printf("Ned: FATAL: %s\n", luaL_tolstring(lua, -1, NULL));
		return EXIT_FAILURE;
	}
	status = (int)lua_tointeger(lua, -1);
	return status;
}
