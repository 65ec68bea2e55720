/* SPDX-License-Identifier: GPL-2.0 */
/* What l4/sys headers expect of <stddef.h>. */
#ifndef L4_LINUX_STDDEF_H
#define L4_LINUX_STDDEF_H

#include <linux/build_bug.h>
#include <linux/stddef.h>
#include <linux/types.h>

#endif
