/* SPDX-License-Identifier: MIT */
/* The thread pointer of the calling thread, by the back end. */
#include "pthread_impl.h"

#include "backend/threads.h"

int __set_thread_area(void *pointer)
{
	return backend_set_thread_pointer(pointer);
}
