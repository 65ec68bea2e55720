/* SPDX-License-Identifier: MIT */
/* The program hello with the time at which its line had been printed. */
#include <stdio.h>
#include "runtime/sample.h"

int main(void)
{
	unsigned long printed;

	printf("Hello World!\n");
	printed = sample_ticks();
	printf("bench power_on_to_hello %lu\n", printed);
	return 0;
}
