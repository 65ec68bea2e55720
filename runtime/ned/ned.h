/* SPDX-License-Identifier: MIT */
/*
 * ned runs a scenario, a Lua script. The script's module L4 is written in Lua (L4.lua and its
 * parts); C has only what Lua cannot do: capabilities, requests to servers, programs, events. These
 * functions are the table `core`, which no script sees.
 *
 * Functions of core that can fail return nil and the negative error, never a Lua error, unless they
 * are called with arguments of the wrong kind.
 *
 * There is one thread. While Lua runs, messages of children wait; core.step() takes them. It only
 * notes what has happened, so it can be called from everywhere; Lua asks with core.ended().
 */
#ifndef NED_NED_H
#define NED_NED_H

#include <lua.h>
#include <lauxlib.h>
#include <l4/sys/types.h>
#include "server/server.h"
#include "wire/wire.h"

/* Add a list of functions to the table core, which is on top of the stack. */
typedef void ned_open(lua_State *lua);
ned_open cap_open, request_open, file_open, child_open, console_open, misc_open;

/* --- cap.c: capabilities as Lua values --- */

enum { CAP_RIGHTS_DEFAULT = L4_CAP_FPAGE_R, CAP_RIGHTS_MASK = 0xff };

/*
 * A reference to a capability. rights are those that it is handed on with, low four bits
 * L4_CAP_FPAGE_*, the others L4_FPAGE_C_*. User value 1: a table for Lua's knowledge of its type,
 * shared by the references that were copied from one another.
 */
struct cap {
	l4_cap_idx_t index;
	unsigned rights;
	bool counted; /* the slot is from the allocator */
};

/* Push a reference. If counted, the caller's reference of the slot becomes that of the value. */
void cap_push(lua_State *lua, l4_cap_idx_t index, unsigned rights, bool counted);

/* Argument arg as a reference; raises a Lua error if it is none. */
struct cap *cap_check(lua_State *lua, int arg);

/* Field name of the table at index at, or NULL if it is nil; raises an error if it is no reference.
 */
struct cap *cap_field(lua_State *lua, int at, const char *name);

/* Push nil and the error; returns 2. */
int ned_failed(lua_State *lua, long error);

/* --- event.c: messages of children, interrupts --- */

extern struct server ned_server;

/* Prepare to receive. Returns 0 or a negative error. */
long event_init(void);

/*
 * Handle messages that are there; wait up to ms milliseconds (-1: for ever) for the first. Nothing
 * happens while a message is being answered: the answer's way back would be lost.
 */
bool event_step(long ms);

/* Say whether a message is being answered by Lua; returns what was said before. */
bool event_answering(bool now);

/*
 * A call that a server may be slow to accept: build(data, &out) makes the message, again and again,
 * until somebody receives it; meanwhile children are heard. Returns as wire_call() does. expect:
 * slot for the capability that is wanted, or L4_INVALID_CAP.
 */
long event_call(l4_cap_idx_t object, long protocol, void (*build)(void *data, struct wire_out *out),
		void *data, l4_cap_idx_t expect, struct wire_in *in);

/* One try of that: -(L4_EIPC_LO + L4_IPC_SETIMEOUT) if nobody receives the message within 20 ms. */
long event_try(l4_cap_idx_t object, long protocol, void (*build)(void *data, struct wire_out *out),
	       void *data, l4_cap_idx_t expect, struct wire_in *in);

/* --- child.c: programs --- */

/* Take apart what has ended. */
void child_reap(void);

#endif
