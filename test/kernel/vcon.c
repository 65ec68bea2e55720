/* SPDX-License-Identifier: MIT */
/*
 * Kernel log: write, read, attributes, the input interrupt. tools/run-test types "Zwinger" on the
 * serial line when the test is ready for it; the kernel has the option -serial_input.
 */
#include "thread.h"

#include <l4/sys/icu.h>
#include <l4/sys/irq.h>
#include <l4/sys/rcv_endpoint.h>
#include <l4/sys/task.h>
#include <l4/sys/vcon.h>

#define SLOT(n) ((l4_cap_idx_t)(FREE_CAP_FIRST + (n)) << L4_CAP_SHIFT)

static const char typed[] = "Zwinger";

static long call(unsigned words)
{
	return l4_error(
	    l4_ipc_call(L4_BASE_LOG_CAP, l4_utcb(), l4_msgtag(L4_PROTO_LOG, words, 0, 0), PATIENT));
}

static void test_write(void)
{
	static const char line[] = "# written by the bare operation\n";
	l4_msgtag_t tag;

	tap_is(l4_vcon_write(L4_BASE_LOG_CAP, line, sizeof(line) - 1), sizeof(line) - 1, "write");
	mr_set(0, L4_VCON_WRITE_OP);
	mr_set(1, 489);
	mr_set(2, 0x6d6d6d);
	tag =
	    invoke(L4_BASE_LOG_CAP, L4_SYSF_SEND, l4_msgtag(L4_PROTO_LOG, 63, 0, 0), PATIENT, NULL);
	tap_is(ipc_error(tag), 0, "write of more than a message holds is silently ignored");
	mr_set(0, L4_VCON_WRITE_OP);
	mr_set(1, 0);
	tag =
	    invoke(L4_BASE_LOG_CAP, L4_SYSF_SEND, l4_msgtag(L4_PROTO_LOG, 2, 0, 0), PATIENT, NULL);
	tap_is(ipc_error(tag), 0, "write of nothing");
}

static void test_attributes(void)
{
	l4_vcon_attr_t attr = { 0 }, changed;

	tap_is(l4_error(l4_vcon_get_attr(L4_BASE_LOG_CAP, &attr)), 0, "get attributes");
	tap_is(attr.i_flags, L4_VCON_ICRNL, "input: CR becomes NL");
	tap_is(attr.o_flags, L4_VCON_ONLCR, "output: NL becomes CR NL");
	tap_is(attr.l_flags, L4_VCON_ECHO, "local: echo");
	changed = attr;
	changed.l_flags = 0;
	changed.o_flags = 0;
	tap_is(l4_error(l4_vcon_set_attr(L4_BASE_LOG_CAP, &changed)), 0, "set attributes");
	l4_vcon_get_attr(L4_BASE_LOG_CAP, &changed);
	tap_is(changed.l_flags, 0, "echo is off");
	tap_is(changed.o_flags, L4_VCON_ONLCR, "NL to CR NL cannot be switched off");
}

static void test_errors(void)
{
	l4_cap_idx_t weak = SLOT(0);
	char c;

	tap_is(call(0), -L4_EMSGTOOSHORT, "no operation");
	mr_set(0, 77);
	tap_is(call(1), -L4_ENOSYS, "an unknown operation");
	tap_is(l4_error(l4_ipc_call(L4_BASE_LOG_CAP, l4_utcb(), l4_msgtag(44, 1, 0, 0), PATIENT)),
	       -L4_EBADPROTO, "another protocol");
	l4_task_map(L4_BASE_TASK_CAP, L4_BASE_TASK_CAP,
		    l4_obj_fpage(L4_BASE_LOG_CAP, 0, L4_CAP_FPAGE_RS), weak | L4_ITEM_MAP);
	tap_is(l4_vcon_read(weak, &c, 1), -L4_EPERM, "read needs W");
	tap_is(l4_vcon_write(weak, "# no right\n", 11), 11, "write needs no right");
}

/* All that was typed, with the interrupt telling when there is something. */
static void test_input(void)
{
	l4_cap_idx_t irq = irq_create();
	char text[16] = { 0 };
	unsigned n = 0;
	int got;

	tap_is(l4_error(l4_icu_bind(L4_BASE_LOG_CAP, 0, irq)), 0, "input interrupt: bind to pin 0");
	l4_rcv_ep_bind_thread(irq, L4_BASE_THREAD_CAP, 0x90);
	l4_irq_unmask(irq);
	tap_diag("ready for input");
	while (n < sizeof(typed) - 1) {
		got = l4_vcon_read(L4_BASE_LOG_CAP, text + n, sizeof(text) - 1 - n);
		if (got > 0)
			n += (unsigned)got;
		else if (ipc_error(l4_irq_receive(irq, PATIENT)))
			break;
	}
	tap_ok(n == sizeof(typed) - 1 && !memcmp(text, typed, n), "what was typed can be read");
	if (n != sizeof(typed) - 1)
		tap_diag("got %u bytes: %s", n, text);
	tap_is(l4_vcon_read(L4_BASE_LOG_CAP, text, 4), 0, "then nothing is there");
	mr_set(0, L4_VCON_READ_OP | 4 << 16);
	tap_is(l4_msgtag_words(l4_ipc_call(L4_BASE_LOG_CAP, l4_utcb(),
					   l4_msgtag(L4_PROTO_LOG, 1, 0, 0), PATIENT)),
	       0, "the tag of a read says 0 words");
	cap_delete(irq);
}

void test_main(void)
{
	test_write();
	test_attributes();
	test_errors();
	test_input();
}
