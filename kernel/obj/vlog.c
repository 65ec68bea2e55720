/* SPDX-License-Identifier: MIT */
/* Kernel log object: console output, buffered serial input, and the history of the output. */
#include "obj/vlog.h"
#include "core/ipc.h"
#include "core/sched.h"
#include "core/string.h"
#include "kdb/kdb.h"
#include "obj/icu.h"
#include "x86_64/insn.h"
#include <l4/sys/consts.h>
#include <l4/sys/err.h>
#include <l4/sys/types.h>
#include <l4/sys/vcon.h>

#define INPUT_SIZE 256 /* a power of two */
#define ESC	   27
#define DELETE	   127
/* The bytes of a cursor key follow their ESC this fast, a human does not. */
#define KEY_SEQUENCE_US 500

_Static_assert(VLOG_WRITE_MAX == L4_VCON_WRITE_SIZE, "size of a message");

static struct {
	struct spinlock lock; /* guards the rest */
	u64 i_flags, o_flags, l_flags;
	u8 input[INPUT_SIZE];
	u32 head, tail; /* bytes put in and taken out so far */
} vlog = { .i_flags = L4_VCON_ICRNL, .o_flags = L4_VCON_ONLCR, .l_flags = L4_VCON_ECHO };

static struct pin input_pin;

static char history[VLOG_HISTORY];
static u64 history_end; /* bytes ever noted */

void vlog_note(const char *s, size_t n)
{
	if (n > VLOG_HISTORY) {
		s += n - VLOG_HISTORY;
		history_end += n - VLOG_HISTORY;
		n = VLOG_HISTORY;
	}
	while (n) {
		size_t at = history_end % VLOG_HISTORY;
		size_t part = min_u64(n, VLOG_HISTORY - at);

		memcpy(history + at, s, part);
		history_end += part;
		s += part;
		n -= part;
	}
}

size_t vlog_history_length(void)
{
	return min_u64(history_end, VLOG_HISTORY);
}

size_t vlog_history(char *buf, size_t n, size_t back)
{
	if (back > vlog_history_length())
		back = vlog_history_length();
	if (n > back)
		n = back;
	for (size_t i = 0; i < n; i++)
		buf[i] = history[(history_end - back + i) % VLOG_HISTORY];
	return n;
}

/* Apply the output flags; ONLCR is always on. Returns the bytes in out, at most two a character. */
static size_t convert_output(char *out, const char *s, size_t n)
{
	size_t fill = 0;

	for (size_t i = 0; i < n; i++) {
		char c = s[i];

		if (c == '\r' && (vlog.o_flags & L4_VCON_OCRNL))
			c = '\n';
		if (c == '\r' && (vlog.o_flags & L4_VCON_ONLRET))
			continue;
		if (c == '\n')
			out[fill++] = '\r';
		out[fill++] = c;
	}
	return fill;
}

void vlog_write(const char *s, size_t n)
{
	char out[2 * VLOG_WRITE_MAX];

	console_write(out, convert_output(out, s, n));
}

/* A received byte as a program gets it; -1: not at all. */
static int convert_input(int c)
{
	if (c == '\n' && (vlog.i_flags & L4_VCON_INLCR))
		c = '\r';
	if (c == '\r' && (vlog.i_flags & L4_VCON_IGNCR))
		return -1;
	if (c == '\r' && (vlog.i_flags & L4_VCON_ICRNL))
		c = '\n';
	return c;
}

static void echo(int c)
{
	char one = (char)convert_input(c);

	if (c == DELETE)
		console_write("\b \b", 3);
	else if (c >= ' ' || c == '\t' || one == '\n')
		vlog_write(&one, 1);
}

/* Put a byte into the buffer (it is lost when that is full); true if it was empty. */
static bool input_put(int c)
{
	bool first, show;

	spin_lock(&vlog.lock);
	first = vlog.head == vlog.tail;
	show = vlog.l_flags & L4_VCON_ECHO;
	if (vlog.head - vlog.tail < INPUT_SIZE)
		vlog.input[vlog.head++ % INPUT_SIZE] = (u8)c;
	spin_unlock(&vlog.lock);
	if (show)
		echo(c);
	return first;
}

/* Next byte if it comes at once, as part of a key sequence; otherwise -1. */
static int getc_soon(void)
{
	u64 end = rdtsc() + us_to_tsc(KEY_SEQUENCE_US);
	int c;

	do {
		c = console_getc();
		pause();
	} while (c < 0 && rdtsc() < end);
	return c;
}

