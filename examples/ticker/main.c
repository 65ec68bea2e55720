/* SPDX-License-Identifier: MIT */
/* A program that goes on whatever else happens: a line every so many seconds (argument, 10). */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	unsigned period = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 10;

	if (period == 0)
		period = 10;
	for (unsigned long seconds = 0;; seconds += period) {
		printf("running for %lu s\n", seconds);
		fflush(stdout);
		sleep(period);
	}
}
