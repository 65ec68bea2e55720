/* SPDX-License-Identifier: MIT */
/* Formats for printf. */
#ifndef L4_UTIL_L4_MACROS_H
#define L4_UTIL_L4_MACROS_H

#include <l4/sys/consts.h>

#define l4util_idfmt	    "%lx"
#define l4util_idfmt_adjust "%04lx"
#define l4util_idstr(tid)   ((tid) >> L4_CAP_SHIFT)
#define l4_addr_fmt	    "%016lx"

#endif
