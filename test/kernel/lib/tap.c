/* SPDX-License-Identifier: MIT */
/* TAP lines, each one message to the kernel log. */
#include "tap.h"

#include <l4/sys/ipc.h>
#include <l4/sys/platform_control.h>
#include <l4/sys/utcb.h>
#include <l4/sys/vcon.h>

enum { LINE_BYTES = 400 };

static unsigned planned, count, failures;

struct line {
	char text[LINE_BYTES];
	unsigned length;
};

static void add_v(struct line *l, const char *format, va_list ap)
{
	l->length += text_vformat(l->text + l->length, LINE_BYTES - l->length, format, ap);
}

static TAP_PRINTF(2) void add(struct line *l, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	add_v(l, format, ap);
	va_end(ap);
}

/* The message registers are kept: tests look at them between two lines. */
static void flush(struct line *l)
{
	l4_utcb_t *utcb = l4_utcb();
	l4_msg_regs_t saved = utcb->mr;

	if (l->length == LINE_BYTES - 1)
		l->length--;
	l->text[l->length++] = '\n';
	l4_vcon_write(L4_BASE_LOG_CAP, l->text, l->length);
	utcb->mr = saved;
}

static bool report(bool good, const char *format, va_list ap)
{
	unsigned number = __atomic_add_fetch(&count, 1, __ATOMIC_SEQ_CST);
	struct line l = { .length = 0 };

	if (!good)
		__atomic_add_fetch(&failures, 1, __ATOMIC_SEQ_CST);
	add(&l, "%s %u - ", good ? "ok" : "not ok", number);
	add_v(&l, format, ap);
	flush(&l);
	return good;
}

void tap_plan(unsigned tests)
{
	struct line l = { .length = 0 };

	planned = tests;
	add(&l, "1..%u", tests);
	flush(&l);
}

bool tap_ok(bool condition, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	report(condition, format, ap);
	va_end(ap);
	return condition;
}

bool tap_is(long got, long want, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	report(got == want, format, ap);
	va_end(ap);
	if (got != want)
		tap_diag("  got %ld (0x%lx), want %ld (0x%lx)", got, (unsigned long)got, want,
			 (unsigned long)want);
	return got == want;
}

void tap_skip(const char *why, const char *format, ...)
{
	unsigned number = __atomic_add_fetch(&count, 1, __ATOMIC_SEQ_CST);
	struct line l = { .length = 0 };
	va_list ap;

	add(&l, "ok %u - ", number);
	va_start(ap, format);
	add_v(&l, format, ap);
	va_end(ap);
	add(&l, " # SKIP %s", why);
	flush(&l);
}

void tap_diag(const char *format, ...)
{
	struct line l = { .length = 0 };
	va_list ap;

	add(&l, "# ");
	va_start(ap, format);
	add_v(&l, format, ap);
	va_end(ap);
	flush(&l);
}

static void __attribute__((noreturn)) power_off(void)
{
	for (;;) {
		l4_platform_ctl_system_shutdown(L4_BASE_ICU_CAP, 0);
		tap_diag("power off has no effect");
		l4_ipc_sleep(l4_ipc_timeout(0, 0, 1000, 10));
	}
}

void tap_bail(const char *format, ...)
{
	struct line l = { .length = 0 };
	va_list ap;

	add(&l, "Bail out! ");
	va_start(ap, format);
	add_v(&l, format, ap);
	va_end(ap);
	flush(&l);
	power_off();
}

void tap_exit(void)
{
	if (!planned)
		tap_plan(count);
	tap_diag("end of test: %u run, %u failed", count, failures);
	power_off();
}
