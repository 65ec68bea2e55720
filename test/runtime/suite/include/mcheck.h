/* SPDX-License-Identifier: MIT */
/* Traces of memory: none here, the tests only switch them on. */
#ifndef SUITE_MCHECK_H
#define SUITE_MCHECK_H

static inline void mtrace(void)
{
}

static inline void mcheck_pedantic(void (*handler)(int))
{
	(void)handler;
}

static inline void muntrace(void)
{
}

#endif
