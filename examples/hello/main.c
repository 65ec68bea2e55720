/* SPDX-License-Identifier: MIT */
/* The smallest program: it greets, with its arguments if it has any. */
#include <stdio.h>

int main(int argc, char **argv)
{
	printf("Hello World!\n");
	for (int i = 1; i < argc; i++)
		printf("argument %d: %s\n", i, argv[i]);
	return 0;
}
