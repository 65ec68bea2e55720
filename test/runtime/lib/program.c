/* SPDX-License-Identifier: MIT */
/* A test of the C library as a program. */
#include "check.h"

int main(void)
{
	check_main();
	return check_plan();
}