/* ESC alone enters the debugger, the ESC of a cursor key does not. Returns the bytes to deliver. */
static unsigned escape(int *c)
{
	c[1] = getc_soon();
	if (c[1] == '[' || c[1] == 'O')
		return 2;
	if (c[1] >= 0)
		kdb_type_ahead(c[1]);
	kdb_enter("ESC", 3);
	return 0;
}

static void receive_interrupt(void)
{
	bool first = false;
	int c[2];

	while ((c[0] = console_getc()) >= 0) {
		unsigned n = c[0] == ESC && kdb_wants_escape() ? escape(c) : 1;

		for (unsigned i = 0; i < n; i++)
			first |= input_put(c[i]);
	}
	if (first)
		pin_fire(&input_pin);
}

/* Move up to max bytes to buf; returns the word that tells the reader about them. */
static u64 input_take(u8 *buf, u64 max)
{
	u64 n = 0;

	spin_lock(&vlog.lock);
	while (n < max && vlog.tail != vlog.head) {
		int c = convert_input(vlog.input[vlog.tail++ % INPUT_SIZE]);

		if (c >= 0)
			buf[n++] = (u8)c;
	}
	if (vlog.tail == vlog.head)
		n |= L4_VCON_READ_STAT_DONE;
	spin_unlock(&vlog.lock);
	return n;
}

static u64 method_write(struct invocation *inv)
{
	u64 n = READ_ONCE(inv->mr[1]); /* other threads may write to the UTCB */

	if (inv_words(inv) >= 2 && n <= VLOG_WRITE_MAX)
		vlog_write((const char *)&inv->mr[2], n);
	return REPLY_NONE;
}

/* The reply tag has no words although the message registers are valid. */
static u64 method_read(struct invocation *inv)
{
	u64 max = min_u64(READ_ONCE(inv->mr[0]) >> 16, L4_VCON_READ_SIZE);

	if (!inv_receives(inv))
		return 0;
	if (!(inv->rights & CAP_W))
		return reply_error(-L4_EPERM);
	inv->mr[0] = input_take((u8 *)&inv->mr[1], max);
	return 0;
}

static u64 method_set_attr(struct invocation *inv)
{
	if (inv_words(inv) < 4)
		return reply_error(-L4_EMSGTOOSHORT);
	spin_lock(&vlog.lock);
	vlog.i_flags = inv->mr[1];
	vlog.o_flags = inv->mr[2] | L4_VCON_ONLCR;
	vlog.l_flags = inv->mr[3];
	spin_unlock(&vlog.lock);
	return 0;
}

static u64 method_get_attr(struct invocation *inv)
{
	u64 *mr = reply_mr(inv);

	spin_lock(&vlog.lock);
	mr[1] = vlog.i_flags;
	mr[2] = vlog.o_flags;
	mr[3] = vlog.l_flags;
	spin_unlock(&vlog.lock);
	return reply_words(0, 4);
}

static u64 vlog_invoke(struct kobject *o, struct invocation *inv)
{
	(void)o;
	if (inv_proto(inv) == L4_PROTO_IRQ)
		return icu_methods(inv, &input_pin, 1);
	if (inv_proto(inv) != L4_PROTO_LOG)
		return reply_error(-L4_EBADPROTO);
	if (!inv_words(inv))
		return reply_error(-L4_EMSGTOOSHORT);
	switch (inv->mr[0] & 0xffff) {
	case L4_VCON_WRITE_OP:
		return method_write(inv);
	case L4_VCON_READ_OP:
		return method_read(inv);
	case L4_VCON_SET_ATTR_OP:
		return method_set_attr(inv);
	case L4_VCON_GET_ATTR_OP:
		return method_get_attr(inv);
	default:
		return reply_error(-L4_ENOSYS);
	}
}

/* Without capabilities it goes on to be the console of the kernel. */
static bool vlog_destroy(struct kobject *o)
{
	(void)o;
	return true;
}

static const struct kobject_ops vlog_ops = { "vlog", vlog_invoke, vlog_destroy, NULL };
static struct kobject vlog_obj __attribute__((aligned(KOBJECT_ALIGN)));
struct kobject *vlog_object = &vlog_obj;

void vlog_init(void)
{
	kobject_init(&vlog_obj, KOBJ_VLOG, &vlog_ops, &root_quota);
	if (!console_has_serial() || console_rx_irq() < 0)
		return;
	icu_claim((unsigned)console_rx_irq(), receive_interrupt);
	console_rx_enable();
	receive_interrupt(); /* what came before would raise no interrupt any more */
}
