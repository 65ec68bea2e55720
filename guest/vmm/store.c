/* SPDX-License-Identifier: MIT */
/* The store of a machine: requests, watches, transactions. */
#include "vmm/store.h"

#include <stdio.h>
#include <string.h>

/* A request that is being answered. */
struct request {
	struct xen_store_message header;
	char *path; /* first string of the payload; may be changed */
	char *rest; /* behind it */
	size_t rest_bytes;
	bool absolute;			       /* as the guest has named it */
	struct store_transaction *transaction; /* or NULL */
	char answer[XEN_STORE_PAYLOAD_MAX];
	size_t answer_bytes;
};

/* --- Output --- */

static void put(struct store *s, const void *bytes, size_t count)
{
	memcpy(s->out + s->out_bytes, bytes, count);
	s->out_bytes += (unsigned)count;
}

static void put_event(struct store *s, const struct store_watch *w, const char *path)
{
	char payload[sizeof(STORE_HOME) + 1 + sizeof(w->path) + sizeof(w->token)];
	int bytes = snprintf(payload, sizeof(payload), "%s%s%s%c%s", w->absolute ? STORE_HOME : "",
			     w->absolute && *path ? "/" : "", path, 0, w->token);
	struct xen_store_message header = { .type = XEN_STORE_WATCH_EVENT,
					    .bytes = (uint32_t)bytes + 1 };

	/* The answer to the request must have room behind. */
	if (s->out_bytes + sizeof(header) + header.bytes > STORE_OUT_BYTES - STORE_MESSAGE_BYTES) {
		s->lost_events++;
		return;
	}
	put(s, &header, sizeof(header));
	put(s, payload, header.bytes);
}

static void fire(struct store *s, const char *path, bool removed)
{
	for (unsigned i = 0; i < STORE_WATCHES; i++) {
		const struct store_watch *w = &s->watches[i];

		if (!w->used)
			continue;
		if (store_path_within(path, w->path))
			put_event(s, w, path);
		else if (removed && store_path_within(w->path, path))
			put_event(s, w, w->path);
	}
}

/* --- Changing --- */

static struct store_tree *tree_of(struct store *s, const struct request *r)
{
	return r->transaction ? &r->transaction->tree : &s->tree;
}

/* Can a change of this path be noted? */
static bool notable(const struct request *r)
{
	return !r->transaction ||
	       r->transaction->changes_bytes + strlen(r->path) + 1 <= STORE_CHANGES_BYTES;
}

static void changed(struct store *s, struct request *r, bool removed)
{
	struct store_transaction *t = r->transaction;
	size_t bytes = strlen(r->path) + 1;

	if (!t) {
		s->generation++;
		fire(s, r->path, removed);
		return;
	}
	memcpy(t->changes + t->changes_bytes, r->path, bytes);
	t->changes_bytes += (uint32_t)bytes;
	t->removed |= removed;
}

static const char *write_node(struct store *s, struct request *r)
{
	if (!*r->path)
		return "EINVAL";
	if (!notable(r) || !store_tree_write(tree_of(s, r), r->path, r->rest, r->rest_bytes))
		return "ENOSPC";
	changed(s, r, false);
	return NULL;
}

static const char *make_node(struct store *s, struct request *r)
{
	size_t bytes;

	if (store_tree_read(tree_of(s, r), r->path, &bytes))
		return NULL;
	r->rest_bytes = 0;
	return write_node(s, r);
}

static const char *remove_node(struct store *s, struct request *r)
{
	if (!*r->path)
		return "EINVAL";
	if (!notable(r))
		return "ENOSPC";
	if (!store_tree_remove(tree_of(s, r), r->path))
		return "ENOENT";
	changed(s, r, true);
	return NULL;
}

/* --- Reading --- */

