/* SPDX-License-Identifier: MIT */
/* The remote protocol of GDB: memory and the breakpoints in it. */
#include <string.h>

#include "vmm/gdb_packet.h"

enum { INT3 = 0xcc, PAGE = 4096, MEMORY_MAX = GDB_PACKET_MAX / 2 };

static const char ok[] = "OK", wrong[] = "E01", no_memory[] = "E14";

/* --- Breakpoints --- */

static uint8_t *memory_at(const struct gdb *gdb, uint64_t address)
{
	return gdb->target->memory(gdb->context, gdb->thread, address);
}

static void remove_breakpoint(struct gdb_breakpoint *b)
{
	if (b->place && *b->place == INT3)
		*b->place = b->original;
	b->place = NULL;
}

static struct gdb_breakpoint *find_breakpoint(struct gdb *gdb, uint64_t address)
{
	for (unsigned i = 0; i < GDB_BREAKPOINTS; i++)
		if (gdb->breakpoints[i].place && gdb->breakpoints[i].address == address)
			return &gdb->breakpoints[i];
	return NULL;
}

static struct gdb_breakpoint *free_breakpoint(struct gdb *gdb)
{
	for (unsigned i = 0; i < GDB_BREAKPOINTS; i++)
		if (!gdb->breakpoints[i].place)
			return &gdb->breakpoints[i];
	return NULL;
}

void gdb_insert(struct gdb *gdb, const char *at)
{
	struct gdb_breakpoint *b = free_breakpoint(gdb);
	uint64_t address;
	uint8_t *place;

	if (!packet_number(&at, &address)) {
		packet_answer(gdb, wrong);
		return;
	}
	if (find_breakpoint(gdb, address)) {
		packet_answer(gdb, ok);
		return;
	}
	place = memory_at(gdb, address);
	if (!b || !place) {
		packet_answer(gdb, no_memory);
		return;
	}
	*b = (struct gdb_breakpoint){ address, place, *place };
	*place = INT3;
	packet_answer(gdb, ok);
}

void gdb_withdraw(struct gdb *gdb, const char *at)
{
	struct gdb_breakpoint *b;
	uint64_t address;

	if (!packet_number(&at, &address)) {
		packet_answer(gdb, wrong);
		return;
	}
	b = find_breakpoint(gdb, address);
	if (b)
		remove_breakpoint(b);
	packet_answer(gdb, ok);
}

bool gdb_breaks_at(const struct gdb *gdb, unsigned thread, uint64_t address)
{
	const uint8_t *place = gdb->target->memory(gdb->context, thread, address);

	for (unsigned i = 0; place && i < GDB_BREAKPOINTS; i++)
		if (gdb->breakpoints[i].place == place)
			return true;
	return false;
}

/* --- Memory --- */

/* The breakpoint that has changed a byte of memory; NULL: none. */
static struct gdb_breakpoint *changed_by(struct gdb *gdb, const uint8_t *place)
{
	for (unsigned i = 0; i < GDB_BREAKPOINTS; i++)
		if (gdb->breakpoints[i].place == place)
			return &gdb->breakpoints[i];
	return NULL;
}

/* The next byte of a range: at the start of each page it is looked for. */
static uint8_t *next_byte(const struct gdb *gdb, uint64_t address, uint8_t *before)
{
	return before && address % PAGE ? before + 1 : memory_at(gdb, address);
}

void gdb_read_memory(struct gdb *gdb, const char *at)
{
	struct packet_range r;
	uint8_t *place = NULL;
	uint64_t done;

	if (!packet_range(&at, &r) || r.bytes > MEMORY_MAX) {
		packet_answer(gdb, wrong);
		return;
	}
	packet_begin(gdb);
	for (done = 0; done < r.bytes; done++) {
		const struct gdb_breakpoint *b;

		place = next_byte(gdb, r.address + done, place);
		if (!place)
			break;
		b = changed_by(gdb, place);
		packet_bytes(gdb, b ? &b->original : place, 1);
	}
	if (r.bytes && !done)
		packet_answer(gdb, no_memory);
	else
		packet_send(gdb);
}

/* Is all of a range there? */
static bool is_there(const struct gdb *gdb, const struct packet_range *r)
{
	uint8_t *place = NULL;

	for (uint64_t i = 0; i < r->bytes; i++) {
		place = next_byte(gdb, r->address + i, place);
		if (!place)
			return false;
	}
	return true;
}

void gdb_write_memory(struct gdb *gdb, const char *at)
{
	struct packet_range r;
	uint8_t *place = NULL, byte = 0;

	if (!packet_range(&at, &r) || r.bytes > MEMORY_MAX || !packet_is(&at, ':') ||
	    strlen(at) != 2 * r.bytes) {
		packet_answer(gdb, wrong);
		return;
	}
	if (!is_there(gdb, &r)) {
		packet_answer(gdb, no_memory);
		return;
	}
	for (uint64_t i = 0; i < r.bytes && packet_byte(&at, &byte); i++) {
		struct gdb_breakpoint *b;

		place = next_byte(gdb, r.address + i, place);
		b = changed_by(gdb, place);
		*(b ? &b->original : place) = byte;
	}
	packet_answer(gdb, *at ? wrong : ok);
}

void gdb_lift_all(struct gdb *gdb)
{
	for (unsigned i = 0; i < GDB_BREAKPOINTS; i++)
		remove_breakpoint(&gdb->breakpoints[i]);
}
