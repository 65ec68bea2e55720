/* SPDX-License-Identifier: MIT */
/* Text to the program's log, a vcon. */
#include "backend/log.h"
#include "backend/platform.h"

#include <l4/sys/vcon.h>

void log_write(const char *data, size_t bytes)
{
	while (bytes) {
		unsigned now = bytes < L4_VCON_WRITE_SIZE ? (unsigned)bytes : L4_VCON_WRITE_SIZE;

		l4_vcon_send(platform_log(), data, now);
		data += now;
		bytes -= now;
	}
}
