/* SPDX-License-Identifier: MIT */
/*
 * uart: a serial line of the PC as a console of bytes, which nobody else uses or adds anything to.
 *
 *	uart [PORT [IRQ]]	the second line, 0x2f8 3, unless told otherwise
 *
 * Capabilities: `uart` (the server's end of the channel), `sigma0` or `io` (gives the ports),
 *`icu`. The line has 115200 baud, 8 data bits, no parity. Input that nobody reads is kept up to 4
 *KiB.
 */
#include <stdio.h>
#include <stdlib.h>
#include <l4/re/env.h>
#include <l4/sys/err.h>
#include <l4/sys/icu.h>
#include <l4/sys/irq.h>
#include <l4/util/port_io.h>

#include "vcon/ring.h"
#include "vcon/vcon.h"

enum { PORT = 0x2f8, IRQ = 3, PORTS_ORDER = 3, BUCKETS = 4, INPUT_BYTES = 4096 };

/* A register that does not get free in so many reads never will. */
enum { SEND_TRIES = 1000000 };

enum uart_register {
	DATA,
	INTERRUPTS,
	FIFO,
	LINE_CONTROL,
	MODEM_CONTROL,
	LINE_STATUS,
	SCRATCH = 7
};
enum uart_bits {
	RECEIVE_INTERRUPT = 0x01,
	FIFO_ON_EMPTY = 0x07,
	EIGHT_BITS = 0x03,
	DIVISOR_ACCESS = 0x80,
	DTR_RTS_OUT2 = 0x0b,
	RECEIVED = 0x01,
	MAY_SEND = 0x20
};

static struct uart {
	struct vcon vcon;
	struct server_object interrupt;
	struct server server;
	unsigned port;
	bool unmask_at_icu;
	l4_cap_idx_t icu;
	unsigned irq;
	struct ring input;
	uint64_t taken; /* position in input */
} uart;

static uint8_t get(enum uart_register r)
{
	return l4util_in8((l4_uint16_t)(uart.port + r));
}

static void put(enum uart_register r, uint8_t value)
{
	l4util_out8(value, (l4_uint16_t)(uart.port + r));
}

/* --- Clients --- */

static void write_line(struct vcon *vcon, const char *text, size_t count)
{
	(void)vcon;
	for (size_t i = 0; i < count; i++) {
		for (unsigned n = 0; n < SEND_TRIES && !(get(LINE_STATUS) & MAY_SEND); n++)
			;
		put(DATA, (uint8_t)text[i]);
	}
}

static size_t read_line(struct vcon *vcon, char *out, size_t count, l4_umword_t *flags)
{
	(void)vcon;
	count = ring_read(&uart.input, &uart.taken, out, count);
	if (uart.taken == uart.input.end)
		*flags = L4_VCON_READ_STAT_DONE;
	return count;
}

static void released(struct server_object *object)
{
	(void)object; /* one for all clients, for ever */
}

static const struct vcon_actions actions = { write_line, read_line };
static const struct server_interface interfaces[] = { VCON_INTERFACES };
static const struct server_class line_class = { .interfaces = interfaces,
						.interface_count = 2,
						.released = released };

/* --- The line --- */

static void unmask(void)
{
	if (uart.unmask_at_icu)
		l4_icu_unmask(uart.icu, uart.irq, NULL, L4_IPC_NEVER);
	else
		l4_irq_unmask(uart.interrupt.cap);
}

/*
 * The interrupt is an edge, which comes when the line has something and had nothing. So it is
 * unmasked before the line is emptied: what comes later is a new edge.
 */
static void interrupted(struct server_object *object)
{
	(void)object;
	unmask();
	while (get(LINE_STATUS) & RECEIVED) {
		char byte = (char)get(DATA);

		ring_put(&uart.input, &byte, 1);
	}
	pin_fire(&uart.vcon.pin, &uart.server);
}

static const struct server_class interrupt_class = { .released = released,
						     .interrupt = interrupted };

static long get_ports(void)
{
	l4_cap_idx_t from = l4re_env_get_cap("io");

	if (l4_is_invalid_cap(from))
		from = l4re_env_get_cap("sigma0");
	if (l4_is_invalid_cap(from))
		return -L4_ENOENT;
	return l4util_ioport_map(from, uart.port, PORTS_ORDER);
}

/* Is there a line? Its scratch register keeps what is written. */
static bool start_line(void)
{
	put(SCRATCH, 0x5a);
	if (get(SCRATCH) != 0x5a)
		return false;
	put(LINE_CONTROL, DIVISOR_ACCESS);
	put(DATA, 1); /* of 115200 */
	put(INTERRUPTS, 0);
	put(LINE_CONTROL, EIGHT_BITS);
	put(FIFO, FIFO_ON_EMPTY);
	put(MODEM_CONTROL, DTR_RTS_OUT2);
	put(INTERRUPTS, RECEIVE_INTERRUPT);
	return true;
}

static long open_interrupt(void)
{
	long result;

	uart.interrupt.class = &interrupt_class;
	uart.icu = l4re_env_get_cap("icu");
	if (l4_is_invalid_cap(uart.icu))
		return -L4_ENOENT;
	result = server_bind_irq(&uart.server, &uart.interrupt);
	if (result >= 0)
		result = l4_error(l4_icu_bind(uart.icu, uart.irq, uart.interrupt.cap));
	uart.unmask_at_icu = result == 1;
	if (result >= 0)
		interrupted(&uart.interrupt);
	return result;
}

static long open_server(void)
{
	static struct server_object *buckets[BUCKETS];
	l4_cap_idx_t gate = l4re_env_get_cap("uart");
	long error;

	if (l4_is_invalid_cap(gate))
		return -L4_ENOENT;
	error = server_init_program(&uart.server, buckets, BUCKETS);
	uart.vcon.object.class = &line_class;
	uart.vcon.actions = &actions;
	if (error >= 0)
		error = server_bind_gate(&uart.server, &uart.vcon.object, gate);
	return error;
}

static bool step(const char *what, long error)
{
	if (error < 0)
		printf("uart: %s: %s\n", what, l4sys_errtostr(error));
	return error >= 0;
}

int main(int argc, char **argv)
{
	static char input[INPUT_BYTES];

	uart.input = ring_init(input, sizeof(input));
	uart.port = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 0) : PORT;
	uart.irq = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 0) : IRQ;
	if (!step("no I/O ports", get_ports()))
		return 1;
	if (!start_line()) {
		printf("uart: there is no serial line at port %#x\n", uart.port);
		return 1;
	}
	if (!step("no server capability 'uart'", open_server()) ||
	    !step("no interrupt", open_interrupt()))
		return 1;
	server_loop(&uart.server);
}
