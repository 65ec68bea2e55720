/* SPDX-License-Identifier: MIT */
/* Signals of a program that has none: what calls that block ask for. */
#include "backend/signals.h"
#include "backend/thread.h"

__attribute__((weak)) bool signals_run(long result)
{
	(void)result;
	return false;
}

__attribute__((weak)) uint64_t signal_mask_set(const uint64_t *mask)
{
	uint64_t before = thread_self()->signal_mask;

	if (mask)
		thread_self()->signal_mask = *mask;
	return before;
}
