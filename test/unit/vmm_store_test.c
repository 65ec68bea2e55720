/* SPDX-License-Identifier: MIT */
/* The store of a machine: nodes, watches, transactions, and the ring they are reached by. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "vmm/store.h"

static struct store store;
static struct xen_store_ring ring;
static uint32_t transaction;

/* The last message that came. */
static struct xen_store_message got;
static char payload[XEN_STORE_PAYLOAD_MAX + 1];

/* --- A guest --- */

static void guest_writes(const void *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		ring.request[ring.request_prod++ % XEN_STORE_RING_BYTES] = ((const char *)bytes)[i];
}

static void guest_sends(uint32_t type, const char *bytes, size_t count)
{
	static uint32_t id = 100;
	struct xen_store_message m = { type, ++id, transaction, (uint32_t)count };

	guest_writes(&m, sizeof(m));
	guest_writes(bytes, count);
}

static void guest_reads(void *to, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (ring.response_cons == ring.response_prod)
			assert_true(store_serve(&store, &ring, 1) & STORE_NOTIFY);
		((char *)to)[i] = ring.response[ring.response_cons++ % XEN_STORE_RING_BYTES];
	}
}

/* False: nothing has come. */
static bool message_comes(void)
{
	store_serve(&store, &ring, 1);
	if (ring.response_cons == ring.response_prod)
		return false;
	guest_reads(&got, sizeof(got));
	guest_reads(payload, got.bytes);
	payload[got.bytes] = 0;
	return true;
}

static void expect(uint32_t type, const char *bytes, size_t count)
{
	assert_true(message_comes());
	assert_int_equal(got.type, type);
	assert_int_equal(got.bytes, count);
	assert_memory_equal(payload, bytes, count);
}

#define SENDS(type, text)  guest_sends(type, text, sizeof(text) - 1)
#define EXPECT(type, text) expect(type, text, sizeof(text) - 1)
#define OK(type)	   expect(type, "OK", 3)
#define ERROR(text)	   expect(XEN_STORE_ERROR, text, sizeof(text))

static void start(void)
{
	memset(&store, 0, sizeof(store));
	memset(&ring, 0, sizeof(ring));
	ring.request_cons = ring.request_prod = UINT32_MAX - 7; /* the indices wrap */
	ring.response_cons = ring.response_prod = UINT32_MAX - 9;
	transaction = 0;
}

/* --- Nodes --- */

static void what_is_written_is_read(void **state)
{
	(void)state;
	start();
	SENDS(XEN_STORE_WRITE, "control/shutdown\0power");
	OK(XEN_STORE_WRITE);
	assert_int_equal(got.request_id, 101);
	SENDS(XEN_STORE_READ, "control/shutdown\0");
	EXPECT(XEN_STORE_READ, "power");
	SENDS(XEN_STORE_READ, STORE_HOME "/control/shutdown\0");
	EXPECT(XEN_STORE_READ, "power");
	SENDS(XEN_STORE_READ, "control\0");
	EXPECT(XEN_STORE_READ, "");
	SENDS(XEN_STORE_WRITE, "control/shutdown\0");
	OK(XEN_STORE_WRITE);
	SENDS(XEN_STORE_READ, "control/shutdown\0");
	EXPECT(XEN_STORE_READ, "");
	SENDS(XEN_STORE_READ, "control/reboot\0");
	ERROR("ENOENT");
	SENDS(XEN_STORE_GET_PERMS, "control\0");
	EXPECT(XEN_STORE_GET_PERMS, "n1\0");
}

static void folders_list_what_is_right_below(void **state)
{
	(void)state;
	start();
	SENDS(XEN_STORE_WRITE, "a/b/c\0x");
	OK(XEN_STORE_WRITE);
	SENDS(XEN_STORE_MKDIR, "a/bb\0");
	OK(XEN_STORE_MKDIR);
	SENDS(XEN_STORE_MKDIR, "a/b\0"); /* is there, and stays */
	OK(XEN_STORE_MKDIR);
	SENDS(XEN_STORE_WRITE, "ab\0x");
	OK(XEN_STORE_WRITE);
	SENDS(XEN_STORE_DIRECTORY, "a\0");
	EXPECT(XEN_STORE_DIRECTORY, "b\0bb\0");
	SENDS(XEN_STORE_DIRECTORY, "\0");
	EXPECT(XEN_STORE_DIRECTORY, "a\0ab\0");
	SENDS(XEN_STORE_DIRECTORY, STORE_HOME "\0");
	EXPECT(XEN_STORE_DIRECTORY, "a\0ab\0");
	SENDS(XEN_STORE_DIRECTORY, "a/b/c\0");
	EXPECT(XEN_STORE_DIRECTORY, "");
	SENDS(XEN_STORE_DIRECTORY, "b\0");
	ERROR("ENOENT");
	SENDS(XEN_STORE_RM, "a/b\0");
	OK(XEN_STORE_RM);
	SENDS(XEN_STORE_DIRECTORY, "a\0");
	EXPECT(XEN_STORE_DIRECTORY, "bb\0");
	SENDS(XEN_STORE_READ, "a/b/c\0");
	ERROR("ENOENT");
	SENDS(XEN_STORE_RM, "a/b\0");
	ERROR("ENOENT");
}

