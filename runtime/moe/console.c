/* SPDX-License-Identifier: MIT */
/* moe's own output on the kernel log. */
#include <l4/sys/ipc.h>
#include <l4/sys/vcon.h>
#include "moe.h"
#include "text.h"

enum { LINE_BYTES = 240 };

void moe_write(const char *bytes, size_t count)
{
	l4_msg_regs_t saved = *l4_utcb_mr();

	while (count) {
		size_t n = count < L4_VCON_WRITE_SIZE ? count : L4_VCON_WRITE_SIZE;

		l4_vcon_send_u(L4_BASE_LOG_CAP, bytes, (unsigned)n, l4_utcb());
		bytes += n;
		count -= n;
	}
	*l4_utcb_mr() = saved;
}

static void print(const char *prefix, const char *format, va_list ap)
{
	char line[LINE_BYTES];
	struct text t = text_init(line, sizeof(line) - 1);

	text_add(&t, "%s", prefix);
	text_add_v(&t, format, ap);
	line[t.length++] = '\n';
	moe_write(line, t.length);
}

void moe_print(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	print("MOE: ", format, ap);
	va_end(ap);
}

void moe_fatal(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	print("MOE: FATAL: ", format, ap);
	va_end(ap);
	for (;;)
		l4_ipc_sleep(L4_IPC_NEVER);
}
