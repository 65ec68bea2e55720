/* SPDX-License-Identifier: MIT */
/* Boot module list that KIP user_ptr points to; all addresses in it are physical. */
#ifndef L4_UTIL_L4MOD_H
#define L4_UTIL_L4MOD_H

#include <l4/sys/l4int.h>

/* Flags of a module. */
enum l4util_l4mod_mod_info_flag {
	L4util_l4mod_mod_flag_unspec = 0,
	L4util_l4mod_mod_flag_kernel = 1,
	L4util_l4mod_mod_flag_sigma0 = 2,
	L4util_l4mod_mod_flag_roottask = 3,
	L4util_l4mod_mod_flag_mask = 7
};

typedef struct l4util_l4mod_mod {
	l4_uint64_t flags;
	l4_uint64_t mod_start;
	l4_uint64_t mod_end; /* first byte behind the module */
	l4_uint64_t cmdline; /* NUL-terminated; the first word is the module's path */
} l4util_l4mod_mod;

typedef struct l4util_l4mod_info {
	l4_uint64_t flags;
	l4_uint64_t cmdline;   /* 0 = none */
	l4_uint64_t mods_addr; /* array of l4util_l4mod_mod */
	l4_uint32_t mods_count;
	l4_uint32_t _pad;
	l4_uint64_t vbe_ctrl_info; /* 0 = none */
	l4_uint64_t vbe_mode_info; /* 0 = none */
} l4util_l4mod_info;

L4_STATIC_ASSERT(sizeof(l4util_l4mod_mod) == 0x20 && sizeof(l4util_l4mod_info) == 0x30);
L4_STATIC_ASSERT(offsetof(l4util_l4mod_mod, mod_start) == 0x08);
L4_STATIC_ASSERT(offsetof(l4util_l4mod_mod, cmdline) == 0x18);
L4_STATIC_ASSERT(offsetof(l4util_l4mod_info, cmdline) == 0x08);
L4_STATIC_ASSERT(offsetof(l4util_l4mod_info, mods_addr) == 0x10);
L4_STATIC_ASSERT(offsetof(l4util_l4mod_info, mods_count) == 0x18);
L4_STATIC_ASSERT(offsetof(l4util_l4mod_info, vbe_ctrl_info) == 0x20);

#endif
