/* SPDX-License-Identifier: MIT */
/*
 * Call and answer between two threads of equal priority on one CPU, with 0 to 60 words each way, in
 * one task and between two. The server echoes the tag it gets and does nothing else.
 */
#include "echo.h"
#include "groups.h"

struct size {
	unsigned words;
	const char *same, *other; /* row ids */
};

static const struct size sizes[] = {
	{ 0, "ipc_same_0", "ipc_other_0" },	   { 1, "x_ipc_same_1", "x_ipc_other_1" },
	{ 2, "x_ipc_same_2", "x_ipc_other_2" },	   { 4, "x_ipc_same_4", "x_ipc_other_4" },
	{ 8, "x_ipc_same_8", "x_ipc_other_8" },	   { 16, "x_ipc_same_16", "x_ipc_other_16" },
	{ 32, "x_ipc_same_32", "x_ipc_other_32" }, { 60, "ipc_same_60", "ipc_other_60" },
};

static void check_echo(l4_cap_idx_t gate, unsigned words)
{
	l4_msgtag_t tag;

	for (unsigned i = 0; i < words; i++)
		mr_set(i, 0x1000 * words + i);
	tag = l4_ipc_call(gate, l4_utcb(), l4_msgtag(0, words, 0, 0), L4_IPC_NEVER);
	must("call", tag);
	if (l4_msgtag_words(tag) != words)
		tap_bail("call: %u words come back as %u", words, l4_msgtag_words(tag));
	for (unsigned i = 0; i < words; i++)
		if (mr_get(i) != 0x1000 * words + i)
			tap_bail("call: word %u of %u is wrong", i, words);
}

static void bench_size(const char *id, l4_cap_idx_t gate, unsigned words)
{
	l4_msgtag_t tag = l4_msgtag(0, words, 0, 0), answer;
	l4_utcb_t *utcb = l4_utcb();
	struct row *r = row_open(id);

	check_echo(gate, words);
	while (!row_full(r))
		MEASURE(r, answer = l4_ipc_call(gate, utcb, tag, L4_IPC_NEVER));
	must(id, answer);
	row_close(r);
}

static void bench_server(struct task *t, bool other)
{
	struct echo server;

	echo_start(&server, t, 0, PRIO_MAIN);
	buffers_none();
	for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++)
		bench_size(other ? sizes[i].other : sizes[i].same, server.gate, sizes[i].words);
	echo_end(&server);
}

void bench_ipc(void)
{
	struct task *t = task_create();

	bench_server(&root_task, false);
	bench_server(t, true);
	task_destroy(t);
}
