/* SPDX-License-Identifier: MIT */
/* POSIX threads as the kernel's threads. */
#ifndef PTHREAD_L4_H
#define PTHREAD_L4_H

#include <pthread.h>

#include <l4/sys/compiler.h>
#include <l4/sys/types.h>
#include <l4/sys/utcb.h>

EXTERN_C_BEGIN
/* The capability of a thread, valid until it ends; L4_INVALID_CAP if it has ended but has not been
 * joined. Takes no lock. */
l4_cap_idx_t pthread_l4_cap(pthread_t thread);

/* User address of the UTCB of a thread, or NULL if it has ended. */
l4_utcb_t *pthread_l4_utcb(pthread_t thread);

/* Call the function with each thread, the calling one included. Threads begin and end only
 * afterwards, so the function must not wait for that. */
void pthread_l4_for_each_thread(void (*function)(pthread_t));

L4_INLINE l4_cap_idx_t pthread_getl4cap(pthread_t thread)
    L4_DEPRECATED("its name is pthread_l4_cap() now");

L4_INLINE l4_cap_idx_t pthread_getl4cap(pthread_t thread)
{
	return pthread_l4_cap(thread);
}
EXTERN_C_END

#endif
