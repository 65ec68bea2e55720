/* SPDX-License-Identifier: MIT */
/* Questions to the kernel info page. */
#ifndef L4_UTIL_KIP_H
#define L4_UTIL_KIP_H

#include <l4/sys/compiler.h>
#include <l4/sys/kip.h>

EXTERN_C_BEGIN

/* 1 if the kernel announces the feature, otherwise 0. */
L4_CV int l4util_kip_kernel_has_feature(l4_kernel_info_t const *k, char const *str);

/* Version of the kernel interface: the number of the feature "abiver:N", 0 if there is none. */
L4_CV unsigned long l4util_kip_kernel_abi_version(l4_kernel_info_t const *k);

EXTERN_C_END

/* Loop over the features; s is a char const * set to l4_kip_version_string() before. */
#define l4util_kip_for_each_feature(s) l4_kip_for_each_feature(s)

#endif
