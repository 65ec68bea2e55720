/* SPDX-License-Identifier: MIT */
/*
 * log: keeps the last lines of its clients in memory, for machines without a serial line.
 *
 * Capability `memlog`: the server's end of the channel, a factory. create(Log, tag, colour) makes a
 * log to write to, create(Log, tag, colour, "read") one that is also read, from the oldest line on,
 * with an interrupt when there is more; create(Dataspace) gives the memory itself, read-only
 * (l4/zwinger/memory_log.h). Creating needs the S right. Options: -s KIB, -m. See doc/log.md.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <l4/re/c/mem_alloc.h>
#include <l4/re/c/rm.h>
#include <l4/re/c/util/cap_alloc.h>
#include <l4/re/env.h>
#include <l4/re/protocols.h>
#include <l4/sys/err.h>
#include <l4/sys/factory.h>
#include <l4/sys/kip.h>
#include <l4/zwinger/memory_log.h>
#include "vcon/vcon.h"
#include "lines.h"

enum { BUCKETS = 64, KIB_DEFAULT = 64, KIB_MIN = 4, KIB_MAX = 64 << 10 };

struct log {
	struct vcon vcon;
	struct line line;
	bool reads;
	uint64_t position; /* of a reader: everything before has been read */
	struct log *next;
};

static struct {
	struct server server;
	struct ring ring;
	l4_memory_log_t *header;
	l4re_ds_t memory;
	struct log *logs;
	bool mirror; /* to the program's own log too */
} the;

/* --- Writing --- */

/* Readers of the memory must see begin move before bytes are overwritten, and end after. */
static void emit(const char *text, size_t count)
{
	uint64_t end = the.ring.end + count, size = the.ring.size;

	if (end > size && end - size > the.ring.begin)
		__atomic_store_n(&the.header->begin, end - size, __ATOMIC_SEQ_CST);
	ring_put(&the.ring, text, count);
	__atomic_store_n(&the.header->end, the.ring.end, __ATOMIC_RELEASE);
	if (the.mirror)
		fwrite(text, 1, count, stdout);
}

static void wake_readers(void)
{
	for (struct log *l = the.logs; l; l = l->next)
		if (l->reads && l->position < the.ring.end)
			pin_fire(&l->vcon.pin, &the.server);
}

static void log_write(struct vcon *vcon, const char *text, size_t count)
{
	struct log *l = (struct log *)vcon;
	uint64_t before = the.ring.end;

	line_put(&l->line, text, count, l4_kip_clock(l4re_kip()), emit);
	if (the.mirror)
		fflush(stdout);
	if (the.ring.end != before)
		wake_readers();
}

static size_t log_read(struct vcon *vcon, char *out, size_t count, l4_umword_t *flags)
{
	struct log *l = (struct log *)vcon;

	count = ring_read(&the.ring, &l->position, out, count);
	*flags = l->position == the.ring.end ? L4_VCON_READ_STAT_DONE : 0;
	return count;
}

static const struct vcon_actions writer = { log_write, NULL }, reader = { log_write, log_read };

static void released(struct server_object *object)
{
	struct log *l = (struct log *)object, **at = &the.logs;

	line_end(&l->line, l4_kip_clock(l4re_kip()), emit);
	pin_clear(&l->vcon.pin, &the.server);
	while (*at != l)
		at = &(*at)->next;
	*at = l->next;
	free(l);
	wake_readers();
}

static const struct server_interface log_interfaces[] = { VCON_INTERFACES };
static const struct server_class log_class = { .interfaces = log_interfaces,
					       .interface_count = 2,
					       .released = released };

/* --- Creation --- */

static long take_option(void *data, const char *text)
{
	*(bool *)data = true;
	return strcmp(text, "read") ? -L4_EINVAL : 0;
}

static long create_log(struct server_request *request)
{
	struct vcon_create create;
	bool reads = false;
	long error = vcon_create_read(&request->in, &create, take_option, &reads);
	struct log *l;

	if (error < 0)
		return error;
	l = calloc(1, sizeof(*l));
	if (!l)
		return -L4_ENOMEM;
	l->vcon.object.class = &log_class;
	l->vcon.actions = reads ? &reader : &writer;
	memcpy(l->line.tag, create.tag, sizeof(l->line.tag));
	l->reads = reads;
	error = server_publish(request->server, &l->vcon.object);
	if (error < 0) {
		free(l);
		return error;
	}
	l->next = the.logs;
	the.logs = l;
	server_reply_object(request, &l->vcon.object, L4_CAP_FPAGE_RWSD);
	return 0;
}

static long handle_create(struct server_object *object, struct server_request *request)
{
	long protocol, error = vcon_create_begin(&request->in, request->rights, &protocol);

	(void)object;
	if (error < 0)
		return error;
	if (protocol == L4_PROTO_LOG)
		return create_log(request);
	if (protocol != L4RE_PROTO_DATASPACE)
		return -L4_ENOSYS;
	wire_put_cap(&request->out, the.memory, L4_CAP_FPAGE_RO);
	return 0;
}

static void factory_released(struct server_object *object)
{
	(void)object; /* for ever */
}

static const struct server_interface factory_interfaces[] = {
	{ L4_PROTO_FACTORY, "N2L47FactoryE", handle_create, NULL, 0 },
};
static const struct server_class factory_class = { .interfaces = factory_interfaces,
						   .interface_count = 1,
						   .released = factory_released };
static struct server_object factory = { .class = &factory_class };

/* --- Start --- */

static void fail(const char *what, long error)
{
	fprintf(stderr, "log: %s (error %ld)\n", what, error);
	exit(1);
}

static void open_memory(size_t bytes)
{
	void *address = NULL;
	long error;

	the.memory = l4re_util_cap_alloc();
	error = l4re_ma_alloc((long)bytes, the.memory, 0);
	if (error >= 0)
		error = l4re_rm_attach(&address, bytes, L4RE_RM_F_SEARCH_ADDR | L4RE_RM_F_RW,
				       the.memory, 0, L4_PAGESHIFT);
	if (error < 0)
		fail("no memory for the lines", error);
	the.header = address;
	*the.header = (l4_memory_log_t){ .magic = L4_MEMORY_LOG_MAGIC,
					 .text_offset = sizeof(*the.header),
					 .text_size = bytes - sizeof(*the.header) };
	the.ring = ring_init((char *)(the.header + 1), the.header->text_size);
}

static void open_server(void)
{
	static struct server_object *buckets[BUCKETS];
	l4_cap_idx_t gate = l4re_env_get_cap("memlog");
	long error = -L4_ENOENT;

	if (l4_is_valid_cap(gate))
		error = server_init_program(&the.server, buckets, BUCKETS);
	if (error >= 0)
		error = server_bind_gate(&the.server, &factory, gate);
	if (error < 0)
		fail("no server capability 'memlog'", error);
}

int main(int argc, char **argv)
{
	unsigned long kib = KIB_DEFAULT;
	int option;

	while ((option = getopt(argc, argv, "s:m")) != -1) {
		if (option == 's')
			kib = strtoul(optarg, NULL, 10);
		the.mirror |= option == 'm';
		if (option == '?' || kib < KIB_MIN || kib > KIB_MAX)
			fail("options are -s KIB (4 to 65536) and -m", -L4_EINVAL);
	}
	open_memory(kib << 10);
	open_server();
	server_loop(&the.server);
}