static void only_the_own_nodes_are_reached(void **state)
{
	static const char *const others[] = { "/", "/local/domain", "/local/domain/0/name",
					      "/local/domain/10", "/vm" };

	(void)state;
	start();
	for (unsigned i = 0; i < sizeof(others) / sizeof(*others); i++) {
		guest_sends(XEN_STORE_READ, others[i], strlen(others[i]) + 1);
		ERROR("EACCES");
		guest_sends(XEN_STORE_WRITE, others[i], strlen(others[i]) + 1);
		ERROR("EACCES");
	}
}

static void wrong_requests_are_errors(void **state)
{
	static const char *const wrong[] = { "a//b", "a/", "a b", "a*", "\xff", STORE_HOME "//a" };

	(void)state;
	start();
	for (unsigned i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		guest_sends(XEN_STORE_READ, wrong[i], strlen(wrong[i]) + 1);
		ERROR("EINVAL");
	}
	SENDS(XEN_STORE_READ, "no end");
	ERROR("EINVAL");
	SENDS(XEN_STORE_READ, "");
	ERROR("EINVAL");
	SENDS(XEN_STORE_WRITE, "\0value of the root");
	ERROR("EINVAL");
	SENDS(XEN_STORE_RM, "\0");
	ERROR("EINVAL");
	SENDS(XEN_STORE_WATCH, "a\0token without an end");
	ERROR("EINVAL");
	SENDS(XEN_STORE_WATCH, "a\0");
	ERROR("EINVAL");
	SENDS(8, "introduce\0");
	ERROR("ENOSYS");
	SENDS(0xffffffff, "what\0");
	ERROR("ENOSYS");
	SENDS(XEN_STORE_SET_PERMS, "a\0n0\0");
	ERROR("ENOSYS");
	assert_true(store_set(&store, "a", "1"));
	transaction = 5; /* there is no such */
	SENDS(XEN_STORE_READ, "a\0");
	ERROR("ENOENT");
}

/* --- Limits --- */

static void nodes_and_bytes_have_limits(void **state)
{
	char path[] = "n/000", big[4000];
	struct store_tree before;

	(void)state;
	start();
	for (unsigned i = 0; i < STORE_NODES_MAX - 1; i++) {
		path[2] = (char)('0' + i / 100), path[3] = (char)('0' + i / 10 % 10);
		path[4] = (char)('0' + i % 10);
		assert_true(store_tree_write(&store.tree, path, "", 0));
	}
	before = store.tree;
	assert_false(store_tree_write(&store.tree, "more", "", 0));
	assert_memory_equal(&before, &store.tree, sizeof(before));
	SENDS(XEN_STORE_WRITE, "more\0x");
	ERROR("ENOSPC");
	assert_true(store_tree_write(&store.tree, path, "new", 3)); /* one that is there */
	assert_true(store_tree_remove(&store.tree, path));
	assert_false(store_tree_write(&store.tree, "two/nodes", "", 0));
	assert_true(store_tree_write(&store.tree, "more", "", 0));
	start();
	memset(big, 'b', sizeof(big));
	for (unsigned i = 0; i < 4; i++)
		assert_true(store_tree_write(&store.tree, &"4321"[i], big, sizeof(big)));
	assert_false(store_tree_write(&store.tree, "5", big, sizeof(big)));
	assert_true(store_tree_write(&store.tree, "1", big, sizeof(big)));
}

