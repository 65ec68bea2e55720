/* SPDX-License-Identifier: MIT */
/* The log: lines, parts of lines, a text that is longer than a message. */
#include <string.h>
#include <l4/re/c/log.h>
#include <l4/sys/utcb.h>

enum { LINES = 10, LINE = 60 };

/* More text than the message registers hold: it is sent in parts. */
static void print_long_text(void)
{
	char text[LINES * LINE];

	memset(text, '-', sizeof(text));
	for (int i = 0; i < LINES; i++) {
		text[i * LINE] = (char)('0' + i);
		text[(i + 1) * LINE - 1] = '\n';
	}
	l4re_log_printn(text, sizeof(text));
}

int main(void)
{
	l4re_log_print("one line\n");
	l4re_log_print("a line ");
	l4re_log_printn("of two parts, but not this", 12);
	l4re_log_print("\n");
	print_long_text();
	l4_utcb_mr()->mr[0] = 0x1234;
	l4re_log_print("message registers are kept: ");
	l4re_log_print(l4_utcb_mr()->mr[0] == 0x1234 ? "yes\n" : "no\n");
	return 0;
}
