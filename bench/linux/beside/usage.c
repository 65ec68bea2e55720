/* SPDX-License-Identifier: MIT */
/* Print how much memory is left: `memory left USER`, bytes, from moe; the kernel adds its own line.
 */
#include <stdio.h>
#include <l4/re/env.h>
#include <l4/re/protocols.h>
#include <l4/sys/ipc.h>
#include <l4/sys/kdebug.h>

enum { INFO_LEFT = 4 }; /* word of moe's answer about the program's allocator */

int main(void)
{
	l4_msg_regs_t *mr = l4_utcb_mr();
	l4_msgtag_t tag = l4_msgtag(L4RE_PROTO_MEM_ALLOC, 1, 0, 0);

	mr->mr[0] = 0;
	tag = l4_ipc_call(l4re_env()->mem_alloc, l4_utcb(), tag, L4_IPC_NEVER);
	if (l4_error(tag) < 0 || l4_msgtag_words(tag) <= INFO_LEFT)
		return 1;
	printf("memory left %lu\n", mr->mr[INFO_LEFT]);
	fflush(stdout);
	return l4_error(__kdebug_op_1(L4_KDEBUG_GROUP_DUMP, 0)) < 0;
}
