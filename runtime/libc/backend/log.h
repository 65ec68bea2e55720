/* SPDX-License-Identifier: MIT */
/* Text to the program's log. */
#ifndef BACKEND_LOG_H
#define BACKEND_LOG_H

#include <stddef.h>

/* Write bytes in as few messages as the protocol allows; they may mix with those of others. */
void log_write(const char *data, size_t bytes);

#endif
