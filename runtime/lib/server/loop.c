/* SPDX-License-Identifier: MIT */
/* The loop of a server: receive, dispatch, reply. */
#include <l4/sys/err.h>
#include <l4/sys/ipc.h>
#include <l4/sys/task.h>
#include "server/server.h"

/* The buffers are read when a message comes, and handlers may have used them. */
static void prepare_buffers(const struct server *server)
{
	l4_buf_regs_t *b = l4_utcb_br();

	b->bdr = 0;
	for (unsigned i = 0; i < SERVER_RECEIVE_SLOTS; i++)
		b->br[i] = server->receive[i] | L4_RCV_ITEM_SINGLE_CAP | L4_RCV_ITEM_LOCAL_ID;
	b->br[SERVER_RECEIVE_SLOTS] = 0;
}

/* Receive slots must be empty: what is in them would be replaced, perhaps deleted. */
static void empty_receive_slots(struct server *server)
{
	l4_msg_regs_t saved = *l4_utcb_mr();

	for (unsigned i = 0; i < SERVER_RECEIVE_SLOTS; i++)
		l4_task_release_cap(server->config.task, server->receive[i]);
	*l4_utcb_mr() = saved;
}

/* The reply has not reached its client, so nobody has the capability made for it. */
static void take_back_fresh(struct server *server)
{
	struct server_object *object = server->fresh;

	if (!object)
		return;
	server_unpublish(server, object);
	object->class->released(object);
}

/*
 * Rest between two pieces of work, in microseconds: other threads of this CPU are less urgent than
 * the server and could not even send a request.
 */
enum { REST = 50 };

/* Something is to be done when no message is there. */
static bool is_busy(const struct server *server)
{
	return server->scan_left || server->work_left;
}

/*
 * How long to wait for the next message. Who gives back many objects goes on in the rests, so that
 * one walk through all finds many gates that are gone.
 */
static l4_timeout_t patience(const struct server *server)
{
	return l4_timeout(L4_IPC_TIMEOUT_0,
			  is_busy(server) ? l4_timeout_rel(REST, 0) : L4_IPC_TIMEOUT_NEVER);
}

/* A piece of it. */
static void work(struct server *server)
{
	server_scan(server);
	if (server->work_left)
		server->work_left = server->config.work();
}

/* --- Reply capabilities --- */

static bool is_implicit(l4_cap_idx_t reply)
{
	return reply == L4_INVALID_CAP;
}

/* Note whether a slot is in use. */
static void mark_reply(struct server *server, l4_cap_idx_t reply, bool in_use)
{
	unsigned slot = (unsigned)(reply >> L4_CAP_SHIFT);
	l4_uint64_t *word = &server->replies_in_use[slot / 64 % SERVER_DEFERRED_WORDS];

	if (is_implicit(reply))
		server->implicit_in_use = in_use;
	else if (in_use)
		*word |= 1UL << slot % 64;
	else
		*word &= ~(1UL << slot % 64);
}

/* A slot that is not in use; the implicit one if possible. False: there is none. */
static bool find_reply(const struct server *server, l4_cap_idx_t *reply)
{
	*reply = L4_INVALID_CAP;
	if (!server->implicit_in_use)
		return true;
	for (unsigned i = 0; i < SERVER_DEFERRED_WORDS; i++) {
		l4_uint64_t free = ~server->replies_in_use[i];

		if (!free)
			continue;
		*reply = (l4_cap_idx_t)(i * 64 + (unsigned)__builtin_ctzl(free)) << L4_CAP_SHIFT |
			 L4_REPLY_CAP_BIT;
		return true;
	}
	return false;
}

bool server_defer(struct server_request *request, l4_cap_idx_t *reply)
{
	struct server *server = request->server;
	l4_cap_idx_t next;

	mark_reply(server, server->reply, true);
	if (!find_reply(server, &next)) {
		mark_reply(server, server->reply, false);
		return false;
	}
	*reply = server->reply;
	server->reply = next;
	return true;
}

static bool send_reply(l4_cap_idx_t reply, l4_msgtag_t tag)
{
	return !l4_msgtag_has_error(l4_ipc(reply, l4_utcb(), L4_SYSF_SEND | L4_SYSF_REPLY, 0, tag,
					   NULL, L4_IPC_SEND_TIMEOUT_0));
}

