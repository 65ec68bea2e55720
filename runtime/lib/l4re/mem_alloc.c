/* SPDX-License-Identifier: MIT */
/* Client of the memory allocator: dataspaces from a factory. */
#include <l4/re/c/mem_alloc.h>
#include <l4/re/consts.h>
#include <l4/re/protocols.h>
#include <l4/sys/task.h>
#include "l4re/request.h"

long l4re_ma_alloc_align_srv(l4_cap_idx_t srv, long size, l4re_ds_t const mem, unsigned long flags,
			     unsigned long align)
{
	struct wire_out o = { 0 };
	long result;

	wire_put_word(&o, L4RE_PROTO_DATASPACE);
	wire_put_varg_int(&o, size);
	wire_put_varg_uint(&o, flags);
	wire_put_varg_uint(&o, align);
	wire_expect_cap(mem & L4_CAP_MASK);
	result = wire_call(srv, &o, L4_PROTO_FACTORY, NULL);
	return result < 0 ? result : 0;
}

long l4re_ma_free_srv(l4_cap_idx_t srv, l4re_ds_t const mem)
{
	(void)srv; /* a server frees what nobody has a capability to */
	l4_task_release_cap(L4RE_THIS_TASK_CAP, mem & L4_CAP_MASK);
	return 0;
}
