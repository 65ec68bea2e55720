/* SPDX-License-Identifier: MIT */
/* Promises of the server library: who is found, what is dispatched, what wrong messages get. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <l4/sys/err.h>
#include <l4/sys/factory.h>
#include <l4/sys/ipc.h>
#include <l4/sys/meta.h>
#include "server/server.h"

enum { BUCKETS = 4, PROTOCOL = 0x4321, RAW_PROTOCOL = 0x77, OP_SUM = 0, OP_SECRET = 2, SLOTS = 64 };

static l4_utcb_t utcb;
static struct server_object *buckets[BUCKETS];
static struct server server;
static unsigned released, slots_used;
static bool valid[SLOTS]; /* by slot: holds an object */
static l4_umword_t last_selector;

l4_utcb_t *l4_utcb_wrap(void)
{
	return &utcb;
}

/* A kernel of which only validity of slots matters. */
l4_msgtag_t record_call(l4_umword_t selector, l4_utcb_t *u, l4_umword_t slabel, l4_msgtag_t tag,
			l4_umword_t *rlabel, l4_timeout_t timeout)
{
	long protocol = l4_msgtag_label(tag);
	unsigned slot = (unsigned)(u->mr.mr[1] >> L4_CAP_SHIFT);

	last_selector = selector;
	(void)slabel;
	(void)rlabel;
	(void)timeout;
	if (protocol == L4_PROTO_FACTORY)
		valid[u->br.br[0] >> L4_CAP_SHIFT] = true;
	if (protocol == L4_PROTO_TASK && u->mr.mr[0] == 2)
		return l4_msgtag(valid[slot], 0, 0, 0);
	if (protocol == L4_PROTO_TASK && u->mr.mr[0] == 1)
		valid[u->mr.mr[2] >> L4_CAP_SHIFT] = false;
	memset(u->mr.mr, 0xee, sizeof(u->mr.mr));
	return l4_msgtag(0, 0, 0, 0);
}

static l4_cap_idx_t slot_alloc(void)
{
	return slots_used < SLOTS - 1 ? ++slots_used * L4_CAP_SIZE : L4_INVALID_CAP;
}

static void slot_free(l4_cap_idx_t slot)
{
	(void)slot;
}

static long sum(struct server_object *object, struct server_request *request)
{
	l4_umword_t a = wire_get_word(&request->in), b = wire_get_word(&request->in);

	(void)object;
	if (request->in.failed)
		return -L4_EMSGTOOSHORT;
	wire_put_word(&request->out, a + b);
	return 5;
}

static long secret(struct server_object *object, struct server_request *request)
{
	(void)object;
	(void)request;
	return 9;
}

static long raw(struct server_object *object, struct server_request *request)
{
	(void)object;
	return wire_get_u8(&request->in);
}

static void note_released(struct server_object *object)
{
	(void)object;
	released++;
}

static const struct server_operation operations[] = {
	[OP_SUM] = { sum, 0 },
	[OP_SECRET] = { secret, L4_CAP_FPAGE_S },
};
static const struct server_interface interfaces[] = {
	{ PROTOCOL, "4Test", NULL, operations, 3 },
	{ RAW_PROTOCOL, "3Raw", raw, NULL, 0 },
};
static const struct server_class class = { interfaces, 2, note_released, NULL };

static int setup(void **state)
{
	const struct server_config config = { .task = L4_BASE_TASK_CAP,
					      .thread = L4_BASE_THREAD_CAP,
					      .factory = L4_BASE_FACTORY_CAP,
					      .slot_alloc = slot_alloc,
					      .slot_free = slot_free,
					      .buckets = buckets,
					      .bucket_count = BUCKETS };

	(void)state;
	memset(buckets, 0, sizeof(buckets));
	memset(valid, 0, sizeof(valid));
	released = slots_used = 0;
	return (int)server_init(&server, &config);
}

/* Send the words in the message registers to an object with these rights. */
static l4_msgtag_t send(const struct server_object *o, unsigned rights, long protocol,
			unsigned words)
{
	return server_dispatch(&server, o->label | rights, l4_msgtag(protocol, words, 0, 0));
}

static void an_operation_gets_its_arguments_and_answers(void **state)
{
	struct server_object o = { .class = &class };
	l4_msgtag_t tag;

	(void)state;
	assert_int_equal(server_publish(&server, &o), 0);
	utcb.mr.mr[0] = OP_SUM;
	utcb.mr.mr[1] = 30;
	utcb.mr.mr[2] = 12;
	tag = send(&o, 0, PROTOCOL, 3);
	assert_int_equal(l4_msgtag_label(tag), 5);
	assert_int_equal(l4_msgtag_words(tag), 1);
	assert_int_equal(utcb.mr.mr[0], 42);
}