static const char *read_node(struct store *s, struct request *r)
{
	const char *value = store_tree_read(tree_of(s, r), r->path, &r->answer_bytes);

	if (!value)
		return "ENOENT";
	if (r->answer_bytes > sizeof(r->answer)) {
		r->answer_bytes = 0;
		return "E2BIG";
	}
	memcpy(r->answer, value, r->answer_bytes);
	return NULL;
}

static const char *list_node(struct store *s, struct request *r)
{
	size_t bytes;

	if (!store_tree_read(tree_of(s, r), r->path, &bytes))
		return "ENOENT";
	bytes = store_tree_list(tree_of(s, r), r->path, r->answer, sizeof(r->answer));
	if (bytes > sizeof(r->answer))
		return "E2BIG";
	r->answer_bytes = bytes;
	return NULL;
}

/* The guest owns all of its nodes. */
static const char *get_rights(struct store *s, struct request *r)
{
	size_t bytes;

	if (!store_tree_read(tree_of(s, r), r->path, &bytes))
		return "ENOENT";
	r->answer_bytes = sizeof("n1");
	memcpy(r->answer, "n1", r->answer_bytes);
	return NULL;
}

/* --- Watches --- */

static struct store_watch *find_watch(struct store *s, const char *path, const char *token)
{
	for (unsigned i = 0; i < STORE_WATCHES; i++) {
		struct store_watch *w = &s->watches[i];

		if (w->used && !strcmp(w->path, path) && !strcmp(w->token, token))
			return w;
	}
	return NULL;
}

static struct store_watch *free_watch(struct store *s)
{
	for (unsigned i = 0; i < STORE_WATCHES; i++)
		if (!s->watches[i].used)
			return &s->watches[i];
	return NULL;
}

/* The token: a string to the end of the payload. */
static const char *token_of(const struct request *r)
{
	return r->rest_bytes && r->rest_bytes <= STORE_TOKEN_MAX + 1 &&
		       strnlen(r->rest, r->rest_bytes) == r->rest_bytes - 1
		   ? r->rest
		   : NULL;
}

/* A new watch fires at once. */
static const char *add_watch(struct store *s, struct request *r)
{
	struct store_watch *w = free_watch(s);
	const char *token = token_of(r);

	if (!token)
		return "EINVAL";
	if (find_watch(s, r->path, token))
		return "EEXIST";
	if (!w)
		return "ENOSPC";
	*w = (struct store_watch){ .used = true, .absolute = r->absolute };
	strcpy(w->path, r->path);
	strcpy(w->token, token);
	put_event(s, w, w->path);
	return NULL;
}

static const char *remove_watch(struct store *s, struct request *r)
{
	const char *token = token_of(r);
	struct store_watch *w = token ? find_watch(s, r->path, token) : NULL;

	if (!w)
		return token ? "ENOENT" : "EINVAL";
	w->used = false;
	return NULL;
}

static const char *reset(struct store *s, struct request *r)
{
	(void)r;
	for (unsigned i = 0; i < STORE_WATCHES; i++)
		s->watches[i].used = false;
	for (unsigned i = 0; i < STORE_TRANSACTIONS; i++)
		s->transactions[i].id = 0;
	return NULL;
}

/* --- Transactions --- */

static struct store_transaction *find_transaction(struct store *s, uint32_t id)
{
	for (unsigned i = 0; i < STORE_TRANSACTIONS; i++)
		if (s->transactions[i].id == id)
			return &s->transactions[i];
	return NULL;
}

/* Numbers are not used again before long, and never while in use. */
static uint32_t new_number(struct store *s)
{
	do
		s->last_transaction++;
	while (!s->last_transaction || find_transaction(s, s->last_transaction));
	return s->last_transaction;
}

static const char *begin(struct store *s, struct request *r)
{
	struct store_transaction *t = find_transaction(s, 0);

	if (r->transaction)
		return "EBUSY";
	if (!t)
		return "ENOSPC";
	t->tree = s->tree;
	t->generation = s->generation;
	t->changes_bytes = 0;
	t->removed = false;
	t->id = new_number(s);
	r->answer_bytes = (size_t)snprintf(r->answer, sizeof(r->answer), "%u", t->id) + 1;
	return NULL;
}

