/* SPDX-License-Identifier: MIT */
/*
 * rtc: the time of day. Reads the PC's clock once, and tells clients what to add to the time stamp
 * counter (in nanoseconds) for the nanoseconds since 1970.
 *
 * Capabilities: `rtc` (the server's end of the channel), `sigma0` or `io` (gives the ports of the
 * clock). Without ports or clock, time begins in 1970, and clients can set it. See doc/rtc.md.
 */
#include <stdio.h>
#include <l4/re/env.h>
#include <l4/rtc/rtc.h>
#include <l4/sys/err.h>
#include <l4/util/port_io.h>
#include "server/server.h"
#include "vcon/pin.h"
#include "cmos.h"

enum { INDEX_PORT = 0x70, DATA_PORT = 0x71, PORTS_ORDER = 1, BUCKETS = 4, SECOND_NS = 1000000000 };

struct clock {
	struct server_object object;
	uint64_t offset_ns; /* from the time stamp counter to 1970 */
	struct pin changed;
};

static long get_offset(struct server_object *object, struct server_request *request)
{
	wire_put_u64(&request->out, ((struct clock *)object)->offset_ns);
	return 0;
}

static long set_offset(struct server_object *object, struct server_request *request)
{
	struct clock *clock = (struct clock *)object;
	uint64_t offset = wire_get_u64(&request->in);

	if (request->in.failed)
		return -L4_EMSGTOOSHORT;
	clock->offset_ns = offset;
	pin_fire(&clock->changed, request->server);
	return 0;
}

static long handle_icu(struct server_object *object, struct server_request *request)
{
	return pin_handle(&((struct clock *)object)->changed, request);
}

static void released(struct server_object *object)
{
	(void)object; /* one for all clients, for ever */
}

static const struct server_operation operations[] = { { get_offset, 0 },
						      { set_offset, L4_CAP_FPAGE_W } };
static const struct server_interface interfaces[] = {
	{ 0, "N5L4rtc3RtcE", NULL, operations, sizeof(operations) / sizeof(*operations) },
	{ L4_PROTO_IRQ, "N2L43IcuE", handle_icu, NULL, 0 },
};
static const struct server_class class = { .interfaces = interfaces,
					   .interface_count = 2,
					   .released = released };

static uint8_t read_register(enum cmos_register reg)
{
	l4util_out8((l4_uint8_t)reg, INDEX_PORT);
	return l4util_in8(DATA_PORT);
}

static long get_ports(void)
{
	l4_cap_idx_t from = l4re_env_get_cap("io");

	if (l4_is_invalid_cap(from))
		from = l4re_env_get_cap("sigma0");
	if (l4_is_invalid_cap(from))
		return -L4_ENOENT;
	return l4util_ioport_map(from, INDEX_PORT, PORTS_ORDER);
}

/* Offset by the PC's clock; 0 and a message if it cannot be read. */
static uint64_t read_clock(void)
{
	struct cmos_time raw;
	struct date d;
	uint64_t now;
	long error = get_ports();

	if (error < 0) {
		printf("rtc: no I/O ports 0x70, 0x71 (error %ld): time begins in 1970\n", error);
		return 0 - l4rtc_get_timer();
	}
	if (!cmos_read(read_register, &raw) || !cmos_decode(&raw, &d)) {
		printf("rtc: the clock shows no date: time begins in 1970\n");
		return 0 - l4rtc_get_timer();
	}
	now = l4rtc_get_timer();
	printf("rtc: %u-%02u-%02u %02u:%02u:%02u UTC\n", d.year, d.month, d.day, d.hour, d.minute,
	       d.second);
	return date_seconds(&d) * SECOND_NS - now;
}

int main(void)
{
	static struct server server;
	static struct server_object *buckets[BUCKETS];
	static struct clock clock = { .object.class = &class, .changed.limit = PIN_BOUND_MAX };
	l4_cap_idx_t gate = l4re_env_get_cap("rtc");
	long error = -L4_ENOENT;

	clock.offset_ns = read_clock();
	if (l4_is_valid_cap(gate))
		error = server_init_program(&server, buckets, BUCKETS);
	if (error >= 0)
		error = server_bind_gate(&server, &clock.object, gate);
	if (error < 0) {
		printf("rtc: no server capability 'rtc': error %ld\n", error);
		return 1;
	}
	server_loop(&server);
}
