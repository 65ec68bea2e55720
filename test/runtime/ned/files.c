/* SPDX-License-Identifier: MIT */
/* A dataspace server of its own: the probe as a file, honest or not. */
#include <string.h>
#include <l4/re/c/dataspace.h>
#include <l4/re/c/namespace.h>
#include <l4/re/c/rm.h>
#include <l4/re/c/util/cap_alloc.h>
#include <l4/re/env.h>
#include <l4/re/protocols.h>
#include <l4/sys/err.h>
#include <l4/sys/ipc.h>
#include <l4/sys/rcv_endpoint.h>
#include <l4/sys/task.h>
#include <l4/util/util.h>
#include "probe.h"
#include "wire/wire.h"

enum { DS_MAP = 0, DS_INFO = 2, LABEL = 0x10 };
#define TOO_LARGE (1UL << 29)

static l4_addr_t content;
static l4_uint64_t bytes;
static const char *mode;

static bool is(const char *name)
{
	return !strcmp(mode, name);
}

static long map(struct wire_in *in, struct wire_out *out)
{
	l4_uint64_t offset = wire_get_u64(in), spot = wire_get_u64(in);
	l4_addr_t page = content + l4_trunc_page(offset);

	if (in->failed || offset >= bytes)
		return -L4_ERANGE;
	if (is("refuses"))
		return -L4_EACCESS;
	if (is("revokes"))
		l4_task_unmap(L4RE_THIS_TASK_CAP,
			      l4_fpage(content, L4_LOG2_SUPERPAGESIZE, L4_FPAGE_RWX),
			      L4_FP_OTHER_SPACES);
	l4_touch_ro((const void *)page, 1);
	wire_put_item(out, l4_map_control(l4_trunc_page(spot), L4_MAP_ITEM_MAP, 0),
		      l4_fpage(page, L4_PAGESHIFT, L4_FPAGE_RX));
	return 0;
}

static l4_msgtag_t answer(l4_msgtag_t tag)
{
	struct wire_in in = wire_in_init(tag);
	struct wire_out out = { 0 };
	unsigned operation = wire_get_u32(&in);
	long result = -L4_ENOSYS;

	if (l4_msgtag_label(tag) != L4RE_PROTO_DATASPACE)
		return l4_msgtag(-L4_EBADPROTO, 0, 0, 0);
	if (operation == DS_INFO) {
		wire_put_u64(&out, is("boasts") ? TOO_LARGE : bytes);
		wire_put_word(&out, L4RE_DS_F_R);
		result = 0;
	} else if (operation == DS_MAP) {
		result = map(&in, &out);
	}
	return result < 0 ? l4_msgtag(result, 0, 0, 0) : wire_tag(&out, result);
}

static bool open_file(void)
{
	l4re_ds_t file = l4re_util_cap_alloc();
	void *start = NULL;

	if (l4re_ns_query_srv(l4re_env_get_cap("rom"), "probe", file))
		return false;
	bytes = l4re_ds_size(file);
	if (l4re_rm_attach(&start, bytes, L4RE_RM_F_SEARCH_ADDR | L4RE_RM_F_R | L4RE_RM_F_X,
			   file | L4_CAP_FPAGE_RO, 0, L4_SUPERPAGESHIFT))
		return false;
	content = (l4_addr_t)start;
	return true;
}

int probe_file(char **words)
{
	l4_timeout_t patience = l4_timeout(L4_IPC_TIMEOUT_0, L4_IPC_TIMEOUT_NEVER);
	l4_umword_t label;
	l4_msgtag_t tag;

	mode = words[0];
	if (!open_file() || l4_error(l4_rcv_ep_bind_thread(l4re_env_get_cap("file"),
							   l4re_env()->main_thread, LABEL)))
		return 1;
	wire_expect_nothing();
	tag = l4_ipc_wait(l4_utcb(), &label, L4_IPC_NEVER);
	for (;;) {
		if (l4_msgtag_has_error(tag))
			tag = l4_ipc_wait(l4_utcb(), &label, L4_IPC_NEVER);
		else
			tag = l4_ipc_reply_and_wait(l4_utcb(), answer(tag), &label, patience);
	}
}
