/* SPDX-License-Identifier: MIT */
/* Packets of GDB's remote protocol. */
#include "vmm/gdb_packet.h"

#include <stdio.h>
#include <string.h>

enum reading { OUTSIDE, INSIDE, SUM_HIGH, SUM_LOW };

enum { INTERRUPT = 3 };

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* --- Numbers --- */

bool packet_number(const char **at, uint64_t *number)
{
	const char *start = *at;

	for (*number = 0; digit(**at) >= 0; (*at)++)
		*number = *number << 4 | (unsigned)digit(**at);
	return *at != start;
}

bool packet_is(const char **at, char c)
{
	bool is = **at == c;

	*at += is;
	return is;
}

bool packet_byte(const char **at, uint8_t *byte)
{
	int high = digit((*at)[0]), low = high < 0 ? -1 : digit((*at)[1]);

	if (low < 0)
		return false;
	*byte = (uint8_t)(high << 4 | low);
	*at += 2;
	return true;
}

bool packet_range(const char **at, struct packet_range *r)
{
	return packet_number(at, &r->address) && packet_is(at, ',') && packet_number(at, &r->bytes);
}

/* --- Writing --- */

void packet_begin(struct gdb *gdb)
{
	gdb->out[0] = '$';
	gdb->out_count = 1;
}

void packet_char(struct gdb *gdb, char c)
{
	if (gdb->out_count <= GDB_PACKET_MAX)
		gdb->out[gdb->out_count++] = c;
}

void packet_text(struct gdb *gdb, const char *text)
{
	while (*text)
		packet_char(gdb, *text++);
}

void packet_hex(struct gdb *gdb, uint64_t number)
{
	char text[20];

	snprintf(text, sizeof(text), "%lx", number);
	packet_text(gdb, text);
}

void packet_bytes(struct gdb *gdb, const void *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint8_t byte = ((const uint8_t *)bytes)[i];

		packet_char(gdb, "0123456789abcdef"[byte >> 4]);
		packet_char(gdb, "0123456789abcdef"[byte & 15]);
	}
}

static void send_again(struct gdb *gdb)
{
	if (gdb->out_count)
		gdb->target->send(gdb->context, gdb->out, gdb->out_count);
}

void packet_send(struct gdb *gdb)
{
	char end[4];
	uint8_t sum = 0;

	for (unsigned i = 1; i < gdb->out_count; i++)
		sum = (uint8_t)(sum + (uint8_t)gdb->out[i]);
	snprintf(end, sizeof(end), "#%02x", sum);
	memcpy(gdb->out + gdb->out_count, end, 3);
	gdb->out_count += 3;
	send_again(gdb);
}

void packet_answer(struct gdb *gdb, const char *text)
{
	packet_begin(gdb);
	packet_text(gdb, text);
	packet_send(gdb);
}

/* --- Reading --- */

static void begin(struct gdb *gdb)
{
	gdb->reading = INSIDE;
	gdb->in_count = 0;
	gdb->sum = 0;
}

static void outside(struct gdb *gdb, char c)
{
	if (c == '$')
		begin(gdb);
	else if (c == '-')
		send_again(gdb);
	else if (c == INTERRUPT)
		gdb_interrupted(gdb);
}

/* A packet that is too long has no end that is right. */
static void inside(struct gdb *gdb, char c)
{
	if (c == '#') {
		gdb->reading = SUM_HIGH;
		return;
	}
	if (c == '$') {
		begin(gdb);
		return;
	}
	gdb->sum = (uint8_t)(gdb->sum + (uint8_t)c);
	if (gdb->in_count < GDB_PACKET_MAX)
		gdb->in[gdb->in_count] = c;
	gdb->in_count++;
}

static void acknowledge(struct gdb *gdb, bool good)
{
	if (!gdb->no_acks)
		gdb->target->send(gdb->context, good ? "+" : "-", 1);
}

static void end(struct gdb *gdb)
{
	bool good = gdb->sum == gdb->wanted_sum && gdb->in_count <= GDB_PACKET_MAX;

	gdb->reading = OUTSIDE;
	acknowledge(gdb, good);
	if (!good)
		return;
	gdb->in[gdb->in_count] = 0;
	gdb_request(gdb, gdb->in);
}

void gdb_input(struct gdb *gdb, const char *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		unsigned value = (unsigned)digit(bytes[i]) & 15;

		switch (gdb->reading) {
		case OUTSIDE:
			outside(gdb, bytes[i]);
			break;
		case INSIDE:
			inside(gdb, bytes[i]);
			break;
		case SUM_HIGH:
			gdb->wanted_sum = (uint8_t)(value << 4);
			gdb->reading = SUM_LOW;
			break;
		default:
			gdb->wanted_sum |= (uint8_t)value;
			end(gdb);
		}
	}
}
