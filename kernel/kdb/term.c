/* SPDX-License-Identifier: MIT */
/* The debugger's terminal: polled, without the console's lock, with type-ahead. */
#include "core/print.h"
#include "kdb/internal.h"
#include "x86_64/insn.h"
#include "x86_64/serial.h"

enum { CTRL_C = 3, BACKSPACE = 8, CTRL_U = 21, DELETE = 127 };

#define AHEAD_SIZE 128 /* a power of two */

static u8 ahead[AHEAD_SIZE];
static u32 ahead_in, ahead_out;
static bool interrupted;

void kdb_type_ahead(int c)
{
	if (ahead_in - ahead_out < AHEAD_SIZE)
		ahead[ahead_in++ % AHEAD_SIZE] = (u8)c;
}

/* Take in what has arrived. Ctrl-C also discards what was typed before it. */
static void poll_input(void)
{
	int c;

	while ((c = serial_getc()) >= 0) {
		if (c == CTRL_C) {
			interrupted = true;
			ahead_out = ahead_in;
		} else {
			kdb_type_ahead(c);
		}
	}
}

static int wait_key(void)
{
	while (ahead_in == ahead_out && !interrupted) {
		poll_input();
		pause();
	}
	return ahead_in == ahead_out ? CTRL_C : ahead[ahead_out++ % AHEAD_SIZE];
}

bool kdb_interrupted(void)
{
	if (!kdb_is_active())
		return false;
	poll_input();
	return interrupted;
}

void kdb_flush_input(void)
{
	poll_input();
	ahead_out = ahead_in;
	interrupted = false;
}

static void write_text(const char *s, size_t n)
{
	size_t start = 0;

	for (size_t i = 0; i < n; i++) {
		if (s[i] != '\n')
			continue;
		serial_write(s + start, i - start);
		serial_write("\r\n", 2);
		start = i + 1;
	}
	serial_write(s + start, n - start);
}

void kdb_printf(const char *fmt, ...)
{
	static char buf[256];
	va_list ap;
	int len;

	va_start(ap, fmt);
	if (kdb_is_active()) {
		len = kvsnprintf(buf, sizeof(buf), fmt, ap);
		write_text(buf, min_u64((u64)len, sizeof(buf) - 1));
	} else {
		vprintk(fmt, ap);
	}
	va_end(ap);
}

static size_t erase(size_t fill, size_t count)
{
	for (; count; count--, fill--)
		serial_write("\b \b", 3);
	return fill;
}

void kdb_getline(char *buf, size_t n)
{
	size_t fill = 0;

	interrupted = false;
	for (;;) {
		int c = wait_key();
		char one = (char)c;

		if (c == '\r' || c == '\n' || c == CTRL_C) {
			interrupted = false;
			break;
		}
		if ((c == BACKSPACE || c == DELETE) && fill) {
			fill = erase(fill, 1);
		} else if (c == CTRL_U) {
			fill = erase(fill, fill);
		} else if (c >= ' ' && c < DELETE && fill + 1 < n) {
			buf[fill++] = one;
			serial_write(&one, 1);
		}
		if (c == CTRL_C)
			fill = 0;
	}
	buf[fill] = '\0';
	serial_write("\r\n", 2);
}