static void long_lists_and_watches_have_limits(void **state)
{
	char path[120], watch[] = "w??\0t", big[XEN_STORE_PAYLOAD_MAX + 1] = { 0 };

	(void)state;
	start();
	assert_true(store_tree_write(&store.tree, "big", big, sizeof(big) - 1));
	SENDS(XEN_STORE_READ, "big\0");
	expect(XEN_STORE_READ, big, sizeof(big) - 1);
	assert_true(store_tree_write(&store.tree, "big", big, sizeof(big)));
	SENDS(XEN_STORE_READ, "big\0");
	ERROR("E2BIG");
	start();
	memset(path, 'p', sizeof(path));
	for (unsigned i = 0; i < 60; i++) {
		path[100] = (char)('a' + i / 10), path[101] = (char)('a' + i % 10), path[102] = 0;
		assert_true(store_tree_write(&store.tree, path, "", 0));
	}
	SENDS(XEN_STORE_DIRECTORY, "\0");
	ERROR("E2BIG");
	for (unsigned i = 0; i < STORE_WATCHES; i++) {
		watch[1] = (char)('a' + i % 16), watch[2] = (char)('a' + i / 16);
		guest_sends(XEN_STORE_WATCH, watch, sizeof(watch));
		expect(XEN_STORE_WATCH_EVENT, watch, sizeof(watch));
		OK(XEN_STORE_WATCH);
	}
	SENDS(XEN_STORE_WATCH, "one more\0t\0");
	ERROR("EINVAL");
	SENDS(XEN_STORE_WATCH, "one-more\0t\0");
	ERROR("ENOSPC");
	SENDS(XEN_STORE_RESET_WATCHES, "\0");
	OK(XEN_STORE_RESET_WATCHES);
	SENDS(XEN_STORE_WATCH, "w\0t\0");
	EXPECT(XEN_STORE_WATCH_EVENT, "w\0t\0");
	OK(XEN_STORE_WATCH);
}

/* --- Watches --- */

static void watches_fire_for_what_is_below(void **state)
{
	(void)state;
	start();
	SENDS(XEN_STORE_WATCH, "device\0one\0");
	EXPECT(XEN_STORE_WATCH_EVENT, "device\0one\0");
	OK(XEN_STORE_WATCH);
	SENDS(XEN_STORE_WATCH, "device\0one\0");
	ERROR("EEXIST");
	SENDS(XEN_STORE_WATCH, STORE_HOME "/device/vif\0two\0");
	EXPECT(XEN_STORE_WATCH_EVENT, STORE_HOME "/device/vif\0two\0");
	OK(XEN_STORE_WATCH);
	assert_true(store_watched(&store, "device"));
	assert_false(store_watched(&store, "device/vbd"));
	SENDS(XEN_STORE_WRITE, "device/vif/0\0x");
	EXPECT(XEN_STORE_WATCH_EVENT, "device/vif/0\0one\0");
	EXPECT(XEN_STORE_WATCH_EVENT, STORE_HOME "/device/vif/0\0two\0");
	OK(XEN_STORE_WRITE);
	SENDS(XEN_STORE_WRITE, "devices\0x");
	OK(XEN_STORE_WRITE);
	SENDS(XEN_STORE_WRITE, "device\0x"); /* above a watch: only a removal concerns it */
	EXPECT(XEN_STORE_WATCH_EVENT, "device\0one\0");
	OK(XEN_STORE_WRITE);
	SENDS(XEN_STORE_RM, "device\0");
	EXPECT(XEN_STORE_WATCH_EVENT, "device\0one\0");
	EXPECT(XEN_STORE_WATCH_EVENT, STORE_HOME "/device/vif\0two\0");
	OK(XEN_STORE_RM);
	SENDS(XEN_STORE_UNWATCH, "device\0one\0");
	OK(XEN_STORE_UNWATCH);
	assert_false(store_watched(&store, "device"));
	SENDS(XEN_STORE_UNWATCH, "device\0one\0");
	ERROR("ENOENT");
	assert_true(store_set(&store, "device/a", "1"));
	assert_false(message_comes());
	assert_true(store_set(&store, "device/vif", "1"));
	EXPECT(XEN_STORE_WATCH_EVENT, STORE_HOME "/device/vif\0two\0");
}

/* --- Transactions --- */

static void begin(void)
{
	transaction = 0;
	SENDS(XEN_STORE_TRANSACTION_START, "\0");
	assert_true(message_comes());
	assert_int_equal(got.type, XEN_STORE_TRANSACTION_START);
	transaction = (uint32_t)strtoul(payload, NULL, 10);
	assert_true(transaction);
}

static void transactions_count_as_a_whole(void **state)
{
	(void)state;
	start();
	SENDS(XEN_STORE_WATCH, "a\0w\0");
	EXPECT(XEN_STORE_WATCH_EVENT, "a\0w\0");
	OK(XEN_STORE_WATCH);
	begin();
	SENDS(XEN_STORE_WRITE, "a/b\0new");
	OK(XEN_STORE_WRITE);
	SENDS(XEN_STORE_READ, "a/b\0");
	EXPECT(XEN_STORE_READ, "new");
	SENDS(XEN_STORE_TRANSACTION_START, "\0");
	ERROR("EBUSY");
	transaction = 0;
	SENDS(XEN_STORE_READ, "a/b\0");
	ERROR("ENOENT");
	transaction = store.last_transaction;
	SENDS(XEN_STORE_TRANSACTION_END, "T\0");
	EXPECT(XEN_STORE_WATCH_EVENT, "a/b\0w\0");
	OK(XEN_STORE_TRANSACTION_END);
	SENDS(XEN_STORE_TRANSACTION_END, "T\0");
	ERROR("ENOENT");
	transaction = 0;
	SENDS(XEN_STORE_READ, "a/b\0");
	EXPECT(XEN_STORE_READ, "new");
}

