/* SPDX-License-Identifier: MIT */
/* The worst cases for the time with interrupts off. */
#include "stages.h"

unsigned stage_open(const char *name)
{
	unsigned number = row_open(name)->number;

	tap_diag("bench-stage %u %s", number, name);
	return number;
}

void test_main(void)
{
	stages_memory();
	stages_message();
	stages_view();
	stages_caps();
	stages_waiters();
	stages_objects();
	tap_ok(true, "all stages ran");
}
