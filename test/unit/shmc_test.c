/* SPDX-License-Identifier: MIT */
/* Promises of shared-memory areas and rings, with partners that spoil what they can write to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <l4/re/env.h>
#include <l4/shmc/ringbuf.h>

enum { AREA = 4096, RING = 64 };

static l4_utcb_t utcb;
static l4re_env_t env;
l4re_env_t *l4re_global_env = &env;
static l4shmc_area_t area;
static unsigned triggers;

l4_utcb_t *l4_utcb_wrap(void)
{
	return &utcb;
}

/* The kernel and the namespace agree to everything; a trigger is a send without words. */
l4_msgtag_t record_call(l4_umword_t selector, l4_utcb_t *u, l4_umword_t slabel, l4_msgtag_t tag,
			l4_umword_t *rlabel, l4_timeout_t timeout)
{
	(void)selector;
	(void)u;
	(void)slabel;
	(void)rlabel;
	(void)timeout;
	triggers += tag.raw == l4_msgtag(L4_PROTO_IRQ, 0, 0, 0).raw;
	return l4_msgtag(0, 0, 0, 0);
}

static int setup(void **state)
{
	(void)state;
	env.first_free_cap = 0x30;
	area = (l4shmc_area_t){ .local_addr = calloc(1, AREA), .size = AREA };
	triggers = 0;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	free(area.local_addr);
	return 0;
}

/* --- Chunks --- */

static void chunks_are_found_by_name_and_listed_in_order(void **state)
{
	l4shmc_chunk_t a, b, found;
	const char *name;
	long at;

	(void)state;
	assert_int_equal(l4shmc_iterate_chunk(&area, &name, 0), 0);
	assert_int_equal(l4shmc_add_chunk(&area, "one", 100, &a), 0);
	assert_int_equal(l4shmc_add_chunk(&area, "two", 200, &b), 0);
	assert_int_equal(l4shmc_add_chunk(&area, "one", 5, &found), -L4_EEXIST);
	memset(l4shmc_chunk_ptr(&a), 1, 100);
	memset(l4shmc_chunk_ptr(&b), 2, 200);
	assert_int_equal(l4shmc_get_chunk(&area, "one", &found), 0);
	assert_ptr_equal(l4shmc_chunk_ptr(&found), l4shmc_chunk_ptr(&a));
	assert_int_equal(l4shmc_chunk_capacity(&found), 100);
	assert_int_equal(*(char *)l4shmc_chunk_ptr(&found), 1);
	assert_true(l4shmc_check_magic(&found));
	assert_int_equal(l4shmc_get_chunk(&area, "three", &found), -L4_ENOENT);
	at = l4shmc_iterate_chunk(&area, &name, 0);
	assert_string_equal(name, "one");
	at = l4shmc_iterate_chunk(&area, &name, at);
	assert_string_equal(name, "two");
	assert_int_equal(l4shmc_iterate_chunk(&area, &name, at), 0);
}

static void an_area_can_be_filled_to_the_last_byte(void **state)
{
	long room = l4shmc_area_size_free(&area) - l4shmc_chunk_overhead();
	l4shmc_chunk_t c;

	(void)state;
	assert_int_equal(l4shmc_add_chunk(&area, "big", (l4_umword_t)room + 1, &c), -L4_ENOMEM);
	assert_int_equal(l4shmc_add_chunk(&area, "big", ~0UL, &c), -L4_ENOMEM);
	assert_int_equal(l4shmc_add_chunk(&area, "big", (l4_umword_t)room, &c), 0);
	memset(l4shmc_chunk_ptr(&c), 0xff, (size_t)room);
	assert_int_equal(l4shmc_area_size_free(&area), 0);
	assert_int_equal(l4shmc_add_chunk(&area, "more", 0, &c), -L4_ENOMEM);
}

static void names_of_16_characters_and_none_are_refused(void **state)
{
	l4shmc_chunk_t c;

	(void)state;
	assert_int_equal(l4shmc_add_chunk(&area, "", 1, &c), -L4_EINVAL);
	assert_int_equal(l4shmc_add_chunk(&area, "0123456789abcdef", 1, &c), -L4_EINVAL);
	assert_int_equal(l4shmc_add_chunk(&area, "0123456789abcde", 1, &c), 0);
	assert_int_equal(l4shmc_get_chunk(&area, "0123456789abcde", &c), 0);
}

static void a_chunk_goes_from_producer_to_consumer_and_back(void **state)
{
	l4shmc_signal_t signal = { .cap = 0x5000 };
	l4shmc_chunk_t c;

	(void)state;
	l4shmc_add_chunk(&area, "one", 100, &c);
	assert_int_equal(l4shmc_chunk_ready_sig(&c, 10), -L4_EINVAL);
	l4shmc_connect_chunk_signal(&c, &signal);
	assert_int_equal(l4shmc_chunk_consumed(&c), 0);
	assert_int_equal(l4shmc_chunk_try_to_take(&c), 0);
	assert_int_equal(l4shmc_chunk_try_to_take(&c), -L4_EPERM);
	assert_int_equal(l4shmc_chunk_ready_sig(&c, 101), -L4_EINVAL);
	assert_int_equal(l4shmc_chunk_ready_sig(&c, 100), 0);
	assert_int_equal(triggers, 1);
	assert_true(l4shmc_is_chunk_ready(&c));
	assert_int_equal(l4shmc_chunk_size(&c), 100);
	c.chunk->size = ~0UL;
	assert_int_equal(l4shmc_chunk_size(&c), 100);
	l4shmc_chunk_consumed(&c);
	assert_true(l4shmc_is_chunk_clear(&c));
}

