/* SPDX-License-Identifier: MIT */
/* Names that tests of the suite use and musl spells otherwise; included before each of them. */
#ifndef SUITE_NAMES_H
#define SUITE_NAMES_H

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/cdefs.h>
#include <sys/param.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#define __time_t  time_t
#define __off64_t off_t
#define __off_t	  off_t
#define __pid_t	  pid_t
#define __mode_t  mode_t
#define __uid_t	  uid_t
#define loff_t	  off_t

typedef union sigval sigval_t;

#define __sigset_t  sigset_t
#define __socklen_t socklen_t
#undef _PTHREAD_H
#define _PTHREAD_H		    1
#define PTHREAD_MUTEX_ROBUST_NP	    PTHREAD_MUTEX_ROBUST
#define PTHREAD_MUTEX_STALLED_NP    PTHREAD_MUTEX_STALLED
#define PTHREAD_MUTEX_RECURSIVE_NP  PTHREAD_MUTEX_RECURSIVE
#define PTHREAD_MUTEX_ERRORCHECK_NP PTHREAD_MUTEX_ERRORCHECK
#define PTHREAD_MUTEX_TIMED_NP	    PTHREAD_MUTEX_NORMAL
#define PTHREAD_MUTEX_FAST_NP	    PTHREAD_MUTEX_NORMAL

#define pthread_mutexattr_setrobust_np pthread_mutexattr_setrobust
#define pthread_mutexattr_getrobust_np pthread_mutexattr_getrobust
#define pthread_mutex_consistent_np    pthread_mutex_consistent

/* In the library, but not in its headers. */
char *gets(char *line);
char *__xpg_basename(char *path);

/* Repeat a call that a signal has interrupted. */
#define TEMP_FAILURE_RETRY(expression)                    \
	({                                                \
		long result_;                             \
		do                                        \
			result_ = (long)(expression);     \
		while (result_ == -1L && errno == EINTR); \
		result_;                                  \
	})

#endif
