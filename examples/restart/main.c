/* SPDX-License-Identifier: MIT */
/* A program with a bug: it follows a pointer that leads nowhere. */
#include <stdio.h>

static int *volatile nowhere;

static int __attribute__((noipa)) value_at(const int *place)
{
	return *place;
}

int main(void)
{
	printf("Alive\n");
	printf("The value is %d\n", value_at(nowhere));
	return 0;
}