static void transactions_fail_after_other_changes(void **state)
{
	(void)state;
	start();
	begin();
	SENDS(XEN_STORE_WRITE, "a\0mine");
	OK(XEN_STORE_WRITE);
	assert_true(store_set(&store, "b", "another's"));
	SENDS(XEN_STORE_TRANSACTION_END, "T\0");
	ERROR("EAGAIN");
	transaction = 0;
	SENDS(XEN_STORE_READ, "a\0");
	ERROR("ENOENT");
	begin();
	SENDS(XEN_STORE_WRITE, "a\0mine");
	OK(XEN_STORE_WRITE);
	SENDS(XEN_STORE_TRANSACTION_END, "F\0");
	OK(XEN_STORE_TRANSACTION_END);
	transaction = 0;
	SENDS(XEN_STORE_READ, "a\0");
	ERROR("ENOENT");
	for (unsigned i = 0; i < STORE_TRANSACTIONS; i++)
		begin();
	transaction = 0;
	SENDS(XEN_STORE_TRANSACTION_START, "\0");
	ERROR("ENOSPC");
}

/* --- The ring --- */

static void messages_come_in_pieces(void **state)
{
	struct xen_store_message m = { XEN_STORE_WRITE, 7, 0, 3000 };
	char text[3000] = "long";

	(void)state;
	start();
	memset(text + 5, 'v', sizeof(text) - 5);
	guest_writes(&m, 5);
	assert_int_equal(store_serve(&store, &ring, 1), STORE_NOTIFY);
	guest_writes((char *)&m + 5, sizeof(m) - 5);
	for (unsigned at = 0; at < sizeof(text); at += 1000) {
		assert_false(message_comes());
		guest_writes(text + at, 1000);
	}
	OK(XEN_STORE_WRITE);
	SENDS(XEN_STORE_READ, "long\0");
	SENDS(XEN_STORE_READ, "absent\0");
	/* A guest that reads nothing gets as much as there is room for, and no more is taken. */
	assert_int_equal(store_serve(&store, &ring, 9), STORE_NOTIFY);
	assert_int_equal(ring.response_prod - ring.response_cons, XEN_STORE_RING_BYTES);
	assert_int_equal(store_serve(&store, &ring, 9), 0);
	assert_false(store_set(&store, "x", "y"));
	expect(XEN_STORE_READ, text + 5, sizeof(text) - 5);
	ERROR("ENOENT");
	assert_true(store_set(&store, "x", "y"));
}

static void the_limit_of_requests_holds(void **state)
{
	(void)state;
	start();
	for (unsigned i = 0; i < 3; i++)
		SENDS(XEN_STORE_READ, "a\0");
	assert_int_equal(store_serve(&store, &ring, 2), STORE_NOTIFY | STORE_MORE);
	assert_int_equal(store_serve(&store, &ring, 2), STORE_NOTIFY);
	assert_int_equal(store_serve(&store, &ring, 2), 0);
}

static void a_broken_ring_is_served_no_more(void **state)
{
	struct xen_store_message m = { XEN_STORE_READ, 1, 0, XEN_STORE_PAYLOAD_MAX + 1 };

	(void)state;
	start();
	guest_writes(&m, sizeof(m));
	SENDS(XEN_STORE_READ, "a\0");
	assert_false(message_comes());
	assert_true(store.deaf);
	start();
	ring.request_prod = ring.request_cons + XEN_STORE_RING_BYTES + 1;
	assert_false(message_comes());
	assert_true(store.deaf);
	start();
	ring.response_cons = ring.response_prod + 1;
	SENDS(XEN_STORE_READ, "a\0");
	store_serve(&store, &ring, 1);
	assert_int_equal(ring.response_prod, UINT32_MAX - 9); /* nothing is written */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(folders_list_what_is_right_below),
		cmocka_unit_test(only_the_own_nodes_are_reached),
		cmocka_unit_test(wrong_requests_are_errors),
		cmocka_unit_test(nodes_and_bytes_have_limits),
		cmocka_unit_test(long_lists_and_watches_have_limits),
		cmocka_unit_test(watches_fire_for_what_is_below),
		cmocka_unit_test(transactions_count_as_a_whole),
		cmocka_unit_test(transactions_fail_after_other_changes),
		cmocka_unit_test(messages_come_in_pieces),
		cmocka_unit_test(the_limit_of_requests_holds),
		cmocka_unit_test(a_broken_ring_is_served_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
