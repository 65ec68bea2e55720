/* SPDX-License-Identifier: MIT */
/* Shared memory, the side that reads. It may start first: it waits for what the other side makes.
 */
#include <stdio.h>
#include <l4/re/env.h>
#include <l4/shmc/ringbuf.h>
#include <l4/util/util.h>
#include "lib/raw_thread.h"
#include "shmc/names.h"

static void receive_by_chunk(l4shmc_area_t *area)
{
	l4shmc_signal_t ready, done;
	l4shmc_chunk_t chunk;

	check(l4shmc_get_chunk_to(area, CHUNK, PATIENCE_MS, &chunk), "chunk");
	check(l4shmc_attach_signal(area, SIGNAL_READY, l4re_env()->main_thread, &ready), "attach");
	check(l4shmc_get_signal(area, SIGNAL_DONE, &done), "signal");
	check(l4shmc_connect_chunk_signal(&chunk, &ready), "connect");
	for (int i = 0; i < ROUNDS; i++) {
		while (!l4shmc_is_chunk_ready(&chunk))
			check(l4shmc_wait_chunk(&chunk), "wait");
		printf("chunk: %s\n", (char *)l4shmc_chunk_ptr(&chunk));
		check(l4shmc_chunk_consumed(&chunk), "consumed");
		check(l4shmc_trigger(&done), "trigger");
	}
}

static void receive_by_ring(l4shmc_area_t *area)
{
	l4shmc_ringbuf_t ring;
	char packet[20];

	while (l4shmc_rb_init_receiver(&ring, area, RING, RING) < 0)
		l4_sleep(10);
	l4shmc_rb_attach_receiver(&ring, l4re_env()->main_thread);
	for (int i = 0; i < PACKETS; i++) {
		unsigned size = sizeof(packet);

		check(l4shmc_rb_receiver_wait_for_data(&ring, 1), "wait for data");
		check(l4shmc_rb_receiver_copy_out(&ring, packet, &size), "receive");
		l4shmc_rb_receiver_notify_done(&ring);
		printf("ring: %s\n", packet);
	}
}

int main(void)
{
	l4shmc_area_t area;

	check(l4shmc_attach_to(AREA, PATIENCE_MS, &area), "attach");
	receive_by_chunk(&area);
	receive_by_ring(&area);
	return 0;
}
