/* SPDX-License-Identifier: MIT */
/* Gates of clients besides the root task. The number of a client is the index of its gate. */
#include "sigma0.h"

#include <l4/sys/err.h>
#include <l4/sys/factory.h>
#include <l4/sys/ipc.h>
#include <l4/sys/utcb.h>

enum { CLIENT_FIRST = (L4_BASE_CAPS_LAST >> L4_CAP_SHIFT) + 1, CLIENT_END = 0x10000 };

static l4_umword_t next_client = CLIENT_FIRST;

int client_create(struct item *item)
{
	l4_cap_idx_t gate = next_client << L4_CAP_SHIFT;
	l4_msgtag_t tag;

	if (next_client >= CLIENT_END)
		return -L4_ENOMEM;
	tag =
	    l4_factory_create_gate(L4_BASE_FACTORY_CAP, gate, L4_BASE_THREAD_CAP, next_client << 4);
	l4_utcb_br()->br[0] = 0; /* the slot was for the kernel's answer, clients send no items */
	if (l4_error(tag) < 0)
		return -L4_ENOMEM;
	next_client++;
	item->control = l4_map_obj_control(0, L4_MAP_ITEM_MAP);
	item->page = l4_obj_fpage(gate, 0, L4_CAP_FPAGE_RWS);
	return 0;
}
