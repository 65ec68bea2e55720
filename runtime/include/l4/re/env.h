/* SPDX-License-Identifier: MIT */
/*
 * The environment that a program finds at its start: the capabilities that every program has, and a
 * table of those that its parent gave it by name. The loader writes it; entry 0xf1 of the auxiliary
 * vector points to it. All capabilities are selectors (slot number shifted by L4_CAP_SHIFT); absent
 * ones are L4_INVALID_CAP.
 */
#ifndef L4_RE_ENV_H
#define L4_RE_ENV_H

#include <l4/sys/compiler.h>
#include <l4/sys/consts.h>
#include <l4/sys/kip.h>
#include <l4/sys/types.h>
#include <l4/re/consts.h>

enum { L4RE_ENV_NAME_MAX = 16 };

/* A capability with a name. An entry with flags ~0UL ends the table. */
typedef struct l4re_env_cap_entry_t {
	l4_cap_idx_t cap;
	l4_umword_t flags;
	char name[L4RE_ENV_NAME_MAX]; /* padded with NUL; a name of 16 characters has none */
} l4re_env_cap_entry_t;

typedef struct l4re_env_t {
	l4_cap_idx_t parent;	  /* parent protocol: exit */
	l4_cap_idx_t rm;	  /* region map, pager and exception handler */
	l4_cap_idx_t mem_alloc;	  /* user factory: dataspaces, namespaces, logs ... */
	l4_cap_idx_t log;	  /* vcon for output */
	l4_cap_idx_t main_thread; /* first thread */
	l4_cap_idx_t factory;	  /* kernel factory */
	l4_cap_idx_t scheduler;
	l4_cap_idx_t itas;		   /* always invalid here: no service thread in the task */
	l4_cap_idx_t dbg_events;	   /* or invalid */
	l4_cap_idx_t first_free_cap;	   /* slot number, not a selector */
	l4_cap_idx_t first_free_reply_cap; /* slot number */
	l4_fpage_t utcb_area;		   /* kernel-user memory of the task */
	l4_addr_t first_free_utcb;	   /* user address in utcb_area */
	l4re_env_cap_entry_t *caps;
} l4re_env_t;

L4_STATIC_ASSERT(sizeof(l4re_env_cap_entry_t) == 32);
L4_STATIC_ASSERT(sizeof(l4re_env_t) == 14 * sizeof(l4_umword_t));

EXTERN_C_BEGIN
extern l4re_env_t *l4re_global_env; /* set by the start-up code */
EXTERN_C_END

/* The environment of this program. */
L4_INLINE l4re_env_t *l4re_env(void) L4_NOTHROW
{
	return l4re_global_env;
}

/* The kernel info page. */
L4_INLINE l4_kernel_info_t const *l4re_kip(void) L4_NOTHROW
{
	return l4_kip();
}

/* The entry of e whose name is the len characters at name; NULL if there is none. */
L4_INLINE l4re_env_cap_entry_t const *l4re_env_get_cap_l(char const *name, unsigned len,
							 l4re_env_t const *e) L4_NOTHROW
{
	l4re_env_cap_entry_t const *c = e->caps;

	for (; c && len <= L4RE_ENV_NAME_MAX && c->flags != ~0UL; c++)
		if (__builtin_memcmp(c->name, name, len) == 0 &&
		    (len == L4RE_ENV_NAME_MAX || c->name[len] == 0))
			return c;
	return NULL;
}

/* The capability of that name in e, or L4_INVALID_CAP. */
L4_INLINE l4_cap_idx_t l4re_env_get_cap_e(char const *name, l4re_env_t const *e) L4_NOTHROW
{
	l4re_env_cap_entry_t const *c =
	    l4re_env_get_cap_l(name, (unsigned)__builtin_strlen(name), e);

	return c ? c->cap : (l4_cap_idx_t)L4_INVALID_CAP;
}

/* The capability of that name in the environment of this program, or L4_INVALID_CAP. */
L4_INLINE l4_cap_idx_t l4re_env_get_cap(char const *name) L4_NOTHROW
{
	return l4re_env_get_cap_e(name, l4re_env());
}

#endif
