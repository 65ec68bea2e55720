/* SPDX-License-Identifier: MIT */
/* Shared memory, the side that writes: one chunk that goes back and forth, then a ring. */
#include <stdio.h>
#include <l4/re/env.h>
#include <l4/shmc/ringbuf.h>
#include "lib/raw_thread.h"
#include "shmc/names.h"

static void send_by_chunk(l4shmc_area_t *area)
{
	l4shmc_signal_t ready, done;
	l4shmc_chunk_t chunk;

	check(l4shmc_add_signal(area, SIGNAL_READY, &ready), "signal");
	check(l4shmc_add_signal(area, SIGNAL_DONE, &done), "signal");
	check(l4shmc_attach_signal(area, SIGNAL_DONE, l4re_env()->main_thread, &done), "attach");
	check(l4shmc_add_chunk(area, CHUNK, 100, &chunk), "chunk");
	check(l4shmc_connect_chunk_signal(&chunk, &ready), "connect");
	for (int i = 0; i < ROUNDS; i++) {
		while (l4shmc_chunk_try_to_take(&chunk) < 0)
			check(l4shmc_wait_signal(&done), "wait");
		snprintf(l4shmc_chunk_ptr(&chunk), 100, "hello %d", i);
		check(l4shmc_chunk_ready_sig(&chunk, 100), "ready");
	}
}

static void send_by_ring(l4shmc_area_t *area)
{
	l4shmc_ringbuf_t ring;
	char packet[20];

	check(l4shmc_rb_init_buffer(&ring, area, RING, RING, 64), "ring");
	check(l4shmc_rb_attach_sender(&ring, RING, l4re_env()->main_thread), "attach to ring");
	for (int i = 0; i < PACKETS; i++) {
		int n = snprintf(packet, sizeof(packet), "packet %d", i) + 1;

		check(l4shmc_rb_sender_next_copy_in(&ring, packet, (unsigned)n, 1), "send");
		l4shmc_rb_sender_commit_packet(&ring);
	}
}

int main(void)
{
	l4shmc_area_t area;

	check(l4shmc_create(AREA, 8192), "create");
	check(l4shmc_attach(AREA, &area), "attach");
	send_by_chunk(&area);
	send_by_ring(&area);
	printf("all sent\n");
	return 0;
}