static void a_spoiled_list_leads_nowhere(void **state)
{
	static const l4_addr_t links[] = { 1,  8,  AREA,      AREA - 16, ~0UL,
					   16, 48, ~0UL - 15, 4080,	 0x8000000000000000 };
	l4shmc_chunk_t a, b, c;
	const char *name;

	(void)state;
	l4shmc_add_chunk(&area, "one", 100, &a);
	l4shmc_add_chunk(&area, "two", 100, &b);
	for (unsigned i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		long at = 0;

		b.chunk->next = links[i];
		assert_int_equal(l4shmc_get_chunk(&area, "three", &c), -L4_ENOENT);
		for (unsigned n = 0; n < 3; n++)
			at = l4shmc_iterate_chunk(&area, &name, at);
		assert_int_equal(at, 0);
	}
	b.chunk->capacity = ~0UL - 100;
	assert_int_equal(l4shmc_get_chunk(&area, "two", &c), -L4_ENOENT);
	a.chunk->magic = 0;
	assert_int_equal(l4shmc_get_chunk(&area, "one", &c), -L4_ENOENT);
}

/* --- Rings --- */

static l4shmc_ringbuf_t sender, receiver;

static void make_ring(void)
{
	assert_int_equal(l4shmc_rb_init_buffer(&sender, &area, "ring", "ring", RING), 0);
	assert_int_equal(l4shmc_rb_init_receiver(&receiver, &area, "ring", "ring"), 0);
}

static void packets_keep_order_and_length_across_the_end(void **state)
{
	char out[RING], in[RING];
	unsigned sent = 0;

	(void)state;
	make_ring();
	for (unsigned got = 0; got < 200; got++) {
		unsigned size = sizeof(in), want = got * 7 % 23;

		for (;; sent++) {
			memset(out, (int)sent, sizeof(out));
			if (l4shmc_rb_sender_next_copy_in(&sender, out, sent * 7 % 23, 0))
				break;
		}
		assert_int_equal(l4shmc_rb_receiver_wait_for_data(&receiver, 0), 0);
		assert_int_equal(l4shmc_rb_receiver_read_next_size(&receiver), want);
		assert_int_equal(l4shmc_rb_receiver_copy_out(&receiver, in, &size), 0);
		assert_int_equal(size, want);
		memset(out, (int)got, sizeof(out));
		assert_memory_equal(in, out, size);
	}
	assert_true(sent > 200);
}

static void a_full_ring_and_an_empty_one_say_so(void **state)
{
	char data[RING] = { 0 };
	unsigned size = 3;

	(void)state;
	make_ring();
	assert_int_equal(l4shmc_rb_receiver_wait_for_data(&receiver, 0), -L4_ENOENT);
	assert_int_equal(l4shmc_rb_receiver_copy_out(&receiver, data, &size), -L4_ENOENT);
	assert_int_equal(l4shmc_rb_receiver_read_next_size(&receiver), -1);
	assert_int_equal(l4shmc_rb_sender_next_copy_in(&sender, data, RING - 3, 1), -L4_EINVAL);
	assert_int_equal(l4shmc_rb_sender_next_copy_in(&sender, data, ~0U, 1), -L4_EINVAL);
	assert_int_equal(l4shmc_rb_sender_next_copy_in(&sender, data, RING - 4, 1), 0);
	assert_int_equal(l4shmc_rb_sender_next_copy_in(&sender, data, 0, 0), -L4_ENOMEM);
	assert_int_equal(l4shmc_rb_receiver_copy_out(&receiver, data, &size), -L4_ENOMEM);
	size = sizeof(data);
	assert_int_equal(l4shmc_rb_receiver_copy_out(&receiver, data, &size), 0);
	assert_int_equal(size, RING - 4);
}

static void the_receiver_signals_only_a_sender_that_waits(void **state)
{
	(void)state;
	make_ring();
	l4shmc_rb_receiver_notify_done(&receiver);
	assert_int_equal(triggers, 0);
	sender._addr->sender_waits = 1;
	l4shmc_rb_receiver_notify_done(&receiver);
	assert_int_equal(triggers, 1);
	l4shmc_rb_receiver_notify_done(&receiver);
	assert_int_equal(triggers, 1);
}

static void a_spoiled_ring_is_an_error_and_nothing_else(void **state)
{
	char data[RING] = { 0 };

	(void)state;
	make_ring();
	srand(1);
	for (unsigned i = 0; i < 20000; i++) {
		l4shmc_ringbuf_head_t *h = receiver._addr;
		unsigned size = sizeof(data);

		h->next_read = (unsigned)rand() << (i & 3);
		h->next_write = (unsigned)rand() << (i & 3);
		h->bytes_filled = (unsigned)rand() >> (i % 31);
		h->data_size = (unsigned)rand();
		for (unsigned b = 0; b < RING; b++)
			l4shmc_rb_data(h)[b] = b % 4 ? 0 : (char)(rand() % 128);
		if (!l4shmc_rb_receiver_copy_out(&receiver, data, &size))
			assert_true(size <= RING - 4);
		l4shmc_rb_sender_next_copy_in(&sender, data, (unsigned)rand() % RING, 0);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(chunks_are_found_by_name_and_listed_in_order),
		TEST(an_area_can_be_filled_to_the_last_byte),
		TEST(names_of_16_characters_and_none_are_refused),
		TEST(a_chunk_goes_from_producer_to_consumer_and_back),
		TEST(a_spoiled_list_leads_nowhere),
		TEST(packets_keep_order_and_length_across_the_end),
		TEST(a_full_ring_and_an_empty_one_say_so),
		TEST(the_receiver_signals_only_a_sender_that_waits),
		TEST(a_spoiled_ring_is_an_error_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
