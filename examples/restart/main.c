/* SPDX-License-Identifier: MIT */
/* A program with a bug: it follows a pointer that leads nowhere. */
#include <stdio.h>

int main(void)
{
	int *volatile nowhere = NULL;

	printf("Alive\n");
	return *nowhere;
}
