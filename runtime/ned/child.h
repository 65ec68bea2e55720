/* SPDX-License-Identifier: MIT */
/* Programs that ned has started. */
#ifndef NED_CHILD_H
#define NED_CHILD_H

#include <l4/zwinger/rm.h>
#include "loader/loader.h"
#include "ned/ned.h"

enum child_state { CHILD_RUNNING, CHILD_ENDING, CHILD_ENDED };
enum child_end { CHILD_EXIT, CHILD_FAULT, CHILD_KILLED };
enum { CHILD_SLOTS = 4 };

struct child {
	struct server_object gate;  /* what the program knows as its parent */
	struct server_object fault; /* interrupt */
	struct loader_objects objects;
	struct child *next;
	lua_Integer id; /* never used again */
	enum child_state state;
	enum child_end end;
	long code; /* exit code, or signal of a fault */
	l4_zw_rm_fault_t fault_info;
};

/* Make what a program needs of ned. NULL: no memory, slots or kernel objects. */
struct child *child_new(void);

/* Give that back; the program has not been started. */
void child_discard(struct child *c);

/* The program runs: from now on its end will be told. */
void child_started(struct child *c);

/* core.start(config), in start.c. */
int child_core_start(lua_State *lua);

/* Reserve the addresses that the loader needs. Returns 0 or a negative error. */
long start_init(void);

#endif
