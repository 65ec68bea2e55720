/* SPDX-License-Identifier: MIT */
/*
 * Tasks with the right to map addresses of the upper half of the address space: everything outside
 * L4_ZW_KERNEL_START..L4_ZW_KERNEL_END (wellknown.h). Other tasks have the lower half only: there,
 * mapping to an upper address does nothing. Nor can the last page of the lower half,
 * 0x7ffffffff000, be mapped in any task.
 */
#ifndef L4_ZWINGER_TASK_H
#define L4_ZWINGER_TASK_H

#include <l4/sys/factory.h>

/* Second argument of the creation of a task, behind the UTCB flexpage. */
enum l4_zw_task_flags { L4_ZW_TASK_F_UPPER_HALF = 1 };

/* As l4_factory_create_task_u(), with the right to the upper half. */
L4_INLINE l4_msgtag_t l4_zw_factory_create_task_upper_u(l4_cap_idx_t factory,
							l4_cap_idx_t target_cap,
							l4_fpage_t utcb_area,
							l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msgtag_t tag = l4_factory_create_start_u(L4_PROTO_TASK, target_cap, utcb);

	l4_factory_create_add_fpage_u(utcb_area, &tag, utcb);
	l4_factory_create_add_uint_u(L4_ZW_TASK_F_UPPER_HALF, &tag, utcb);
	return l4_factory_create_commit_u(factory, tag, utcb);
}

/* l4_zw_factory_create_task_upper_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_zw_factory_create_task_upper(l4_cap_idx_t factory, l4_cap_idx_t target_cap,
						      l4_fpage_t utcb_area) L4_NOTHROW
{
	return l4_zw_factory_create_task_upper_u(factory, target_cap, utcb_area, l4_utcb());
}

#endif
