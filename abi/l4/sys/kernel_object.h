/* SPDX-License-Identifier: MIT */
/* The name under which L4Re programs include kobject.h. */
#ifndef L4_SYS_KERNEL_OBJECT_H
#define L4_SYS_KERNEL_OBJECT_H

#include <l4/sys/kobject.h>

#endif
