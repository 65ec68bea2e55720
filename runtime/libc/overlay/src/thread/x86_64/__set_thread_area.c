/* SPDX-License-Identifier: MIT */
/* The thread pointer, by the back end. */
#include "pthread_impl.h"

#include "backend/threads.h"

int __set_thread_area(void *pointer)
{
	return backend_set_thread_pointer(pointer);
}
