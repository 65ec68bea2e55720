/* SPDX-License-Identifier: MIT */
/* Benchmark set "ipc": the kernel's operations on one CPU, user to user. */
#include "groups.h"

#include <l4/sys/task.h>

#define KIP_CLOCK_START 0x9e8 /* TSC at the first instruction of the boot stage */

uint64_t first_tsc_sigma0, first_tsc_root; /* written by lib/start.S */

/* Up to the first user instruction of all, be it sigma0's or ours. */
void bench_boot(void)
{
	uint64_t start = *(const uint64_t *)((const char *)l4_global_kip + KIP_CLOCK_START);
	uint64_t first = first_tsc_sigma0;

	if (!first || first_tsc_root < first)
		first = first_tsc_root;
	if (!start || first <= start)
		tap_bail("the start times make no sense: %lx %lx", start, first);
	row_value("boot_to_user", first - start);
	row_value("x_boot_to_root", first_tsc_root - start);
}

void bench_call(void)
{
	struct row *null_op = row_open("null_op"), *invalid = row_open("send_invalid");
	l4_cap_idx_t empty = cap_alloc();
	l4_utcb_t *utcb = l4_utcb();
	l4_msgtag_t tag;

	while (!row_full(null_op))
		MEASURE(null_op,
			tag = l4_task_cap_valid_u(L4_BASE_TASK_CAP, L4_BASE_TASK_CAP, utcb));
	if (l4_msgtag_label(tag) != 1)
		tap_bail("null_op: wrong answer");
	while (!row_full(invalid))
		MEASURE(invalid,
			tag = l4_ipc_send(empty, utcb, l4_msgtag(0, 0, 0, 0), L4_IPC_NEVER));
	if (ipc_error(tag) != L4_IPC_ENOT_EXISTENT)
		tap_bail("send_invalid: wrong answer");
	row_close(null_op);
	row_close(invalid);
}

void test_main(void)
{
	measure_init();
	bench_boot();
	bench_call();
	bench_ipc();
	bench_irq();
	bench_map();
	bench_objects();
	bench_vcpu();
	tap_ok(true, "the set is complete");
}
