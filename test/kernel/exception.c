/* SPDX-License-Identifier: MIT */
/* Exceptions: the message, changed registers, aliens, ex_regs exceptions, missing handlers. */
#include "victim.h"

#include <l4/sys/thread.h>

enum { RFLAGS_IF = 0x200, RFLAGS_IOPL = 0x3000, RFLAGS_NT = 0x4000, RFLAGS_TF = 0x100 };

static l4_msgtag_t full_answer(long label)
{
	return l4_msgtag(label, L4_UTCB_EXCEPTION_REGS_SIZE, 0, 0);
}

static void test_exception_message(void)
{
	l4_exc_regs_t *r = l4_utcb_exc();
	l4_msgtag_t tag;

	victim_start(&root_task, victim_ud, NULL);
	tag = next_message();
	tap_is(l4_msgtag_label(tag), L4_PROTO_EXCEPTION, "exception: label");
	tap_is(l4_msgtag_words(tag), L4_UTCB_EXCEPTION_REGS_SIZE, "exception: 26 words");
	tap_ok(l4_msgtag_flags(tag) & L4_MSGTAG_TRANSFER_FPU, "exception: FPU flag");
	tap_is((long)r->trapno, 6, "exception: trap number");
	tap_ok(r->ip == (l4_umword_t)at_ud, "exception: instruction pointer");
	tap_is((long)r->rbx, 0x1111, "exception: rbx");
	tap_is((long)r->r12, 0x2222, "exception: r12");
	tap_is((long)r->rax, 0x3333, "exception: rax");
	tap_ok(r->gs_base == (l4_umword_t)victim->utcb + 0x1f8, "exception: gs base");
	tap_is((long)(r->flags & 0x3200), 0x200, "exception: IF set, IOPL 0");
}

/* The victim of test_exception_message() still waits at its ud2. */
static void test_changed_registers(void)
{
	l4_exc_regs_t *r = l4_utcb_exc();
	l4_msgtag_t tag;

	tag = answer_and_wait(l4_msgtag(0, L4_UTCB_EXCEPTION_REGS_SIZE - 1, 0, 0));
	tap_ok(l4_msgtag_is_exception(tag) && r->ip == (l4_umword_t)at_ud,
	       "an answer of less than 26 words changes nothing");
	r->ip += 2;
	r->rax = 0x99;
	r->flags |= RFLAGS_IOPL | RFLAGS_NT;
	r->flags &= ~(l4_umword_t)RFLAGS_IF;
	answer(full_answer(0));
	tap_ok(thread_join(victim, 500), "an answer of 26 words loads the registers");
	tap_is((long)victim_value, 0x99, "rax as given");
	thread_destroy(victim);
}

/* other: a second error code that will do as well. */
static void expect_trap(void (*function)(void *), long trap, long err, long other, const char *name)
{
	l4_msgtag_t tag;

	victim_start(&root_task, function, NULL);
	tag = next_message();
	tap_ok(l4_msgtag_is_exception(tag), "%s raises an exception", name);
	tap_is((long)l4_utcb_exc()->trapno, trap, "%s: trap number", name);
	tap_ok((long)l4_utcb_exc()->err == err || (long)l4_utcb_exc()->err == other,
	       "%s: error code", name);
	thread_destroy(victim);
}

static void test_traps(void)
{
	expect_trap(victim_divide, 0, 0, 0, "division by 0");
	expect_trap(victim_int3, 3, 0, 0, "int3");
	tap_ok(l4_utcb_exc()->ip == (l4_umword_t)after_int3, "int3: rip points behind it");
	/* QEMU multiplies the vector by the 16 bytes of a gate here, not by 8 as CPUs do. */
	expect_trap(victim_int80, 13, 0x80 * 8 + 2, 0x80 * 16 + 2, "int 0x80");
	expect_trap(victim_cli, 13, 0, 0, "cli");
}

