/* SPDX-License-Identifier: MIT */
/* Start of a test program: stack, library, test_main(), end. */
#include "thread.h"

void _start(void);
void start_c(void);

static char main_stack[32768] __attribute__((aligned(16), used));

/* The kernel starts the root task with no stack and all registers 0. */
__asm__(".text\n"
	".globl _start\n"
	"_start:\n\t"
	"lea main_stack+32768(%rip), %rsp\n\t"
	"xor %ebp, %ebp\n\t"
	"call start_c\n\t"
	"ud2\n");

void start_c(void)
{
	env_init();
	thread_init();
	pager_init();
	test_main();
	tap_exit();
}
