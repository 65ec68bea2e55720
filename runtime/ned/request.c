/* SPDX-License-Identifier: MIT */
/* Requests to servers for the script. */
#include "ned/ned.h"

#include <string.h>
#include <l4/re/c/dataspace.h>
#include <l4/re/c/debug.h>
#include <l4/re/c/util/cap_alloc.h>
#include <l4/re/protocols.h>
#include <l4/sys/err.h>
#include <l4/sys/factory.h>
#include <l4/sys/meta.h>
#include <l4/sys/platform_control.h>
#include <l4/sys/scheduler.h>
#include <l4/sys/vcon.h>

enum { NS_QUERY = 0, NS_REGISTER = 1, NS_UNLINK = 3 };

/* Arguments of a request, on the Lua stack from first to last. */
struct arguments {
	lua_State *lua;
	int first, last;
};

static int result(lua_State *lua, long label)
{
	if (label < 0)
		return ned_failed(lua, label);
	lua_pushinteger(lua, label);
	return 1;
}

/* A new slot; raises a Lua error without one. */
static l4_cap_idx_t new_slot(lua_State *lua)
{
	l4_cap_idx_t slot = l4re_util_cap_alloc();

	if (l4_is_invalid_cap(slot))
		luaL_error(lua, "no capability slots left");
	return slot;
}

/* Push the capability received into slot, or the error. */
static int push_received(lua_State *lua, l4_cap_idx_t slot, long label)
{
	if (label < 0) {
		l4re_util_cap_free_um(slot);
		return ned_failed(lua, label);
	}
	cap_push(lua, slot, CAP_RIGHTS_DEFAULT, true);
	return 1;
}

/* --- Factories --- */

static void put_argument(lua_State *lua, int at, struct wire_out *out)
{
	size_t length;
	const char *text;

	switch (lua_type(lua, at)) {
	case LUA_TSTRING:
		text = lua_tolstring(lua, at, &length);
		wire_put_varg_string(out, text);
		break;
	case LUA_TNIL:
		wire_put_word(out, L4_VARG_TYPE_NIL);
		break;
	default:
		wire_put_varg_int(out, (l4_mword_t)lua_tointeger(lua, at));
	}
}

static void build_create(void *data, struct wire_out *out)
{
	const struct arguments *a = data;

	wire_put_word(out, (l4_umword_t)lua_tointeger(a->lua, a->first));
	for (int i = a->first + 1; i <= a->last; i++)
		put_argument(a->lua, i, out);
}

/* create(factory, protocol, ...): integers, strings and nils; the new capability. */
static int core_create(lua_State *lua)
{
	struct arguments a = { lua, 2, lua_gettop(lua) };
	struct cap *factory = cap_check(lua, 1);
	l4_cap_idx_t slot;
	struct wire_in in;

	luaL_checkinteger(lua, 2);
	for (int i = 3; i <= a.last; i++)
		if (lua_type(lua, i) != LUA_TSTRING && !lua_isnil(lua, i) && !lua_isinteger(lua, i))
			return luaL_argerror(lua, i - 1, "integer, string or nil expected");
	slot = new_slot(lua);
	return push_received(
	    lua, slot, event_call(factory->index, L4_PROTO_FACTORY, build_create, &a, slot, &in));
}

/* --- Meta protocol --- */

static void build_interface(void *data, struct wire_out *out)
{
	wire_put_u32(out, L4_META_OP_INTERFACE);
	wire_put_word(out, *(lua_Integer *)data);
}

/* interface(cap, n): protocol and type name of interface n, from 0. */
static int core_interface(lua_State *lua)
{
	struct cap *c = cap_check(lua, 1);
	lua_Integer n = luaL_checkinteger(lua, 2);
	struct wire_in in;
	long label, protocol;
	const char *name;

	label = event_call(c->index, L4_PROTO_META, build_interface, &n, L4_INVALID_CAP, &in);
	if (label < 0)
		return ned_failed(lua, label);
	protocol = (long)wire_get_word(&in);
	name = wire_get_string(&in);
	if (in.failed)
		return ned_failed(lua, -L4_EMSGTOOSHORT);
	lua_pushinteger(lua, protocol);
	lua_pushstring(lua, name);
	return 2;
}

/* --- Namespaces --- */

static void build_query(void *data, struct wire_out *out)
{
	const struct arguments *a = data;
	size_t length;
	const char *name = lua_tolstring(a->lua, a->first, &length);

	wire_put_u32(out, NS_QUERY);
	wire_put_array(out, name, length);
}

/* query(namespace, path): the capability, and what is left of the path or nil. */
static int core_query(lua_State *lua)
{
	struct arguments a = { lua, 2, 2 };
	struct cap *ns = cap_check(lua, 1);
	l4_cap_idx_t slot;
	struct wire_in in;
	size_t length = 0;
	const char *rest = NULL;
	long label;

	luaL_checkstring(lua, 2);
	slot = new_slot(lua);
	label = event_call(ns->index, L4RE_PROTO_NAMESPACE, build_query, &a, slot, &in);
	if (label > 0) {
		wire_get_u32(&in);
		rest = wire_get_array(&in, &length);
		lua_pushlstring(lua, rest ? rest : "", length); /* before other requests */
		lua_replace(lua, 2);
	}
	push_received(lua, slot, label);
	if (label <= 0)
		return label < 0 ? 2 : 1;
	lua_pushvalue(lua, 2);
	return 2;
}

