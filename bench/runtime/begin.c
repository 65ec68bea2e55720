/* SPDX-License-Identifier: MIT */
/* Says when it began; started again and again, it shows what a program costs from start to end. */
#include <stdio.h>
#include "runtime/sample.h"

int main(void)
{
	printf("bench-begin %lu\n", sample_ticks());
	return 0;
}
