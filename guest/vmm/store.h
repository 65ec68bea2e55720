/* SPDX-License-Identifier: MIT */
/*
 * The store of a machine: a tree of names and values that both sides write to, with watches that
 * tell the guest of changes. The guest speaks with it over a ring in its memory (xen/ring.h). Pure.
 *
 * A machine sees its own nodes only, by relative paths or below STORE_HOME. All of them are the
 * guest's to change; what vmm reads there it must not trust. Nodes, bytes, watches and transactions
 * have limits; a request beyond them, or one that makes no sense, is answered with an error. What
 * breaks the ring's own rules makes the store deaf until the machine starts again.
 *
 * A transaction works on a copy of the tree. It fails to end (EAGAIN) if the tree has changed since
 * it began, by whoever.
 */
#ifndef VMM_STORE_H
#define VMM_STORE_H

#include "vmm/store_tree.h"
#include "xen/ring.h"

#define STORE_HOME "/local/domain/1"

enum {
	STORE_WATCHES = 32,
	STORE_TOKEN_MAX = 63,
	STORE_TRANSACTIONS = 4,
	STORE_CHANGES_BYTES = 1024, /* paths that one transaction can change */
	STORE_MESSAGE_BYTES = sizeof(struct xen_store_message) + XEN_STORE_PAYLOAD_MAX,
	STORE_OUT_BYTES = 2 * STORE_MESSAGE_BYTES
};

struct store_watch {
	bool used;
	bool absolute; /* its events have absolute paths */
	char path[STORE_PATH_MAX + 1], token[STORE_TOKEN_MAX + 1];
};

struct store_transaction {
	uint32_t id; /* 0: not in use */
	uint64_t generation;
	struct store_tree tree;
	char changes[STORE_CHANGES_BYTES]; /* paths, each with its 0 */
	uint32_t changes_bytes;
	bool removed; /* nodes were: all watches below a path count as changed */
};

/* All zeros: an empty store. */
struct store {
	struct store_tree tree;
	uint64_t generation; /* changes of the tree so far */
	uint32_t last_transaction;
	bool deaf;
	unsigned in_bytes, out_bytes, out_taken;
	unsigned lost_events; /* that the guest left no room for */
	struct store_watch watches[STORE_WATCHES];
	char in[STORE_MESSAGE_BYTES], out[STORE_OUT_BYTES];
	struct store_transaction transactions[STORE_TRANSACTIONS];
};

/* What store_serve() leaves to do. */
enum store_result {
	STORE_NOTIFY = 1 /* raise the guest's event */,
	STORE_MORE = 2 /* call again */
};

/*
 * Take requests from the ring and put answers and events into it, for at most `limit` requests.
 * Returns a sum of enum store_result.
 */
unsigned store_serve(struct store *store, struct xen_store_ring *ring, unsigned limit);

/*
 * Set a node from outside; the watches on it fire. False: no room for the node, or the guest takes
 * no events; nothing has changed.
 */
bool store_set(struct store *store, const char *path, const char *value);

/* Does the guest watch this very node? */
bool store_watched(const struct store *store, const char *path);

#endif
