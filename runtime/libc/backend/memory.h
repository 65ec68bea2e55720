/* SPDX-License-Identifier: MIT */
/* Memory for the back end itself. */
#ifndef BACKEND_MEMORY_H
#define BACKEND_MEMORY_H

#include <stddef.h>

/* Whole pages of zeroed memory for at least that many bytes, or NULL. With LOCK_MEMORY. */
void *memory_pages(size_t bytes);

#endif
