/* SPDX-License-Identifier: MIT */
/* Questions to the kernel info page. */
#include <stdlib.h>
#include <string.h>
#include <l4/util/kip.h>

static const char abi_feature[] = "abiver:";

int l4util_kip_kernel_has_feature(l4_kernel_info_t const *k, char const *str)
{
	return l4_kip_kernel_has_feature(k, str);
}

unsigned long l4util_kip_kernel_abi_version(l4_kernel_info_t const *k)
{
	char const *s = l4_kip_version_string(k);

	l4_kip_for_each_feature(s)
	{
		if (!strncmp(s, abi_feature, sizeof(abi_feature) - 1))
			return strtoul(s + sizeof(abi_feature) - 1, NULL, 0);
	}
	return 0;
}