static void a_wrong_message_gets_its_own_error(void **state)
{
	struct server_object o = { .class = &class };

	(void)state;
	server_publish(&server, &o);
	assert_int_equal(l4_msgtag_label(send(&o, 0, 0x999, 0)), -L4_EBADPROTO);
	assert_int_equal(l4_msgtag_label(send(&o, 0, PROTOCOL, 0)), -L4_EMSGTOOSHORT);
	utcb.mr.mr[0] = 3;
	assert_int_equal(l4_msgtag_label(send(&o, 3, PROTOCOL, 1)), -L4_ENOSYS);
	utcb.mr.mr[0] = 1; /* a gap in the table */
	assert_int_equal(l4_msgtag_label(send(&o, 3, PROTOCOL, 1)), -L4_ENOSYS);
	utcb.mr.mr[0] = OP_SUM;
	assert_int_equal(l4_msgtag_label(send(&o, 3, PROTOCOL, 2)), -L4_EMSGTOOSHORT);
}

static void an_operation_needs_its_right(void **state)
{
	struct server_object o = { .class = &class };

	(void)state;
	server_publish(&server, &o);
	utcb.mr.mr[0] = OP_SECRET;
	assert_int_equal(l4_msgtag_label(send(&o, L4_CAP_FPAGE_W, PROTOCOL, 1)), -L4_EPERM);
	utcb.mr.mr[0] = OP_SECRET;
	assert_int_equal(l4_msgtag_label(send(&o, L4_CAP_FPAGE_S, PROTOCOL, 1)), 9);
}

static void an_interface_can_read_the_whole_message(void **state)
{
	struct server_object o = { .class = &class };

	(void)state;
	server_publish(&server, &o);
	utcb.mr.mr[0] = 0x21;
	assert_int_equal(l4_msgtag_label(send(&o, 0, RAW_PROTOCOL, 1)), 0x21);
}

static void meta_tells_all_interfaces_and_itself(void **state)
{
	struct server_object o = { .class = &class };
	l4_msgtag_t tag;

	(void)state;
	server_publish(&server, &o);
	utcb.mr.mr[0] = L4_META_OP_NUM_INTERFACES;
	assert_int_equal(l4_msgtag_label(send(&o, 0, L4_PROTO_META, 1)), 3);
	utcb.mr.mr[0] = L4_META_OP_INTERFACE;
	utcb.mr.mr[1] = 0;
	tag = send(&o, 0, L4_PROTO_META, 2);
	assert_int_equal(l4_msgtag_label(tag), 0);
	assert_int_equal(utcb.mr.mr[0], PROTOCOL);
	assert_int_equal(utcb.mr.mr[1], 6);
	assert_string_equal((const char *)&utcb.mr.mr[2], "4Test");
	utcb.mr.mr[0] = L4_META_OP_INTERFACE;
	utcb.mr.mr[1] = 3;
	assert_int_equal(l4_msgtag_label(send(&o, 0, L4_PROTO_META, 2)), -L4_ERANGE);
	for (unsigned i = 0; i < 2; i++) {
		utcb.mr.mr[0] = L4_META_OP_SUPPORTS;
		utcb.mr.mr[1] = i ? 0x999 : RAW_PROTOCOL;
		assert_int_equal(l4_msgtag_label(send(&o, 0, L4_PROTO_META, 2)), !i);
	}
}

static void a_label_is_never_used_again(void **state)
{
	struct server_object o = { .class = &class };
	l4_umword_t old;

	(void)state;
	server_publish(&server, &o);
	old = o.label;
	server_unpublish(&server, &o);
	server_publish(&server, &o);
	assert_int_not_equal(o.label, old);
	utcb.mr.mr[0] = OP_SUM;
	assert_int_equal(
	    l4_msgtag_label(server_dispatch(&server, old, l4_msgtag(PROTOCOL, 3, 0, 0))),
	    -L4_ENOENT);
}

static void objects_whose_gates_are_gone_are_released(void **state)
{
	struct server_object o[10];
	unsigned gone = 0;

	(void)state;
	for (unsigned i = 0; i < 10; i++) {
		o[i] = (struct server_object){ .class = &class };
		assert_int_equal(server_publish(&server, &o[i]), 0);
	}
	for (unsigned i = 0; i < 10; i += 2, gone++)
		valid[o[i].cap >> L4_CAP_SHIFT] = false;
	server.scan_left = server.object_count;
	while (server.scan_left)
		server_scan(&server);
	assert_int_equal(released, gone);
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(o[i].label == 0, i % 2 == 0);
}

/* What others are released by the end of one: both its neighbours in the ring. */
static struct server_object trio[3];

static void release_others(struct server_object *object)
{
	released++;
	for (unsigned i = 0; i < 3; i++)
		if (&trio[i] != object)
			server_unpublish(&server, &trio[i]);
}

