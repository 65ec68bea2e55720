/* SPDX-License-Identifier: MIT */
/* Sizes for people, in integers only, as programs may not use the FPU. */
#include <stdio.h>
#include <l4/util/printf_helpers.h>

static const char *const units[] = { "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };

int l4util_human_readable_size(char *buf, unsigned size, l4_uint64_t bytes)
{
	unsigned unit = 0;
	unsigned tenths;

	if (bytes < 1024)
		return snprintf(buf, size, "%u B", (unsigned)bytes);
	while (bytes >> 10 >= 1024) {
		bytes >>= 10;
		unit++;
	}
	tenths = (unsigned)((bytes * 10 + 512) >> 10);
	return snprintf(buf, size, "%u.%u %s", tenths / 10, tenths % 10, units[unit]);
}
