/* SPDX-License-Identifier: MIT */
/* Promises of the log to memory, which has 4 KiB here. */
#include <stdio.h>
#include <string.h>
#include <l4/re/c/dataspace.h>
#include <l4/re/c/rm.h>
#include <l4/re/protocols.h>
#include <l4/sys/err.h>
#include <l4/sys/factory.h>
#include <l4/sys/vcon.h>
#include <l4/zwinger/memory_log.h>
#include "check.h"
#include "client.h"

enum { LOG_BYTES = 4096 };

/* Everything a reader has now. */
static char text[2 * LOG_BYTES];

static const char *read_all(l4_cap_idx_t reader)
{
	unsigned length = 0;
	int count;

	do {
		count = l4_vcon_read(reader, text + length, L4_VCON_READ_SIZE);
		if (count < 0)
			break;
		length += count > (int)L4_VCON_READ_SIZE ? L4_VCON_READ_SIZE : (unsigned)count;
	} while (count > (int)L4_VCON_READ_SIZE && length < LOG_BYTES + L4_VCON_READ_SIZE);
	text[length] = 0;
	return text;
}

static void reading(l4_cap_idx_t factory, l4_cap_idx_t reader)
{
	l4_cap_idx_t one, two, irq = client_bind_irq(reader);
	char line[64];

	check_is(client_create(factory, L4_PROTO_LOG, &one, "one", NULL), 0, "a log is created");
	client_create(factory, L4_PROTO_LOG, &two, "two", "red", NULL);
	check_is(l4_vcon_read(one, line, sizeof(line)), -L4_ENOSYS,
		 "a log that is not for reading cannot be read");
	client_write(one, "begin");
	check(!strcmp(read_all(reader), ""), "an unfinished line is not yet there");
	client_write(two, "other\n");
	client_write(one, " end\r\n");
	check(client_irq_comes(irq), "a reader is told of lines");
	read_all(reader);
	check(strstr(text, "] two     | other\n") && strstr(text, "] one     | begin end\n"),
	      "lines have their tag and are not mixed");
	check(!strcmp(read_all(reader), ""), "what was read is not read again");
	client_write(one, "last words");
	client_release(one);
	check(client_irq_comes(irq) && strstr(read_all(reader), "last words\n"),
	      "the unfinished line of a client that goes is kept");
	client_release(two);
	client_release(irq);
}

static void memory(l4_cap_idx_t factory)
{
	l4_cap_idx_t ds, writer;
	void *at = NULL;
	l4_vcon_attr_t attributes;
	const l4_memory_log_t *header;
	const char *last = "| 499\n";
	l4_uint64_t size;
	char line[16];

	check_is(client_create(factory, L4RE_PROTO_DATASPACE, &ds, NULL), 0,
		 "the memory is a dataspace");
	check_is(l4re_rm_attach(&at, LOG_BYTES, L4RE_RM_F_SEARCH_ADDR | L4RE_RM_F_RW, ds, 0, 12),
		 -L4_EPERM, "that is not written to");
	check_is(l4re_rm_attach(&at, LOG_BYTES, L4RE_RM_F_SEARCH_ADDR | L4RE_RM_F_R, ds, 0, 12), 0,
		 "but read");
	client_create(factory, L4_PROTO_LOG, &writer, "w", NULL);
	for (unsigned i = 0; i < 500; i++) {
		snprintf(line, sizeof(line), "%u\n", i);
		client_write(writer, line);
	}
	l4_vcon_get_attr(writer, &attributes); /* answered after the last write was handled */
	header = at;
	size = header->text_size;
	check(header->magic == L4_MEMORY_LOG_MAGIC, "it begins with its header");
	check(size + header->text_offset == (l4_uint64_t)LOG_BYTES &&
		  header->end - header->begin == size,
	      "the rest of it is full of lines");
	for (unsigned i = 0; i < 6; i++)
		line[i] = ((char *)at)[header->text_offset + (header->end - 6 + i) % size];
	check(!memcmp(line, last, 6), "the last line is the last written");
	client_release(writer);
}

static void late_reader(l4_cap_idx_t factory)
{
	l4_cap_idx_t reader;

	check_is(client_create(factory, L4_PROTO_LOG, &reader, "late", "w", "read", NULL), 0,
		 "a reader may come late");
	read_all(reader);
	check(strlen(text) == LOG_BYTES - sizeof(l4_memory_log_t) && strstr(text, "| 499\n"),
	      "it reads the last lines, as many as there is memory");
	check(!strstr(text, "| 1\n"), "older ones have gone");
	client_release(reader);
}

static void mistakes(l4_cap_idx_t factory)
{
	l4_cap_idx_t cap, weak = client_weaker(factory, L4_CAP_FPAGE_RW);

	check_is(client_create(weak, L4_PROTO_LOG, &cap, "x", NULL), -L4_EPERM,
		 "creating needs the S right");
	check_is(client_create(factory, L4_PROTO_LOG, &cap, NULL), -L4_EINVAL, "a log needs a tag");
	check_is(client_create(factory, L4_PROTO_LOG, &cap, "x", "w", "write", NULL), -L4_EINVAL,
		 "an unknown option is refused");
	check_is(client_create(factory, L4_PROTO_SEMAPHORE, &cap, NULL), -L4_ENOSYS,
		 "nothing else is created");
	check_is(client_send(factory, L4_PROTO_FACTORY, 0, 0, 0), -L4_EMSGTOOSHORT,
		 "an empty message is too short");
}

/* More logs than slots or memory if they were not given back. */
static void many_clients(l4_cap_idx_t factory)
{
	unsigned made = 0;
	l4_cap_idx_t cap;

	for (unsigned i = 0; i < 3000; i++) {
		made += client_create(factory, L4_PROTO_LOG, &cap, "many", NULL) == 0;
		client_write(cap, "x\n");
		client_release(cap);
	}
	check_is(made, 3000, "logs that are released are given back");
}

void check_main(void)
{
	l4_cap_idx_t factory = client_cap("memlog"), reader;

	check_is(client_create(factory, L4_PROTO_LOG, &reader, "reader", "w", "read", NULL), 0,
		 "a log for reading is created");
	reading(factory, reader);
	memory(factory);
	late_reader(factory);
	mistakes(factory);
	many_clients(factory);
}