static const char *end(struct store *s, struct request *r)
{
	struct store_transaction *t = r->transaction;
	bool keep = !strcmp(r->path, "T");

	if (!t)
		return "ENOENT";
	if (!keep && strcmp(r->path, "F"))
		return "EINVAL";
	t->id = 0;
	if (!keep || !t->changes_bytes)
		return NULL;
	if (t->generation != s->generation)
		return "EAGAIN";
	s->tree = t->tree;
	s->generation++;
	for (uint32_t at = 0; at < t->changes_bytes; at += (uint32_t)strlen(t->changes + at) + 1)
		fire(s, t->changes + at, t->removed);
	return NULL;
}

/* --- Requests --- */

static const struct operation {
	const char *(*handle)(struct store *s, struct request *r); /* NULL, or the error */
	bool bare;    /* the payload does not begin with a path */
	bool answers; /* else "OK" is the answer */
} operations[] = {
	[XEN_STORE_DIRECTORY] = { list_node, false, true },
	[XEN_STORE_READ] = { read_node, false, true },
	[XEN_STORE_GET_PERMS] = { get_rights, false, true },
	[XEN_STORE_WATCH] = { add_watch, false, false },
	[XEN_STORE_UNWATCH] = { remove_watch, false, false },
	[XEN_STORE_TRANSACTION_START] = { begin, true, true },
	[XEN_STORE_TRANSACTION_END] = { end, true, false },
	[XEN_STORE_WRITE] = { write_node, false, false },
	[XEN_STORE_MKDIR] = { make_node, false, false },
	[XEN_STORE_RM] = { remove_node, false, false },
	[XEN_STORE_RESET_WATCHES] = { reset, true, false },
};

/* The path as the tree has it. NULL, or the error. */
static const char *localise(struct request *r)
{
	size_t home = strlen(STORE_HOME);

	r->absolute = *r->path == '/';
	if (r->absolute) {
		if (!store_path_within(r->path, STORE_HOME))
			return "EACCES";
		r->path += home + (r->path[home] == '/');
	}
	return store_path_valid(r->path) ? NULL : "EINVAL";
}

static const char *handle(struct store *s, struct request *r)
{
	static const struct operation none;
	bool known = r->header.type < sizeof(operations) / sizeof(*operations);
	const struct operation *o = known ? &operations[r->header.type] : &none;
	const char *error;

	if (!o->handle)
		return "ENOSYS";
	if (!r->path)
		return "EINVAL";
	r->transaction =
	    r->header.transaction_id ? find_transaction(s, r->header.transaction_id) : NULL;
	if (r->header.transaction_id && !r->transaction)
		return "ENOENT";
	error = o->bare ? NULL : localise(r);
	if (!error)
		error = o->handle(s, r);
	if (!error && !o->answers) {
		r->answer_bytes = sizeof("OK");
		memcpy(r->answer, "OK", r->answer_bytes);
	}
	return error;
}

/* The first string of the payload, and what follows. */
static void split(struct request *r, char *payload)
{
	char *end = memchr(payload, 0, r->header.bytes);

	r->path = end ? payload : NULL;
	r->rest = end ? end + 1 : payload;
	r->rest_bytes = r->header.bytes - (size_t)(r->rest - payload);
}

static void answer(struct store *s)
{
	struct request r = { .answer_bytes = 0 };
	const char *error;

	memcpy(&r.header, s->in, sizeof(r.header));
	split(&r, s->in + sizeof(r.header));
	error = handle(s, &r);
	if (error) {
		r.header.type = XEN_STORE_ERROR;
		r.answer_bytes = strlen(error) + 1;
		memcpy(r.answer, error, r.answer_bytes);
	}
	r.header.bytes = (uint32_t)r.answer_bytes;
	put(s, &r.header, sizeof(r.header));
	put(s, r.answer, r.answer_bytes);
}

