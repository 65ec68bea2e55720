/* SPDX-License-Identifier: MIT */
/*
 * Files of programs. The loader maps parts of a file into the program by the region map, so the
 * file must be a dataspace of moe's. One of another server is copied first: then that server is not
 * needed any more, and cannot change what has been checked.
 */
#include "ned/ned.h"

#include <string.h>
#include <l4/re/c/dataspace.h>
#include <l4/re/c/mem_alloc.h>
#include <l4/re/c/rm.h>
#include <l4/re/c/util/cap_alloc.h>
#include <l4/sys/err.h>

enum { FILE_MAX = 1 << 30 };

/* Does moe know the dataspace as its own? It then copies nothing of it without complaint. */
static long is_moes(l4re_ds_t file)
{
	static l4re_ds_t any = L4_INVALID_CAP;
	long error;

	if (l4_is_invalid_cap(any)) {
		any = l4re_util_cap_alloc();
		error = l4re_ma_alloc(L4_PAGESIZE, any, 0);
		if (error < 0) {
			l4re_util_cap_free(any);
			any = L4_INVALID_CAP;
			return error;
		}
	}
	error = l4re_ds_copy_in(any, 0, file | L4_CAP_FPAGE_RO, 0, 0);
	return error == -L4_EINVAL ? 0 : error < 0 ? error : 1;
}

static long attach(void **start, unsigned long size, l4re_ds_t ds, l4re_rm_flags_t rights)
{
	*start = NULL;
	return l4re_rm_attach(start, size, L4RE_RM_F_SEARCH_ADDR | rights, ds | L4_CAP_FPAGE_RW, 0,
			      L4_PAGESHIFT);
}

/*
 * Copy what the server maps. It can take its pages away meanwhile; then those of the copy, which
 * are attached below them, appear, so the worst is a copy with zeros.
 */
static long copy_mapped(l4re_ds_t copy, l4re_ds_t file, unsigned long size)
{
	void *to, *from;
	long error = attach(&to, size, copy, L4RE_RM_F_RW);

	if (error < 0)
		return error;
	error = attach(&from, size, copy, L4RE_RM_F_R);
	if (error >= 0) {
		error = l4re_ds_map_region(file, 0, L4RE_DS_F_R, (l4_addr_t)from,
					   (l4_addr_t)from + size);
		if (error >= 0)
			memmove(to, from, size);
		l4re_rm_detach(from);
	}
	l4re_rm_detach(to);
	return error;
}

/* A copy of the file in the slot, with all of its memory. */
static long copy_file(l4_cap_idx_t mem, l4re_ds_t slot, l4re_ds_t file)
{
	l4re_ds_stats_t stats;
	long error = l4re_ds_info(file, &stats);

	if (error >= 0 && (!stats.size || stats.size > FILE_MAX))
		error = -L4_ERANGE;
	if (error >= 0)
		error = l4re_ma_alloc_align_srv(mem, (long)stats.size, slot, 0, 0);
	if (error < 0)
		return error;
	error = l4re_ds_allocate(slot, 0, stats.size);
	return error < 0 ? error : copy_mapped(slot, file, stats.size);
}

/* file(dataspace, mem): what the loader can use; a copy is made in the factory mem. */
static int core_file(lua_State *lua)
{
	struct cap *file = cap_check(lua, 1), *mem = cap_check(lua, 2);
	long error = is_moes(file->index);
	l4_cap_idx_t slot;

	if (error < 0)
		return ned_failed(lua, error);
	if (error) {
		lua_settop(lua, 1);
		return 1;
	}
	slot = l4re_util_cap_alloc();
	if (l4_is_invalid_cap(slot))
		return ned_failed(lua, -L4_ENOMEM);
	error = copy_file(mem->index, slot, file->index);
	if (error < 0) {
		l4re_util_cap_free_um(slot);
		return ned_failed(lua, error);
	}
	cap_push(lua, slot, L4_CAP_FPAGE_RO, true);
	return 1;
}

void file_open(lua_State *lua)
{
	static const luaL_Reg functions[] = { { "file", core_file }, { NULL, NULL } };

	luaL_setfuncs(lua, functions, 0);
}