/* Flags that a handler must not give: the victim's own view of rflags. */
static void read_flags(void *unused)
{
	l4_umword_t flags;

	(void)unused;
	__asm__ volatile("ud2\n\tpushfq\n\tpop %0" : "=r"(flags));
	victim_value = flags;
}

static void test_flags(void)
{
	victim_start(&root_task, read_flags, NULL);
	next_message();
	l4_utcb_exc()->ip += 2;
	l4_utcb_exc()->flags = RFLAGS_IOPL | RFLAGS_NT | 1;
	answer(full_answer(0));
	thread_join(victim, 500);
	tap_is((long)(victim_value & (RFLAGS_IOPL | RFLAGS_IF)), RFLAGS_IF,
	       "a handler cannot set IOPL, nor clear IF");
	tap_is((long)(victim_value & (RFLAGS_NT | 1)), RFLAGS_NT | 1, "but other flags");
	thread_destroy(victim);
}

static void test_single_step(void)
{
	l4_exc_regs_t *r = l4_utcb_exc();
	l4_msgtag_t tag;

	victim_start(&root_task, victim_ud, NULL);
	next_message();
	r->ip += 2;
	r->flags |= RFLAGS_TF;
	tag = answer_and_wait(full_answer(0));
	tap_ok(l4_msgtag_is_exception(tag) && r->trapno == 1, "TF: trap 1 after one instruction");
	r->flags &= ~(l4_umword_t)RFLAGS_TF;
	answer(full_answer(0));
	tap_ok(thread_join(victim, 500), "without TF it runs on");
	thread_destroy(victim);
}

static volatile unsigned loops;

static void test_ex_regs_exception(void)
{
	l4_exc_regs_t *r = l4_utcb_exc();
	l4_msgtag_t tag;

	victim = thread_create(&root_task, victim_loop, (void *)&loops);
	thread_set_handler(victim, FAULT_CAP);
	thread_start(victim, 0, PRIO_MAIN - 1);
	tap_ok(WAIT_UNTIL(loops > 0, 500), "the victim loops");
	tap_is(l4_error(
		   l4_thread_ex_regs(victim->cap, ~0UL, ~0UL, L4_THREAD_EX_REGS_TRIGGER_EXCEPTION)),
	       0, "ex_regs with the exception flag");
	tag = next_message();
	tap_ok(l4_msgtag_is_exception(tag) && r->trapno == L4_TRAP_EX_REGS && r->err == 0,
	       "raises the artificial exception");
	tap_ok(r->ip >= (l4_umword_t)victim_loop && r->ip < (l4_umword_t)victim_loop + 8,
	       "with the state of the interrupted loop");
	r->ip = (l4_umword_t)victim_ud;
	tag = answer_and_wait(full_answer(0));
	tap_ok(l4_msgtag_is_exception(tag) && r->trapno == 6, "and it goes on where told");
	thread_destroy(victim);
}

static void start_alien_at(void (*function)(void *), void *argument)
{
	victim_value = ~0UL;
	victim = thread_create(&root_task, function, argument);
	thread_set_handler(victim, FAULT_CAP);
	l4_thread_control_start();
	l4_thread_control_alien(1);
	tap_is(l4_error(l4_thread_control_commit(victim->cap)), 0, "alien: switched on");
	thread_start(victim, 0, PRIO_VICTIM);
}

static void start_alien(void)
{
	start_alien_at(victim_syscall, NULL);
}

static l4_msgtag_t skip_page_faults(l4_msgtag_t tag)
{
	while (l4_msgtag_is_exception(tag) && l4_utcb_exc()->trapno == 14) {
		(void)*(volatile char *)l4_utcb_exc()->pfa;
		tag = answer_and_wait(l4_msgtag(0, 0, 0, 0));
	}
	return tag;
}

