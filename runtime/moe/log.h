/* SPDX-License-Identifier: MIT */
/* Log objects: write-only consoles with a tag. */
#ifndef MOE_LOG_H
#define MOE_LOG_H

#include "object.h"

/* A new log. tag is cut; colour as in log_format.h. NULL: no memory. */
struct object *log_create(struct factory *f, const char *tag, unsigned colour);

#endif
