/* SPDX-License-Identifier: MIT */
/* A guest that writes anything into the ring of its store: answers are whole, limits are kept. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "vmm/store.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct store store;
static struct xen_store_ring ring;

static void check(int condition)
{
	if (!condition)
		abort();
}

static void guest_writes(const void *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		ring.request[ring.request_prod++ % XEN_STORE_RING_BYTES] = ((const char *)bytes)[i];
}

/* Read all answers: they follow each other without a gap. */
static void guest_reads(void)
{
	static char all[STORE_OUT_BYTES];
	size_t count = 0, at = 0;

	for (bool more = true; more; store_serve(&store, &ring, 8)) {
		more = ring.response_cons != ring.response_prod;
		while (ring.response_cons != ring.response_prod && count < sizeof(all))
			all[count++] = ring.response[ring.response_cons++ % XEN_STORE_RING_BYTES];
	}
	while (at < count) {
		struct xen_store_message m;

		check(count - at >= sizeof(m));
		memcpy(&m, all + at, sizeof(m));
		check(m.bytes <= XEN_STORE_PAYLOAD_MAX && m.type <= XEN_STORE_RESET_WATCHES);
		at += sizeof(m) + m.bytes;
	}
	check(at == count || count == sizeof(all));
}

static void check_limits(void)
{
	char names[STORE_TREE_BYTES];

	check(store.tree.used <= STORE_TREE_BYTES && store.tree.nodes <= STORE_NODES_MAX);
	check(store_tree_list(&store.tree, "", names, sizeof(names)) <= sizeof(names));
	check(store.out_bytes <= STORE_OUT_BYTES && store.in_bytes <= STORE_MESSAGE_BYTES);
}

/* Words that make requests which mean something. */
static size_t word(uint8_t choice, char *to)
{
	static const char *const words[] = {
		"a", "a/b", "a/b/c",	     "control/shutdown", "T",
		"F", "",    STORE_HOME "/a", "/local/domain/0",	 "a//b"
	};

	strcpy(to, words[choice % (sizeof(words) / sizeof(*words))]);
	return strlen(to) + 1;
}

/* Three bytes: type, transaction, and two words. */
static void send(const uint8_t *data)
{
	char payload[256];
	size_t bytes = word(data[2] & 15, payload);
	struct xen_store_message m = { .type = data[0] % 24, .transaction_id = data[1] % 4 };

	bytes += word(data[2] >> 4, payload + bytes);
	m.bytes = (uint32_t)(bytes - (data[1] >> 7));
	guest_writes(&m, sizeof(m));
	guest_writes(payload, m.bytes);
	store_serve(&store, &ring, 4);
	guest_reads();
}

/* First a guest that is right in form, then one that is not. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t half = size / 2, i = 0;

	memset(&store, 0, sizeof(store));
	memset(&ring, 0, sizeof(ring));
	for (; i + 3 <= half; i += 3)
		send(data + i);
	check(!store.deaf);
	check_limits();
	for (; i < size; i += 64) {
		guest_writes(data + i, size - i < 64 ? size - i : 64);
		if (data[i] == 0xff)
			ring.response_cons = (uint32_t)data[i + 1 < size ? i + 1 : i] << 8;
		store_serve(&store, &ring, 4);
		store_set(&store, "outside", "x");
		check_limits();
	}
	return 0;
}