static void test_alien(void)
{
	l4_exc_regs_t *r = l4_utcb_exc();
	l4_msgtag_t tag;

	start_alien();
	tag = skip_page_faults(next_message());
	tap_ok(l4_msgtag_is_exception(tag), "alien: a system call raises an exception");
	tap_is((long)r->trapno, L4_TRAP_SYSCALL, "alien: trap number");
	tap_is((long)r->err, 0, "alien: error 0, before");
	tap_ok(r->ip == (l4_umword_t)at_syscall, "alien: at the instruction");
	tag = answer_and_wait(l4_msgtag(0, 0, 0, 0));
	tap_ok(r->trapno == L4_TRAP_SYSCALL && r->ip == (l4_umword_t)at_syscall && r->err == 0,
	       "alien: without permission the same again");
	tag = answer_and_wait(l4_msgtag(L4_PROTO_ALLOW_SYSCALL, 0, 0, 0));
	tap_ok(l4_msgtag_is_exception(tag) && r->trapno == L4_TRAP_SYSCALL && r->err == 1,
	       "alien: with permission an exception after the call");
	tap_ok(r->ip == (l4_umword_t)at_syscall + 2, "alien: behind the instruction");
	tap_ok(r->rax & L4_MSGTAG_ERROR, "alien: rax has the result");
	r->rax = 0x4242;
	tag = skip_page_faults(answer_and_wait(full_answer(0)));
	tap_is((long)victim_value, 0x4242, "alien: the handler may change it");
	thread_destroy(victim);
}

/* The fault of an alien is an exception, not a message to its pager. */
static void test_alien_fault(void)
{
	l4_exc_regs_t *r = l4_utcb_exc();
	l4_msgtag_t tag;

	start_alien_at(victim_read, (void *)HOLE);
	tag = next_message();
	while (l4_msgtag_is_exception(tag) && r->trapno == 14 && r->pfa != HOLE) {
		(void)*(volatile char *)r->pfa; /* of the program, which is not there yet */
		tag = answer_and_wait(l4_msgtag(0, 0, 0, 0));
	}
	tap_ok(l4_msgtag_is_exception(tag), "alien: a page fault raises an exception");
	tap_is((long)r->trapno, 14, "alien: of a page fault");
	tap_is((long)r->pfa, (long)HOLE, "alien: with its address");
	tap_ok(r->ip == (l4_umword_t)at_read, "alien: and its instruction");
	thread_destroy(victim);
}

/* The handler plays the kernel: skips the instruction and sets a result. */
static void test_alien_emulation(void)
{
	l4_exc_regs_t *r = l4_utcb_exc();

	start_alien();
	skip_page_faults(next_message());
	r->ip += 2;
	r->rax = 0x777;
	skip_page_faults(answer_and_wait(full_answer(0)));
	tap_is((long)victim_value, 0x777, "alien: a system call emulated by the handler");
	thread_destroy(victim);
}

static void note_run(void *unused)
{
	(void)unused;
	victim_value = 5;
	l4_ipc_sleep(L4_IPC_NEVER);
}

static void test_no_handler(void)
{
	l4_addr_t ip, sp;

	victim = thread_create(&root_task, victim_ud, NULL);
	thread_set_handler(victim, cap_alloc());
	thread_start(victim, 0, PRIO_VICTIM);
	sleep_us(3000);
	tap_ok(!victim->done, "an exception without handler blocks the thread");
	victim->function = note_run;
	thread_prepare(victim, &ip, &sp);
	l4_thread_ex_regs(victim->cap, ip, sp, L4_THREAD_EX_REGS_CANCEL);
	tap_ok(WAIT_UNTIL(victim_value == 5, 500), "until ex_regs with cancel restarts it");
	thread_destroy(victim);
}

void test_main(void)
{
	victim_init();
	test_exception_message();
	test_changed_registers();
	test_traps();
	test_flags();
	test_single_step();
	test_ex_regs_exception();
	test_alien();
	test_alien_emulation();
	test_alien_fault();
	test_no_handler();
}
