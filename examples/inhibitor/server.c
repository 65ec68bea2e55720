/* SPDX-License-Identifier: MIT */
/* The inhibitor protocol, served for one client: two locks, and who holds them for what. */
#include <stdio.h>
#include <string.h>
#include <l4/re/protocols.h>
#include <l4/sys/err.h>
#include "lib/serve.h"

enum { LOCKS = 2, REASON_BYTES = 21 };

static const char *const names[LOCKS] = { "suspend", "shutdown" };
static char reasons[LOCKS][REASON_BYTES]; /* "": nobody holds the lock */

static long acquire(struct server_object *object, struct server_request *request)
{
	l4_umword_t id = wire_get_word(&request->in);
	const char *reason = wire_get_string(&request->in);

	(void)object;
	if (request->in.failed)
		return -L4_EMSGTOOSHORT;
	if (id >= LOCKS)
		return -L4_ENOENT;
	if (*reasons[id])
		return -L4_EBUSY;
	strncat(reasons[id], *reason ? reason : "?", REASON_BYTES - 1);
	printf("no %s: %s\n", names[id], reasons[id]);
	return 0;
}

static long release(struct server_object *object, struct server_request *request)
{
	l4_umword_t id = wire_get_word(&request->in);

	(void)object;
	if (request->in.failed)
		return -L4_EMSGTOOSHORT;
	if (id >= LOCKS || !*reasons[id])
		return -L4_ENOENT;
	*reasons[id] = 0;
	printf("%s is possible again\n", names[id]);
	return 0;
}

static long next_lock(struct server_object *object, struct server_request *request)
{
	l4_umword_t next = wire_get_word(&request->in) + 1;

	(void)object;
	if (request->in.failed)
		return -L4_EMSGTOOSHORT;
	if (next >= LOCKS)
		return -L4_ENODEV;
	wire_put_word(&request->out, next);
	wire_put_string(&request->out, names[next]);
	return 0;
}

static void released(struct server_object *object)
{
	(void)object; /* the channel is the scenario's: it stays */
}

int main(void)
{
	static const struct server_operation operations[] = { { acquire, 0 },
							      { release, 0 },
							      { next_lock, 0 } };
	static const struct server_interface interface = { .protocol = L4RE_PROTO_INHIBITOR,
							   .name = "N4L4Re9InhibitorE",
							   .operations = operations,
							   .operation_count = 3 };
	static const struct server_class class = { .interfaces = &interface,
						   .interface_count = 1,
						   .released = released };
	static struct server_object object = { .class = &class };

	serve(&object, "power");
}
