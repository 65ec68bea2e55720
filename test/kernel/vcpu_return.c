/* SPDX-License-Identifier: MIT */
/* Kept views: short returns to user mode, and the fills that are offered to them. */
#include "kept.h"

#include <l4/sys/task.h>

enum { CX = 0xc0c0, R11 = 0x1111, SP = 0x7008, WORD = 0x0ffe4 };
#define OFFERED (DATA + 0x1000) /* its table is that of DATA */
#define FAR	(DATA + 0x40000000)

static long *page; /* of the home */

/* From the handler to user mode at ip, with the argument in rdi; the trap that ends it. */
static unsigned go(l4_addr_t ip, l4_addr_t argument)
{
	EXT->syscall_ip = ip;
	EXT->syscall_sp = SP;
	EXT->syscall_flags = 0x202 | 1;
	EXT->return_cx = CX;
	EXT->return_r11 = R11;
	return kept_jump(kept_return_exit, argument);
}

static void switch_on(void)
{
	EXT->return_exit = kept_return_exit;
	EXT->kernel_view = kept_kernel; /* so that it is read */
	kept_resume(GUEST_USER, CODE + CODE_SYSCALL);
}

static void test_off(void)
{
	tap_is(kept_jump(kept_return_exit, 7), TRAP_UD, "not switched on: goes nowhere");
	tap_ok(STATE->saved_state & L4_ZW_VCPU_F_GUEST_KERNEL &&
		   STATE->r.ip == kept_return_exit + 2,
	       "not switched on: a system call of the handler");
}

static void test_return(void)
{
	tap_is(go(CODE + CODE_READ, DATA), TRAP_UD, "return: the process runs");
	tap_is(STATE->saved_state & 0x127, L4_VCPU_F_USER_MODE | 7, "return: in user mode");
	tap_is((long)STATE->r.ip, CODE + CODE_READ + 3, "return: where it was told to");
	tap_ok(STATE->r.cx == CX && STATE->r.r11 == R11, "return: rcx and r11 as they were told");
	tap_ok(STATE->r.di == DATA && STATE->r.bx == NOTES && STATE->r.ax == A,
	       "return: other registers are as they were");
	tap_ok(STATE->r.sp == SP && STATE->r.flags & 1, "return: with its stack and flags");
	tap_is((long)STATE->r.gs_base, (long)GS_BASE, "return: and its GS base");
	EXT->syscall_ip = 1UL << 62;
	tap_ok(kept_jump(kept_return_exit, 0) == TRAP_PAGE_FAULT &&
		   STATE->saved_state & L4_VCPU_F_USER_MODE,
	       "return: to no address at all is the process's fault");
}

/* What waits enters the handler as from the process. Rarely an interrupt lets it in before. */
static bool event_at_return(void)
{
	EXT->pending = L4_ZW_VCPU_PENDING_TIMER;
	return go(CODE + CODE_LOOP, 7) == TRAP_DEADLINE && STATE->r.ip == CODE + CODE_LOOP &&
	       STATE->r.cx == CX && STATE->r.r11 == R11 && STATE->r.di == 7 &&
	       STATE->r.bx == NOTES && STATE->r.sp == SP &&
	       (STATE->saved_state & 0x127) == (L4_VCPU_F_USER_MODE | 7);
}

static void test_event(void)
{
	bool good = event_at_return() || event_at_return() || event_at_return();

	tap_ok(good, "return: an event that waits finds the process");
}

static void offer(l4_addr_t guest, const volatile void *home, unsigned order, unsigned rights)
{
	EXT->offer = l4_zw_view_entry(guest, (l4_addr_t)home, order, rights);
}

static void expect_refused(l4_addr_t guest, const volatile void *home, unsigned order,
			   unsigned rights, const char *name)
{
	offer(guest, home, order, rights);
	tap_ok(go(CODE + CODE_READ, guest) == TRAP_PAGE_FAULT && EXT->offer.guest,
	       "offer: %s: not filled, and stays", name);
	EXT->offer.guest = 0;
}

static void test_offer(void)
{
	offer(OFFERED, page, 12, L4_FPAGE_RO);
	tap_ok(kept_resume(GUEST_USER, CODE + CODE_SYSCALL) == TRAP_SYSCALL && EXT->offer.guest,
	       "offer: a resume leaves it alone");
	tap_ok(go(CODE + CODE_READ, OFFERED) == TRAP_UD && STATE->r.ax == WORD,
	       "offer: filled when the process goes on");
	tap_is((long)EXT->offer.guest, 0, "offer: taken");
	tap_ok(STATE->r.cx == CX && STATE->r.r11 == R11 && STATE->r.bx == NOTES &&
		   STATE->r.di == OFFERED,
	       "offer: registers are as they were");
	tap_is(go(CODE + CODE_WRITE, OFFERED), TRAP_PAGE_FAULT, "offer: with its rights");
	offer(OFFERED, page, 12, L4_FPAGE_RW);
	tap_is(go(CODE + CODE_WRITE, OFFERED), TRAP_UD, "offer: more rights");
	offer(OFFERED, page, 12, L4_FPAGE_RO);
	tap_is(go(CODE + CODE_WRITE, OFFERED), TRAP_PAGE_FAULT, "offer: fewer rights");
	view_drop(kept_process, OFFERED, 0x1000);
	tap_is(go(CODE + CODE_READ, OFFERED), TRAP_PAGE_FAULT, "offer: what was dropped is gone");
}

static void test_refused(void)
{
	const void *text = (const void *)((l4_addr_t)test_refused & ~0xfffUL);

	expect_refused(FAR, page, 12, L4_FPAGE_RO, "no table");
	expect_refused(OFFERED, (void *)0x50000000UL, 12, L4_FPAGE_RO, "no memory");
	expect_refused(OFFERED, text, 12, L4_FPAGE_RW, "more rights than the home has");
	expect_refused(OFFERED, page, 15, L4_FPAGE_RO, "a run of pages");
	EXT->offer.home = (l4_addr_t)page;
	EXT->offer.guest = KCODE | L4_FPAGE_RO;
	tap_is(go(CODE + CODE_READ, KDATA), TRAP_PAGE_FAULT, "offer: no way to the kernel's view");
	EXT->offer.guest = 0xffff808000010000UL | L4_FPAGE_RO;
	tap_ok(go(CODE + CODE_READ, DATA) == TRAP_UD && EXT->offer.guest,
	       "offer: an address of the microkernel is refused");
	EXT->offer.guest = 0;
}

/* The view is destroyed while an offer waits: the process has nothing any more. */
static void test_deleted(void)
{
	offer(OFFERED, page, 12, L4_FPAGE_RO);
	kept_notes->read = KDATA; /* the handler cannot see the process's data either */
	l4_task_delete_obj(L4_BASE_TASK_CAP, kept_process);
	tap_is(go(CODE + CODE_READ, OFFERED), TRAP_PAGE_FAULT, "offer: a view that was deleted");
	tap_is((long)STATE->r.ip, CODE + CODE_READ, "offer: shows nothing");
}

void test_main(void)
{
	kept_setup();
	page = mem_alloc(12);
	*page = WORD;
	kept_start();
	test_off();
	switch_on();
	test_return();
	test_event();
	test_offer();
	test_refused();
	test_deleted();
}
