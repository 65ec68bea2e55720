/* SPDX-License-Identifier: MIT */
/* Restart the machine. */
#include <stdio.h>
#include <l4/util/reboot.h>

int main(void)
{
	printf("the machine starts again\n");
	fflush(stdout);
	l4util_reboot();
}
