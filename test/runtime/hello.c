/* SPDX-License-Identifier: MIT */
/* The smallest useful program; the C library promises that it has at most 64 KiB. */
#include <stdio.h>

int main(int count, char **arguments)
{
	printf("Hello, world! I am %s.\n", count ? arguments[0] : "nobody");
	return 0;
}
