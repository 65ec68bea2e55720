/* SPDX-License-Identifier: MIT */
/* ned's console: input of its log, if that has any, and the remote command interface. */
#include "ned/ned.h"

#include <stdlib.h>
#include <string.h>
#include <l4/re/c/util/cap_alloc.h>
#include <l4/re/env.h>
#include <l4/sys/err.h>
#include <l4/sys/icu.h>
#include <l4/sys/vcon.h>

enum { CONSOLE_IRQ = 0, COMMAND_EXECUTE = 0 };

/* A command gate and the Lua function that answers it (in the registry). */
struct remote {
	struct server_object object;
	lua_State *lua;
	int function;
};

static void input_came(struct server_object *object)
{
	(void)object; /* whoever waits will look */
}

static void nothing_released(struct server_object *object)
{
	(void)object;
}

static const struct server_class input_class = { .released = nothing_released,
						 .interrupt = input_came };
static struct server_object input = { .class = &input_class };

/* console_open(vcon): true, or nil and an error if it has no input. */
static int core_console_open(lua_State *lua)
{
	struct cap *vcon = cap_check(lua, 1);
	l4_vcon_attr_t attributes = { .o_flags = L4_VCON_ONLCR }; /* no echo: the prompt does it */
	long error = server_bind_irq(&ned_server, &input);

	if (error >= 0)
		error = l4_error(l4_icu_bind(vcon->index, CONSOLE_IRQ, input.cap));
	if (error < 0) {
		server_unpublish(&ned_server, &input);
		return ned_failed(lua, error);
	}
	l4_vcon_set_attr(vcon->index, &attributes);
	lua_pushboolean(lua, 1);
	return 1;
}

/* console_read(vcon): what has been typed, perhaps "". */
static int core_console_read(lua_State *lua)
{
	struct cap *vcon = cap_check(lua, 1);
	char bytes[L4_VCON_READ_SIZE];
	int count = l4_vcon_read(vcon->index, bytes, sizeof(bytes));

	if (count < 0)
		return ned_failed(lua, count);
	if ((size_t)count > sizeof(bytes))
		count = sizeof(bytes); /* there is more */
	lua_pushlstring(lua, bytes, (size_t)count);
	return 1;
}

/* --- Remote commands --- */

static long execute(struct server_object *object, struct server_request *request)
{
	struct remote *r = (struct remote *)object;
	const char *command = wire_get_string(&request->in);
	size_t length;
	const char *text;
	long code;
	int failed;

	if (request->in.failed)
		return -L4_EMSGTOOSHORT;
	lua_rawgeti(r->lua, LUA_REGISTRYINDEX, r->function);
	lua_pushstring(r->lua, command);
	event_answering(true);
	failed = lua_pcall(r->lua, 1, 2, 0);
	event_answering(false);
	if (failed) {
		lua_pop(r->lua, 1);
		return -L4_EIO;
	}
	code = (long)lua_tointeger(r->lua, -2);
	text = luaL_tolstring(r->lua, -1, &length);
	if (length > UINT16_MAX)
		length = UINT16_MAX;
	wire_put_u16(&request->out, (l4_uint16_t)length);
	wire_put_bytes(&request->out, text, length);
	lua_pop(r->lua, 3);
	return code;
}

static void remote_released(struct server_object *object)
{
	struct remote *r = (struct remote *)object;

	luaL_unref(r->lua, LUA_REGISTRYINDEX, r->function);
	free(r);
}

static const struct server_operation command_operations[] = { { execute, 0 } };
static const struct server_interface command_interfaces[] = { { 0, "N4L4Re3Ned6ServerE", NULL,
								command_operations, 1 } };
static const struct server_class command_class = { .interfaces = command_interfaces,
						   .interface_count = 1,
						   .released = remote_released };

/* serve(gate, function): answer commands with function(text), which returns a code and a text. */
static int core_serve(lua_State *lua)
{
	struct cap *gate = cap_check(lua, 1);
	struct remote *r;
	long error;

	luaL_checktype(lua, 2, LUA_TFUNCTION);
	r = calloc(1, sizeof(*r));
	if (!r)
		return ned_failed(lua, -L4_ENOMEM);
	r->object.class = &command_class;
	error = server_bind_gate(&ned_server, &r->object, gate->index);
	if (error < 0) {
		free(r);
		return ned_failed(lua, error);
	}
	if (gate->counted)
		l4re_util_cap_take(gate->index); /* the server's own */
	lua_rawgeti(lua, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
	r->lua = lua_tothread(lua, -1);
	lua_pushvalue(lua, 2);
	r->function = luaL_ref(lua, LUA_REGISTRYINDEX);
	lua_pushboolean(lua, 1);
	return 1;
}

void console_open(lua_State *lua)
{
	static const luaL_Reg functions[] = { { "console_open", core_console_open },
					      { "console_read", core_console_read },
					      { "serve", core_serve },
					      { NULL, NULL } };

	luaL_setfuncs(lua, functions, 0);
}
