/* SPDX-License-Identifier: MIT */
/* New threads by the back end. */
#include <stdarg.h>
#include "pthread_impl.h"

#include "backend/threads.h"

int __clone(int (*function)(void *), void *stack, int flags, void *argument, ...)
{
	struct backend_thread_start start = { function, argument, stack };
	va_list list;

	(void)flags;
	va_start(list, argument);
	start.parent_tid = va_arg(list, int *);
	start.thread_pointer = va_arg(list, void *);
	start.clear_tid = va_arg(list, int *);
	va_end(list);
	return backend_thread_start(&start);
}