/* --- The ring --- */

static unsigned smaller(size_t a, size_t b)
{
	return (unsigned)(a < b ? a : b);
}

/* Move what there is, at most count bytes. False: the indices make no sense. */
static bool take(struct store *s, struct xen_store_ring *ring, size_t count, unsigned *taken)
{
	uint32_t at = __atomic_load_n(&ring->request_cons, __ATOMIC_RELAXED);
	uint32_t there = __atomic_load_n(&ring->request_prod, __ATOMIC_ACQUIRE) - at;

	*taken = smaller(there, count);
	for (unsigned i = 0; i < *taken; i++)
		s->in[s->in_bytes++] = ring->request[(at + i) % XEN_STORE_RING_BYTES];
	__atomic_store_n(&ring->request_cons, at + *taken, __ATOMIC_RELEASE);
	return there <= XEN_STORE_RING_BYTES;
}

/* Put out as much as there is room for. True: something. */
static bool flush(struct store *s, struct xen_store_ring *ring)
{
	uint32_t at = __atomic_load_n(&ring->response_prod, __ATOMIC_RELAXED);
	uint32_t used = at - __atomic_load_n(&ring->response_cons, __ATOMIC_ACQUIRE);
	uint32_t room = used > XEN_STORE_RING_BYTES ? 0 : XEN_STORE_RING_BYTES - used;
	unsigned count = smaller(s->out_bytes - s->out_taken, room);

	for (unsigned i = 0; i < count; i++)
		ring->response[(at + i) % XEN_STORE_RING_BYTES] = s->out[s->out_taken++];
	__atomic_store_n(&ring->response_prod, at + count, __ATOMIC_RELEASE);
	if (s->out_taken == s->out_bytes)
		s->out_taken = s->out_bytes = 0;
	return count;
}

/* Bytes of the message that is coming, as far as that is known. */
static size_t message_bytes(const struct store *s)
{
	struct xen_store_message header;

	if (s->in_bytes < sizeof(header))
		return sizeof(header);
	memcpy(&header, s->in, sizeof(header));
	return header.bytes > XEN_STORE_PAYLOAD_MAX ? SIZE_MAX : sizeof(header) + header.bytes;
}

/* Take bytes of the next message. True: it is there as a whole. */
static bool receive(struct store *s, struct xen_store_ring *ring, bool *moved)
{
	unsigned taken = 1;

	while (!s->deaf && taken && s->in_bytes < message_bytes(s)) {
		size_t bytes = message_bytes(s);

		s->deaf = bytes == SIZE_MAX || !take(s, ring, bytes - s->in_bytes, &taken);
		*moved |= taken;
	}
	return !s->deaf && s->in_bytes == message_bytes(s);
}

unsigned store_serve(struct store *s, struct xen_store_ring *ring, unsigned limit)
{
	bool moved = flush(s, ring);

	/* The answer to one request is out before the next one is taken. */
	while (!s->out_bytes && limit && receive(s, ring, &moved)) {
		answer(s);
		s->in_bytes = 0;
		moved |= flush(s, ring);
		limit--;
	}
	return (moved ? STORE_NOTIFY : 0) | (limit ? 0 : STORE_MORE);
}

/* --- From outside --- */

bool store_set(struct store *s, const char *path, const char *value)
{
	if (s->out_bytes || !store_tree_write(&s->tree, path, value, strlen(value)))
		return false;
	s->generation++;
	fire(s, path, false);
	return true;
}

bool store_watched(const struct store *s, const char *path)
{
	for (unsigned i = 0; i < STORE_WATCHES; i++)
		if (s->watches[i].used && !strcmp(s->watches[i].path, path))
			return true;
	return false;
}