static void a_released_object_can_take_others_with_it(void **state)
{
	static const struct server_class taking = { .released = release_others };

	(void)state;
	for (unsigned first = 0; first < 3; first++) {
		released = 0;
		for (unsigned i = 0; i < 3; i++) {
			trio[i] = (struct server_object){ .class = &taking };
			assert_int_equal(server_publish(&server, &trio[i]), 0);
		}
		valid[trio[first].cap >> L4_CAP_SHIFT] = false;
		server.scan_left = server.object_count;
		while (server.scan_left)
			server_scan(&server);
		assert_int_equal(released, 1);
		assert_int_equal(server.object_count, 0);
		assert_null(server.scan_at);
	}
}

static void a_capability_of_an_own_object_leads_to_it(void **state)
{
	struct server_object o = { .class = &class };
	struct wire_item item = { .kind = WIRE_OWN_LABEL, .rights = L4_CAP_FPAGE_W };
	unsigned rights;

	(void)state;
	server_publish(&server, &o);
	item.label = o.label;
	assert_ptr_equal(server_item_object(&server, &item, &rights), &o);
	assert_int_equal(rights, L4_CAP_FPAGE_W);
	item.label += 4000;
	assert_null(server_item_object(&server, &item, &rights));
	item.kind = WIRE_CAP;
	item.label = o.label;
	assert_null(server_item_object(&server, &item, &rights));
}

static void a_kept_capability_leaves_an_empty_receive_slot(void **state)
{
	struct wire_item item = { .kind = WIRE_CAP, .buffer = 1 };
	l4_cap_idx_t slot = server.receive[1];

	(void)state;
	assert_int_equal(server_keep_cap(&server, &item), slot);
	assert_int_not_equal(server.receive[1], slot);
	item.buffer = SERVER_RECEIVE_SLOTS;
	assert_int_equal(server_keep_cap(&server, &item), L4_INVALID_CAP);
	slots_used = SLOTS - 1;
	item.buffer = 0;
	slot = server.receive[0];
	assert_int_equal(server_keep_cap(&server, &item), L4_INVALID_CAP);
	assert_int_equal(server.receive[0], slot);
}

static void each_deferred_request_keeps_its_own_reply_capability(void **state)
{
	struct server_request request = { .server = &server };
	l4_cap_idx_t replies[3], next;

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		assert_true(server_defer(&request, &replies[i]));
	assert_int_equal(replies[0], L4_INVALID_CAP);
	assert_true((replies[1] & L4_REPLY_CAP_BIT) && (replies[2] & L4_REPLY_CAP_BIT));
	assert_int_not_equal(replies[1], replies[2]);
	server_answer(&request, replies[1], 0);
	assert_int_equal(last_selector, replies[1] | L4_SYSF_SEND | L4_SYSF_REPLY);
	assert_true(server_defer(&request, &next));
	assert_true(next != replies[0] && next != replies[2]);
	assert_int_equal(server.reply, replies[1]);
	server_answer(&request, replies[0], 0);
	assert_int_equal(last_selector, L4_INVALID_CAP | L4_SYSF_SEND | L4_SYSF_REPLY);
	assert_true(server_defer(&request, &next));
	assert_int_equal(server.reply, L4_INVALID_CAP);
}

static void so_many_requests_can_be_deferred(void **state)
{
	struct server_request request = { .server = &server };
	l4_cap_idx_t reply, kept = L4_INVALID_CAP;
	unsigned count = 0;

	(void)state;
	while (server_defer(&request, &reply)) {
		kept = reply;
		count++;
	}
	assert_int_equal(count, SERVER_DEFERRED_MAX);
	assert_false(server_defer(&request, &reply));
	server_answer(&request, kept, 0);
	assert_true(server_defer(&request, &reply));
	assert_int_equal(server.reply, kept);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(an_operation_gets_its_arguments_and_answers, setup),
		cmocka_unit_test_setup(a_wrong_message_gets_its_own_error, setup),
		cmocka_unit_test_setup(an_operation_needs_its_right, setup),
		cmocka_unit_test_setup(an_interface_can_read_the_whole_message, setup),
		cmocka_unit_test_setup(meta_tells_all_interfaces_and_itself, setup),
		cmocka_unit_test_setup(a_label_is_never_used_again, setup),
		cmocka_unit_test_setup(objects_whose_gates_are_gone_are_released, setup),
		cmocka_unit_test_setup(a_released_object_can_take_others_with_it, setup),
		cmocka_unit_test_setup(a_capability_of_an_own_object_leads_to_it, setup),
		cmocka_unit_test_setup(a_kept_capability_leaves_an_empty_receive_slot, setup),
		cmocka_unit_test_setup(each_deferred_request_keeps_its_own_reply_capability, setup),
		cmocka_unit_test_setup(so_many_requests_can_be_deferred, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
