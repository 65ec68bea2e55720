/* SPDX-License-Identifier: MIT */
/* Serial port, 16550 and its successors, polled (National Semiconductor PC16550D). */
#include "x86_64/insn.h"
#include "x86_64/serial.h"

enum {
	DATA = 0, /* divisor low while LCR_DLAB is set */
	IER = 1,  /* divisor high */
	FCR = 2,
	LCR = 3,
	MCR = 4,
	LSR = 5,
	SCRATCH = 7,

	IER_RX = 0x01,
	FCR_ENABLE = 0x01,
	LCR_8N1 = 0x03,
	LCR_DLAB = 0x80,
	MCR_DTR_RTS = 0x03,
	MCR_OUT2 = 0x08, /* on a PC: lets the interrupt through */
	MCR_LOOP = 0x10,
	LSR_RX_READY = 0x01,
	LSR_TX_EMPTY = 0x20,

	FIFO_BYTES = 16,
	DIVISOR_115200 = 1,
	PATIENCE = 1000000, /* polls until a port counts as stuck */
};

static u16 port;

static bool scratch_holds(u16 p, u8 v)
{
	outb(p + SCRATCH, v);
	return inb(p + SCRATCH) == v;
}

/* Some ports lack the scratch register: send a byte to ourselves. */
static bool loops_back(u16 p)
{
	bool found = false;

	outb(p + MCR, MCR_LOOP | MCR_DTR_RTS);
	outb(p + DATA, 0xae);
	for (unsigned i = 0; i < 1000 && !found; i++)
		found = inb(p + LSR) != 0xff && inb(p + LSR) & LSR_RX_READY;
	return found && inb(p + DATA) == 0xae;
}

bool serial_init(u16 p)
{
	if (!(scratch_holds(p, 0x5a) && scratch_holds(p, 0xa5)) && !loops_back(p))
		return false;
	outb(p + IER, 0);
	outb(p + LCR, LCR_DLAB);
	outb(p + DATA, DIVISOR_115200);
	outb(p + IER, 0);
	outb(p + LCR, LCR_8N1);
	outb(p + FCR, FCR_ENABLE); /* does not clear what was received already */
	outb(p + MCR, MCR_DTR_RTS | MCR_OUT2);
	port = p;
	return true;
}

/* The transmitter takes a whole FIFO of bytes each time it reports itself empty. */
void serial_write(const char *s, size_t n)
{
	while (n) {
		size_t burst = n < FIFO_BYTES ? n : FIFO_BYTES;

		for (unsigned i = 0; !(inb(port + LSR) & LSR_TX_EMPTY) && i < PATIENCE; i++)
			pause();
		outsb(port + DATA, s, burst);
		s += burst;
		n -= burst;
	}
}

int serial_getc(void)
{
	if (!(inb(port + LSR) & LSR_RX_READY))
		return -1;
	return inb(port + DATA);
}

void serial_rx_enable(void)
{
	outb(port + IER, IER_RX);
}
