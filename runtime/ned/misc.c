/* SPDX-License-Identifier: MIT */
/* Time, the kernel's name, and the place of an error in the script. */
#include "ned/ned.h"

#include <string.h>
#include <l4/re/env.h>
#include <l4/sys/kip.h>

/* step([ms]): handle what has come, wait up to ms milliseconds for it, without ms for ever. */
static int core_step(lua_State *lua)
{
	lua_Integer ms = luaL_optinteger(lua, 1, -1);
	bool answering = event_answering(false);

	event_answering(answering);
	if (answering && ms)
		return luaL_error(lua, "a remote command cannot wait");
	lua_pushboolean(lua, event_step(ms));
	return 1;
}

/* clock(): milliseconds since the system started. */
static int core_clock(lua_State *lua)
{
	lua_pushinteger(lua, (lua_Integer)(l4_kip_clock(l4re_kip()) / 1000));
	return 1;
}

static int core_kernel_version(lua_State *lua)
{
	lua_pushstring(lua, l4_kip_version_string(l4re_kip()));
	return 1;
}

static int core_platform(lua_State *lua)
{
	const char *name = l4re_kip()->platform_info.name;

	lua_pushlstring(lua, name, strnlen(name, sizeof(l4re_kip()->platform_info.name)));
	return 1;
}

/* Chunks of ned's own have names that begin with "=ned". */
static bool is_own(const lua_Debug *at)
{
	return at->what[0] == 'C' || !strncmp(at->source, "=ned", 4);
}

/* where(): "script:line: " of the call that left the script, or "". */
static int core_where(lua_State *lua)
{
	lua_Debug at;

	for (int level = 1; lua_getstack(lua, level, &at); level++) {
		lua_getinfo(lua, "Sl", &at);
		if (!is_own(&at) && at.currentline > 0) {
			lua_pushfstring(lua, "%s:%d: ", at.short_src, at.currentline);
			return 1;
		}
	}
	lua_pushliteral(lua, "");
	return 1;
}

void misc_open(lua_State *lua)
{
	static const luaL_Reg functions[] = { { "step", core_step },
					      { "clock", core_clock },
					      { "kernel_version", core_kernel_version },
					      { "platform", core_platform },
					      { "where", core_where },
					      { NULL, NULL } };

	luaL_setfuncs(lua, functions, 0);
}
