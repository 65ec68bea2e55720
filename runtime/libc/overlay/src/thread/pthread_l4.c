/* SPDX-License-Identifier: MIT */
/* Threads as the kernel knows them: what runtime/include/pthread-l4.h declares. */
#include "pthread_impl.h"

#include "backend/calls.h"
#include "backend/threads.h"

unsigned long pthread_l4_cap(pthread_t thread)
{
	return backend_thread_cap(*(volatile int *)&thread->tid);
}

void *pthread_l4_utcb(pthread_t thread)
{
	return (void *)backend_within_1(backend_thread_utcb, *(volatile int *)&thread->tid);
}

void pthread_l4_for_each_thread(void (*function)(pthread_t))
{
	pthread_t self = __pthread_self(), thread = self;
	sigset_t signals;

	__block_app_sigs(&signals);
	__tl_lock();
	do {
		function(thread);
		thread = thread->next;
	} while (thread != self);
	__tl_unlock();
	__restore_sigs(&signals);
}
