/* SPDX-License-Identifier: MIT */
/* End of a thread and of its stack, by the back end. */
#include "pthread_impl.h"

#include "backend/threads.h"

void __unmapself(void *base, size_t bytes)
{
	backend_thread_exit(base, bytes);
}