void server_answer(struct server_request *request, l4_cap_idx_t reply, long label)
{
	struct server *server = request->server;

	if (request->out.failed)
		label = -L4_EMSGTOOLONG;
	if (!send_reply(reply,
			label < 0 ? l4_msgtag(label, 0, 0, 0) : wire_tag(&request->out, label)))
		take_back_fresh(server);
	server->fresh = NULL;
	mark_reply(server, reply, false);
}

/* --- Receiving --- */

/* The reply capability that came with the last message is used up, or deferred. */
static l4_msgtag_t open_wait(struct server *server, l4_umword_t *label, l4_timeout_t limit)
{
	if (!server->implicit_in_use)
		server->reply = L4_INVALID_CAP;
	prepare_buffers(server);
	return l4_ipc(server->reply, l4_utcb(), L4_SYSF_WAIT, 0, l4_msgtag(0, 0, 0, 0), label,
		      limit);
}

static l4_msgtag_t wait_next(struct server *server, l4_umword_t *label)
{
	work(server);
	return open_wait(server, label, patience(server));
}

/* The reply to the message that was handled last, without waiting. */
static void reply_now(struct server *server, l4_msgtag_t reply)
{
	if (!send_reply(server->reply, reply))
		take_back_fresh(server);
}

static l4_msgtag_t reply_and_wait(struct server *server, l4_msgtag_t reply, l4_umword_t *label)
{
	l4_msgtag_t tag;

	if (!is_implicit(server->reply) && !server->implicit_in_use) { /* back to the quick one */
		reply_now(server, reply);
		return wait_next(server, label);
	}
	prepare_buffers(server);
	tag = l4_ipc(server->reply, l4_utcb(), L4_SYSF_REPLY_AND_WAIT, 0, reply, label,
		     patience(server));
	if (l4_msgtag_has_error(tag) && l4_ipc_is_snd_error(l4_utcb()))
		take_back_fresh(server);
	return tag;
}

/* --- The loop --- */

/* Clients that always have a message ready must not keep the work from going on. */
static void work_beside_message(struct server *server)
{
	l4_msg_regs_t saved = *l4_utcb_mr();

	work(server);
	*l4_utcb_mr() = saved;
}

/* True if label is one of an interrupt, which is handled then. */
static bool handle_interrupt(struct server *server, l4_umword_t label)
{
	struct server_object *object;

	if (label == server->deletion_label) {
		server->scan_left = server->object_count;
		return true;
	}
	object = server_find(server, label);
	if (!object || !object->irq)
		return false;
	object->class->interrupt(object);
	return true;
}

/* Handle what has come and receive the next message. */
static l4_msgtag_t serve_one(struct server *server, l4_msgtag_t tag, l4_umword_t *label)
{
	l4_msgtag_t reply;

	if (l4_msgtag_has_error(tag)) {
		if (l4_ipc_error(tag, l4_utcb()) != L4_IPC_RETIMEOUT)
			empty_receive_slots(server);
		return wait_next(server, label);
	}
	if (handle_interrupt(server, *label))
		return wait_next(server, label);
	if (is_busy(server))
		work_beside_message(server);
	server->fresh = NULL;
	reply = server_dispatch(server, *label, tag);
	if (l4_msgtag_items(tag))
		empty_receive_slots(server);
	if (l4_msgtag_label(reply) == -L4_ENOREPLY)
		return wait_next(server, label);
	return reply_and_wait(server, reply, label);
}

bool server_step(struct server *server, l4_timeout_s limit)
{
	l4_umword_t label;
	l4_msgtag_t reply, tag;
	bool busy;

	work(server);
	busy = is_busy(server);
	tag = open_wait(server, &label,
			busy ? L4_IPC_RECV_TIMEOUT_0 : l4_timeout(L4_IPC_TIMEOUT_NEVER, limit));
	if (l4_msgtag_has_error(tag)) {
		if (l4_ipc_error(tag, l4_utcb()) == L4_IPC_RETIMEOUT)
			return busy;
		empty_receive_slots(server);
		return true;
	}
	if (handle_interrupt(server, label))
		return true;
	server->fresh = NULL;
	reply = server_dispatch(server, label, tag);
	if (l4_msgtag_items(tag))
		empty_receive_slots(server);
	if (l4_msgtag_label(reply) != -L4_ENOREPLY)
		reply_now(server, reply);
	return true;
}

void server_loop(struct server *server)
{
	l4_umword_t label;
	l4_msgtag_t tag = wait_next(server, &label);

	for (;;)
		tag = serve_one(server, tag, &label);
}
