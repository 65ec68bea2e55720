/* SPDX-License-Identifier: GPL-2.0 */
/* First of all headers of l4/sys: Linux's own words come before theirs. */
#ifndef L4_LINUX_LINKAGE_H
#define L4_LINUX_LINKAGE_H

#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/stddef.h>
#include <linux/types.h>

#include_next <l4/sys/linkage.h>

#endif
