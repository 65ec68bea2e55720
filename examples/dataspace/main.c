/* SPDX-License-Identifier: MIT */
/* Dataspaces and the region map: allocate memory, map it, copy it, free it. */
#include <stdio.h>
#include <string.h>
#include <l4/re/c/dataspace.h>
#include <l4/re/c/mem_alloc.h>
#include <l4/re/c/rm.h>
#include <l4/re/c/util/cap.h>
#include "lib/raw_thread.h"

enum { BYTES = 3 * L4_PAGESIZE };

static l4re_ds_t allocate(void)
{
	l4re_ds_t ds = l4re_util_cap_alloc();

	check(l4re_ma_alloc(BYTES, ds, 0), "allocate");
	return ds;
}

static char *attach(l4re_ds_t ds, l4re_rm_flags_t rights)
{
	void *start = NULL;

	check(l4re_rm_attach(&start, BYTES, L4RE_RM_F_SEARCH_ADDR | rights, ds | L4_CAP_FPAGE_RW, 0,
			     L4_PAGESHIFT),
	      "attach");
	return start;
}

static void detach(void *start, l4re_ds_t expected)
{
	l4re_ds_t ds;

	check(l4re_rm_detach_ds(start, &ds), "detach");
	printf("detached %s dataspace\n", ds == expected ? "the" : "another");
}

int main(void)
{
	l4re_ds_t original = allocate(), copy = allocate();
	char *text = attach(original, L4RE_RM_F_RW), *other;

	printf("allocated %llu bytes\n", (unsigned long long)l4re_ds_size(original));
	strcpy(text + L4_PAGESIZE, "written by way of the region map");
	check(l4re_ds_copy_in(copy, 0, original, L4_PAGESIZE, L4_PAGESIZE), "copy");
	other = attach(copy, L4RE_RM_F_R);
	printf("the copy says: %s\n", other);
	check(l4re_ds_clear(original, 0, BYTES), "clear");
	printf("cleared: %d, the copy: %d characters\n", (int)strlen(text + L4_PAGESIZE),
	       (int)strlen(other));
	detach(text, original);
	detach(other, copy);
	l4re_util_cap_free_um(original);
	l4re_ma_free(copy); /* as older programs do: the slot is kept */
	printf("freed: %s\n", l4re_util_cap_present(copy) ? "still there" : "gone");
	l4re_util_cap_free(copy);
	printf("done\n");
	return 0;
}
