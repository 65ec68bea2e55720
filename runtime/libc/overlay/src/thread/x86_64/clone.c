/* SPDX-License-Identifier: MIT */
/* New threads and their end by the back end. */
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

int __set_thread_area(void *pointer)
{
	return backend_set_thread_pointer(pointer);
}

void __unmapself(void *base, size_t bytes)
{
	backend_thread_exit(base, bytes);
}
