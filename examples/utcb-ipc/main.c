/* SPDX-License-Identifier: MIT */
/* Messages: two threads made by hand send each other all message registers. */
#include <stdio.h>
#include <l4/re/c/util/cap_alloc.h>
#include <l4/re/env.h>
#include <l4/sys/ipc.h>
#include <l4/util/thread.h>
#include <l4/util/util.h>
#include "lib/raw_thread.h"

enum { WORDS = L4_UTCB_GENERIC_DATA_SIZE, ROUNDS = 3 };

/* Answers each message with its squares. */
L4UTIL_THREAD_STATIC_FUNC(server)
{
	l4_msg_regs_t *mr = l4_utcb_mr();
	l4_umword_t label;
	l4_msgtag_t tag = l4_ipc_wait(l4_utcb(), &label, L4_IPC_NEVER);

	for (;;) {
		unsigned words = l4_msgtag_words(tag);

		for (unsigned i = 0; i < words; i++)
			mr->mr[i] *= mr->mr[i];
		tag = l4_ipc_reply_and_wait(l4_utcb(), l4_msgtag(words, words, 0, 0), &label,
					    L4_IPC_NEVER);
	}
}

static int sum_of_squares_is_right(unsigned round)
{
	l4_msg_regs_t *mr = l4_utcb_mr();

	for (unsigned i = 0; i < WORDS; i++)
		if (mr->mr[i] != (l4_umword_t)(i + round) * (i + round))
			return 0;
	return 1;
}

int main(void)
{
	struct raw_thread thread;

	raw_thread_start(&thread, server, l4re_env()->rm, 0);
	for (unsigned round = 0; round < ROUNDS; round++) {
		l4_msgtag_t tag;
		int right;

		for (unsigned i = 0; i < WORDS; i++)
			l4_utcb_mr()->mr[i] = i + round;
		tag = l4_ipc_call(thread.cap, l4_utcb(), l4_msgtag(0, WORDS, 0, 0), L4_IPC_NEVER);
		right = sum_of_squares_is_right(round);
		printf("received %ld words, the squares are %s\n", l4_msgtag_label(tag),
		       right ? "right" : "wrong");
	}
	return 0;
}
