/* SPDX-License-Identifier: MIT */
/* Memory descriptors of the kernel info page: names of the kernel interface. */
#ifndef L4_UTIL_MEMDESC_H
#define L4_UTIL_MEMDESC_H

#include <l4/sys/kip.h>
#include <l4/sys/memdesc.h>

#endif