static void build_register(void *data, struct wire_out *out)
{
	const struct arguments *a = data;
	struct cap *object = lua_isnil(a->lua, 3) ? NULL : cap_check(a->lua, 3);
	size_t length;
	const char *name = lua_tolstring(a->lua, 2, &length);

	wire_put_u32(out, object ? NS_REGISTER : NS_UNLINK);
	if (object)
		wire_put_u32(out, (l4_uint32_t)lua_tointeger(a->lua, 4));
	wire_put_array(out, name, length);
	if (object)
		wire_put_cap(out, object->index, object->rights);
}

/* register(namespace, name, cap or nil, flags): nil removes the name. */
static int core_register(lua_State *lua)
{
	struct arguments a = { lua, 2, 4 };
	struct cap *ns = cap_check(lua, 1);
	struct wire_in in;

	luaL_checkstring(lua, 2);
	lua_settop(lua, 4);
	if (!lua_isnil(lua, 3)) {
		cap_check(lua, 3);
		luaL_checkinteger(lua, 4);
	}
	return result(lua, event_call(ns->index, L4RE_PROTO_NAMESPACE, build_register, &a,
				      L4_INVALID_CAP, &in));
}

/* --- Others --- */

/* ds_info(dataspace): bytes, flags. */
static int core_ds_info(lua_State *lua)
{
	l4re_ds_stats_t stats;
	long error = l4re_ds_info(cap_check(lua, 1)->index, &stats);

	if (error < 0)
		return ned_failed(lua, error);
	lua_pushinteger(lua, (lua_Integer)stats.size);
	lua_pushinteger(lua, (lua_Integer)stats.flags);
	return 2;
}

/* debug(cap, function) */
static int core_debug(lua_State *lua)
{
	struct cap *c = cap_check(lua, 1);

	return result(lua, l4re_debug_obj_debug(c->index, luaL_checkinteger(lua, 2)));
}

/* write(vcon, text) */
static int core_write(lua_State *lua)
{
	struct cap *c = cap_check(lua, 1);
	size_t left;
	const char *text = luaL_checklstring(lua, 2, &left);

	while (left) {
		unsigned chunk = left < L4_VCON_WRITE_SIZE ? (unsigned)left : L4_VCON_WRITE_SIZE;

		l4_vcon_write(c->index, text, chunk);
		text += chunk;
		left -= chunk;
	}
	return 0;
}

/* sched_info(scheduler, first CPU): mask of the CPUs from there on, number of CPUs. */
static int core_sched_info(lua_State *lua)
{
	struct cap *c = cap_check(lua, 1);
	l4_sched_cpu_set_t cpus = l4_sched_cpu_set((l4_umword_t)luaL_optinteger(lua, 2, 0), 0, 0);
	l4_umword_t count = 0;
	long error = l4_error(l4_scheduler_info(c->index, &count, &cpus));

	if (error < 0)
		return ned_failed(lua, error);
	lua_pushinteger(lua, (lua_Integer)cpus.map);
	lua_pushinteger(lua, (lua_Integer)count);
	return 2;
}

struct words {
	lua_State *lua;
	int first, last; /* on Lua's stack */
};

static void build_words(void *data, struct wire_out *out)
{
	const struct words *w = data;

	for (int i = w->first; i <= w->last; i++)
		wire_put_word(out, (l4_umword_t)lua_tointeger(w->lua, i));
}

/* ask(cap, protocol, words...): the answer's label and words. One try, as event_try() makes it. */
static int core_ask(lua_State *lua)
{
	struct cap *c = cap_check(lua, 1);
	long protocol = (long)luaL_checkinteger(lua, 2);
	struct words w = { lua, 3, lua_gettop(lua) };
	struct wire_in in;
	int count = 1;
	long label;

	for (int i = w.first; i <= w.last; i++)
		luaL_checkinteger(lua, i);
	/* Whatever needs memory of Lua's may overwrite the answer. */
	luaL_checkstack(lua, L4_UTCB_GENERIC_DATA_SIZE, NULL);
	label = event_try(c->index, protocol, build_words, &w, L4_INVALID_CAP, &in);
	if (label < 0)
		return ned_failed(lua, label);
	lua_pushinteger(lua, label);
	for (; wire_has(&in, sizeof(l4_umword_t), sizeof(l4_umword_t)); count++)
		lua_pushinteger(lua, (lua_Integer)wire_get_word(&in));
	return count;
}

static int core_suspend(lua_State *lua)
{
	struct cap *c = cap_check(lua, 1);
	l4_umword_t extras = (l4_umword_t)luaL_optinteger(lua, 2, 0);

	return result(lua, l4_error(l4_platform_ctl_system_suspend(c->index, extras)));
}

static int core_shutdown(lua_State *lua)
{
	struct cap *c = cap_check(lua, 1);
	l4_umword_t reboot = (l4_umword_t)luaL_optinteger(lua, 2, 0);

	return result(lua, l4_error(l4_platform_ctl_system_shutdown(c->index, reboot)));
}

void request_open(lua_State *lua)
{
	static const luaL_Reg functions[] = {
		{ "create", core_create },     { "interface", core_interface },
		{ "query", core_query },       { "register", core_register },
		{ "ds_info", core_ds_info },   { "debug", core_debug },
		{ "write", core_write },       { "sched_info", core_sched_info },
		{ "ask", core_ask },	       { "suspend", core_suspend },
		{ "shutdown", core_shutdown }, { NULL, NULL }
	};

	luaL_setfuncs(lua, functions, 0);
}
