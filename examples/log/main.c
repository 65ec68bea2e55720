/* SPDX-License-Identifier: MIT */
/* The log: lines, parts of lines, texts that are longer than a message. */
#include <string.h>
#include <l4/re/c/log.h>
#include <l4/sys/utcb.h>

int main(void)
{
	char line[1200];

	l4re_log_print("one line\n");
	l4re_log_print("a line ");
	l4re_log_printn("of two parts, but not this", 12);
	l4re_log_print("\n");
	memset(line, '-', sizeof(line));
	line[599] = '\n';
	line[sizeof(line) - 1] = '\n';
	l4re_log_printn(line, sizeof(line));
	l4_utcb_mr()->mr[0] = 0x1234;
	l4re_log_print("message registers are kept: ");
	l4re_log_print(l4_utcb_mr()->mr[0] == 0x1234 ? "yes\n" : "no\n");
	return 0;
}
