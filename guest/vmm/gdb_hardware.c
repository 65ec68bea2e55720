/* SPDX-License-Identifier: MIT */
/*
 * The remote protocol of GDB: breakpoints of the processor. What is larger than one of them can be,
 * or not aligned, takes several.
 */
#include <string.h>

#include "vmm/gdb_packet.h"

enum { PART_MAX = 8 };

static const char ok[] = "OK", wrong[] = "E01", too_many[] = "E1c";

/* A type, an address, bytes. False: there is no such type. */
static bool get_wish(const char *at, struct gdb_hardware *wish)
{
	struct packet_range r;
	uint64_t type;

	if (!packet_number(&at, &type) || !packet_is(&at, ',') || !packet_range(&at, &r))
		return false;
	if (type != GDB_EXECUTED && type != GDB_WRITTEN && type != GDB_ACCESSED)
		return false;
	*wish = (struct gdb_hardware){ .used = true,
				       .type = (enum gdb_breaks)type,
				       .address = r.address,
				       .bytes = r.bytes,
				       .whole_address = r.address,
				       .whole_bytes = r.bytes };
	return true;
}

static bool is_same(const struct gdb_hardware *a, const struct gdb_hardware *b)
{
	return a->used && a->type == b->type && a->whole_address == b->whole_address &&
	       a->whole_bytes == b->whole_bytes;
}

/* Bytes that one breakpoint can watch from the start of a range on. */
static uint64_t part_of(const struct gdb_hardware *wish)
{
	uint64_t bytes = wish->type == GDB_EXECUTED ? 1 : PART_MAX;

	while (wish->address % bytes || bytes > wish->bytes)
		bytes /= 2;
	return bytes;
}

/* False: there are not enough. */
static bool place(struct gdb_hardware *list, struct gdb_hardware left)
{
	for (unsigned i = 0; left.bytes && i < GDB_HARDWARE; i++) {
		uint64_t bytes = part_of(&left);

		if (list[i].used)
			continue;
		list[i] = left;
		list[i].bytes = bytes;
		left.address += bytes;
		left.bytes = left.type == GDB_EXECUTED ? 0 : left.bytes - bytes;
	}
	return !left.bytes;
}

void gdb_watch(struct gdb *gdb, const char *at)
{
	struct gdb_hardware list[GDB_HARDWARE], wish;

	if (!get_wish(at, &wish)) {
		packet_answer(gdb, "");
		return;
	}
	if (!wish.bytes) {
		packet_answer(gdb, wrong);
		return;
	}
	memcpy(list, gdb->hardware, sizeof(list));
	for (unsigned i = 0; i < GDB_HARDWARE; i++)
		if (is_same(&list[i], &wish)) {
			packet_answer(gdb, ok);
			return;
		}
	if (!place(list, wish) || !gdb->target->watch(gdb->context, list)) {
		packet_answer(gdb, too_many);
		return;
	}
	memcpy(gdb->hardware, list, sizeof(list));
	packet_answer(gdb, ok);
}

void gdb_unwatch(struct gdb *gdb, const char *at)
{
	struct gdb_hardware wish;

	if (!get_wish(at, &wish)) {
		packet_answer(gdb, "");
		return;
	}
	for (unsigned i = 0; i < GDB_HARDWARE; i++)
		if (is_same(&gdb->hardware[i], &wish))
			gdb->hardware[i].used = false;
	gdb->target->watch(gdb->context, gdb->hardware);
	packet_answer(gdb, ok);
}

void gdb_lift_hardware(struct gdb *gdb)
{
	bool any = false;

	for (unsigned i = 0; i < GDB_HARDWARE; i++) {
		any |= gdb->hardware[i].used;
		gdb->hardware[i].used = false;
	}
	if (any)
		gdb->target->watch(gdb->context, gdb->hardware);
}
