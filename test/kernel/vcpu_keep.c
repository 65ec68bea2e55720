/* SPDX-License-Identifier: MIT */
/* Kept views: the handler of a vCPU as a part of the guest's kernel (see lib/kept.h). */
#include "kept.h"

#include <l4/sys/segment.h>
#include <l4/sys/task.h>
#include <l4/sys/thread.h>

static void test_without_view(void)
{
	thread_start(kept_thread, 0, PRIO);
	WAIT_UNTIL(kept_notes->entries, PATIENT_MS);
	tap_is(kept_error, -L4_ENOENT, "without a view resume is an error");
	thread_destroy(kept_thread);
	kept_notes->entries = 0;
}

static void test_entries(void)
{
	tap_is(kept_resume(GUEST_USER, CODE + CODE_SYSCALL), TRAP_SYSCALL,
	       "user mode: system call");
	kept_expect_entry(L4_VCPU_F_USER_MODE | 7, "user mode");
	tap_is((long)STATE->r.gs_base, (long)GS_BASE, "user mode: its GS base is saved");
	tap_is(kept_resume(GUEST_USER, CODE + CODE_WRITE), TRAP_PAGE_FAULT,
	       "user mode: page fault");
	kept_expect_entry(L4_VCPU_F_USER_MODE | 7, "user mode, page fault");
	tap_is(kept_resume(GUEST_KERNEL, KCODE + CODE_SYSCALL), TRAP_SYSCALL,
	       "kernel mode: system call");
	kept_expect_entry(L4_ZW_VCPU_F_GUEST_KERNEL | 7, "kernel mode");
	EXT->deadline = rdtsc() + 1000;
	tap_is(kept_resume(GUEST_USER, CODE + CODE_LOOP), TRAP_DEADLINE, "user mode: deadline");
	kept_expect_entry(L4_VCPU_F_USER_MODE | 7, "deadline");
	EXT->deadline = 0;
}

/* Into the guest's kernel without the microkernel, and back by a fault. */
static void test_jump(void)
{
	tap_is(kept_jump(KCODE + CODE_WRITE, DATA + 8), TRAP_UD, "jump: the guest's kernel runs");
	tap_is(STATE->saved_state & 0x187, OPEN_KERNEL, "jump: its state was what was stored");
	tap_is((long)kept_notes->state & 0x127, L4_ZW_VCPU_F_GUEST_KERNEL, "jump: closed again");
	tap_is(kept_jump(CODE + CODE_READ, KDATA), TRAP_UD, "jump: code of the process runs too");
	tap_is((long)STATE->r.ax, B, "jump: and reads the kernel view");
}

/* A process that is switched to is there at the next entry, and before. */
static void test_switch(void)
{
	EXT->process_view = kept_process2;
	tap_is(kept_resume(GUEST_USER, CODE + CODE_SYSCALL), TRAP_SYSCALL, "switch, to user mode");
	tap_is((long)kept_notes->value, C, "switch: the handler sees the other process");
	EXT->process_view = kept_process;
	tap_is(kept_resume(GUEST_KERNEL, KCODE + CODE_SYSCALL), TRAP_SYSCALL,
	       "switch, to kernel mode");
	tap_is((long)kept_notes->value, A, "switch: and the first one again");
}

/* A message that waits at a resume enters the handler where it would have been afterwards. */
static void send(void)
{
	struct thread *t = kept_thread;

	l4_ipc_send(t->cap, l4_utcb(), l4_msgtag(0, 0, 0, 0), PATIENT);
}

static void sender(void *unused)
{
	(void)unused;
	send();
}

static void test_message(void)
{
	struct thread *s = thread_run(sender, NULL, 0, PRIO_MAIN + 1);

	tap_is(STATE->sticky_flags & 1, 1, "message: noted");
	EXT->process_view = kept_process2;
	tap_is(kept_resume(GUEST_USER | L4_VCPU_F_IRQ, CODE + CODE_LOOP), TRAP_IPC,
	       "message: entry at resume");
	tap_is((long)kept_notes->value, C, "message: the handler sees the new process");
	tap_is((long)kept_notes->state & 0x127, L4_ZW_VCPU_F_GUEST_KERNEL, "message: closed");
	tap_is((long)kept_notes->gs_mark, GS_MARK, "message: with its own GS base");
	tap_ok(thread_join(s, PATIENT_MS), "message: received");
	thread_destroy(s);
	EXT->process_view = kept_process;
	kept_resume(GUEST_USER, CODE + CODE_SYSCALL);
	tap_is((long)kept_notes->value, A, "message: the first process again");
}

/* New views, base and deadline without leaving the handler. */
static void test_sync(void)
{
	kept_command(SYNC);
	tap_is((long)kept_notes->error, 0, "sync: nothing to do");
	EXT->process_view = kept_process2;
	kept_command(SYNC);
	tap_is((long)kept_notes->value, C, "sync: the handler sees the new process at once");
	tap_is((long)(EXT->process_view & 1), 1, "sync: the selector is cached");
	tap_is((long)kept_notes->kernel_value, B, "sync: and the same kernel view");
	EXT->process_view = kept_process;
	STATE->arch_state.host_gs_base = NOTES + 0x200;
	*(volatile l4_umword_t *)(NOTES + 0x200) = 0x4321;
	kept_command(SYNC);
	tap_is((long)kept_notes->value, A, "sync: the first process again");
	tap_is((long)kept_notes->gs_mark, 0x4321, "sync: a new GS base");
	STATE->arch_state.host_gs_base = NOTES + offsetof(struct notes, mark);
	EXT->deadline = rdtsc() + 1000;
	kept_command(SYNC);
	WAIT_UNTIL(EXT->pending, PATIENT_MS);
	tap_is((long)EXT->pending, L4_ZW_VCPU_PENDING_TIMER, "sync: the deadline is set");
	EXT->pending = 0;
	tap_is(kept_resume(GUEST_USER, CODE + CODE_SYSCALL), TRAP_SYSCALL,
	       "sync: resume afterwards");
	kept_expect_entry(L4_VCPU_F_USER_MODE | 7, "sync, next entry");
	tap_is(l4_error(l4_zw_thread_vcpu_sync()), -L4_EINVAL,
	       "sync: of a thread that is no guest");
}

static long read_as_process(void)
{
	kept_registers(GUEST_USER, CODE + CODE_READ);
	STATE->r.di = DATA;
	kept_command(RESUME);
	return (long)STATE->r.ax;
}

/* Views that were together with the kernel's before, that were not, and that must not. */
static void test_sync_views(void)
{
	l4_cap_idx_t fresh = view_create(L4_BASE_TASK_CAP, 64), weak = cap_alloc();
	long *data = mem_alloc(12);

	*data = B;
	EXT->process_view = kept_process2;
	kept_command(SYNC);
	tap_is(read_as_process(), C, "sync: user mode has the new process too");
	view_fill(fresh, CODE, guest_code(), 12, L4_FPAGE_RX);
	view_fill(fresh, DATA, data, 12, L4_FPAGE_RW);
	EXT->process_view = fresh;
	kept_command(SYNC);
	tap_is((long)kept_notes->value, B, "sync: a process that was never there");
	tap_is(read_as_process(), B, "sync: and its user mode");
	l4_task_map(L4_BASE_TASK_CAP, L4_BASE_TASK_CAP,
		    l4_obj_fpage(kept_process, 0, L4_CAP_FPAGE_RW), weak | L4_ITEM_MAP);
	kept_notes->read = kept_notes->kernel_read = NOTES;
	EXT->process_view = weak;
	kept_command(SYNC);
	tap_is(l4_error((l4_msgtag_t){ (long)kept_notes->error }), -L4_EPERM,
	       "sync: view without S");
	kept_notes->read = DATA;
	kept_notes->kernel_read = KDATA;
	EXT->process_view = kept_process;
	tap_is(read_as_process(), A, "sync: resume goes on with a right one");
	l4_task_delete_obj(L4_BASE_TASK_CAP, fresh);
	EXT->process_view = kept_process2;
	kept_command(SYNC);
	tap_is((long)kept_notes->value, C, "sync: after a view was deleted");
	EXT->process_view = kept_process;
	kept_resume(GUEST_USER, CODE + CODE_SYSCALL);
}

/* What faults while it was closed goes on closed: a message does not get in between. */
static void test_closed(void)
{
	struct thread *s;

	kept_registers(0, KCODE + CODE_LOOP);
	STATE->saved_state = L4_ZW_VCPU_F_GUEST_KERNEL | L4_VCPU_F_FPU_ENABLED;
	WRITE(kept_notes->command, RESUME);
	sleep_us(1000);
	s = thread_run(sender, NULL, 0, PRIO_MAIN + 1);
	tap_is(STATE->state & 0x127, L4_ZW_VCPU_F_GUEST_KERNEL,
	       "closed: resume takes what it says");
	tap_is(STATE->sticky_flags & 1, 1, "closed: a message waits");
	l4_thread_ex_regs(kept_thread->cap, KCODE + CODE_SYSCALL, ~0UL, 0);
	WAIT_UNTIL(STATE->r.trapno == TRAP_SYSCALL, PATIENT_MS);
	tap_is(STATE->saved_state & 0x127, L4_ZW_VCPU_F_GUEST_KERNEL, "closed: at the next entry");
	kept_resume(GUEST_USER, CODE + CODE_LOOP);
	tap_is((long)STATE->r.trapno, TRAP_IPC, "closed: the message comes afterwards");
	thread_join(s, PATIENT_MS);
	thread_destroy(s);
}

/* Selectors are the guest's own in all modes, and stay over a change of threads. */
static void test_selectors(void)
{
	char *code = mem_alloc(12);
	static const unsigned char load_es[] = { 0x8e, 0xc7, 0x0f, 0x0b }; /* mov %edi, %es; ud2 */

	memcpy(code, load_es, sizeof(load_es));
	view_fill(kept_kernel, KCODE + 0x1000, code, 12, L4_FPAGE_RX);
	tap_is(kept_jump(KCODE + 0x1000, L4_ZW_XEN_DS), TRAP_UD,
	       "selectors: kernel mode loads one");
	tap_is((long)kept_notes->es, L4_ZW_XEN_DS, "selectors: it stays at entry");
	sleep_us(1000);
	kept_resume(GUEST_USER, CODE + CODE_SYSCALL);
	tap_is((long)kept_notes->es, L4_ZW_XEN_DS, "selectors: and at resume to user mode");
	tap_is((long)kept_notes->gs_mark, GS_MARK, "selectors: bases are not affected");
	tap_is(kept_jump(KCODE + 0x1000, 0), TRAP_UD, "selectors: null");
	tap_is((long)kept_notes->es, 0, "selectors: null stays too");
}

/* While other threads run on the same CPU. */
static void test_bases(void)
{
	unsigned good = 0;

	for (unsigned i = 0; i < 20; i++) {
		kept_resume(GUEST_USER, CODE + CODE_SYSCALL);
		sleep_us(100);
		good += STATE->r.gs_base == GS_BASE && kept_notes->gs_mark == GS_MARK;
	}
	tap_is(good, 20, "bases stay over changes of threads");
	STATE->r.fs_base = 0x5000;
	tap_is(fiasco_amd64_set_fs(kept_thread->cap, DATA, l4_utcb()), 0,
	       "FS base is set from outside");
	kept_resume(GUEST_USER, CODE + 0x800);
	tap_is((long)STATE->r.ax, A, "FS base counts in user mode, whatever the state has");
	sleep_us(100);
	kept_jump(CODE + 0x800, 0);
	tap_is((long)STATE->r.ax, A, "FS base counts in kernel mode too");
	STATE->arch_state.host_gs_base = NOTES + 0x200;
	*(volatile l4_umword_t *)(NOTES + 0x200) = 0x1234;
	kept_resume(GUEST_KERNEL, KCODE + CODE_SYSCALL);
	tap_is((long)kept_notes->gs_mark, 0x1234,
	       "a new GS base of the kernel counts from resume on");
}

/* --- Short system calls --- */

static void switch_short_calls(bool on)
{
	EXT->syscall_entry = on ? SHORT : 0;
	EXT->syscall_exit = kept_short_exit;
	EXT->kernel_view = kept_kernel; /* so that they are read */
}

static bool has_fsgsbase(void)
{
	unsigned a = 7, b, c = 0, d;

	__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	return b & 1;
}

static unsigned make_call(void)
{
	kept_registers(GUEST_USER, CODE + CODE_SYSCALL);
	STATE->r.ax = 1;
	STATE->r.di = 2;
	STATE->r.r8 = 3;
	STATE->r.bx = 4;
	STATE->r.r15 = 5;
	STATE->r.dx = 6;
	STATE->r.sp = 0x7000;
	return kept_command(RESUME);
}

static void test_short_call(void)
{
	l4_umword_t calls = EXT->syscalls;

	tap_is(make_call(), TRAP_UD, "short call: the process goes on");
	tap_is((long)kept_notes->short_calls, 1, "short call: once");
	tap_ok(kept_notes->short_ax == 1 && kept_notes->short_di == 2 && kept_notes->short_r8 == 3,
	       "short call: registers are the process's");
	tap_is((long)kept_notes->short_sp, (long)STATE->entry_sp,
	       "short call: on the entry's stack");
	tap_is((long)kept_notes->short_state & 0x1a7, OPEN_KERNEL,
	       "short call: open, in kernel mode");
	tap_is((long)kept_notes->short_gs_mark, GS_MARK, "short call: with the kernel's GS base");
	tap_is((long)EXT->syscall_ip, CODE + CODE_SYSCALL + 2, "short call: where it came from");
	tap_is((long)EXT->syscall_sp, 0x7000, "short call: stack pointer");
	tap_is((long)(EXT->syscalls - calls), 1, "short call: counted");
	tap_is((long)STATE->r.ip, CODE + CODE_SYSCALL + 2, "short call: back behind it");
	tap_is((long)STATE->r.sp, 0x7000, "short call: back on the process's stack");
	tap_is(STATE->saved_state & 0x127, L4_VCPU_F_USER_MODE | 7, "short call: in user mode");
	tap_ok(STATE->r.ax == 1 && STATE->r.di == 2 && STATE->r.r8 == 3 && STATE->r.bx == 4 &&
		   STATE->r.r15 == 5 && STATE->r.dx == 6,
	       "short call: with its registers");
	tap_ok(STATE->r.cx == STATE->r.ip && STATE->r.r11 == EXT->syscall_flags,
	       "short call: rcx and r11 as syscall leaves them");
	tap_is((long)STATE->r.gs_base, (long)GS_BASE, "short call: and its GS base");
	tap_is(kept_resume(GUEST_KERNEL, KCODE + CODE_SYSCALL), TRAP_SYSCALL,
	       "short call: none from kernel mode");
}

/* Also where system calls do not come that way. */
static void test_short_return(void)
{
	EXT->syscall_ip = CODE + CODE_SYSCALL + 2;
	EXT->syscall_sp = 0x7008;
	EXT->syscall_flags = 0x202;
	tap_is(kept_jump(kept_short_exit, 7), TRAP_UD, "short return: the process runs");
	tap_is(STATE->saved_state & 0x127, L4_VCPU_F_USER_MODE | 7, "short return: in user mode");
	tap_ok(STATE->r.di == 7 && STATE->r.sp == 0x7008, "short return: with its registers");
	tap_is((long)STATE->r.ip, CODE + CODE_SYSCALL + 2, "short return: where it was told to");
}

/* A message comes while the shim is at it; then it goes on. */
static void test_short_call_event(void)
{
	struct thread *s;

	kept_notes->hold = 1;
	kept_registers(GUEST_USER, CODE + CODE_SYSCALL);
	WRITE(kept_notes->command, RESUME);
	WAIT_UNTIL(kept_notes->short_calls == 2, PATIENT_MS);
	s = thread_run(sender, NULL, 0, PRIO_MAIN + 1);
	WAIT_UNTIL(STATE->r.trapno == TRAP_IPC, PATIENT_MS);
	tap_is(STATE->saved_state & 0x127, L4_ZW_VCPU_F_GUEST_KERNEL | 7,
	       "short call, event: finds kernel mode");
	tap_ok(STATE->r.ip > SHORT && STATE->r.ip < SHORT + 0x100, "short call, event: its code");
	kept_notes->hold = 0;
	tap_is(kept_command(RESUME), TRAP_UD, "short call, event: goes on");
	tap_is((long)STATE->r.gs_base, (long)GS_BASE, "short call, event: GS base of the process");
	thread_join(s, PATIENT_MS);
	thread_destroy(s);
}

/* What waits when it ends comes as from the process. Rarely an interrupt lets it in before. */
static bool event_at_end(void)
{
	struct thread *s;
	l4_umword_t calls = kept_notes->short_calls;
	bool good;

	kept_notes->hold = 1;
	kept_notes->reopen = OPEN_KERNEL;
	kept_registers(GUEST_USER, CODE + CODE_SYSCALL);
	STATE->r.bx = 4;
	WRITE(kept_notes->command, RESUME);
	WAIT_UNTIL(kept_notes->short_calls != calls, PATIENT_MS);
	STATE->state = L4_ZW_VCPU_F_GUEST_KERNEL | L4_VCPU_F_FPU_ENABLED;
	s = thread_run(sender, NULL, 0, PRIO_MAIN + 1);
	kept_notes->hold = 0;
	WAIT_UNTIL(STATE->r.trapno == TRAP_IPC, PATIENT_MS);
	good = STATE->r.ip == CODE + CODE_SYSCALL + 2 && STATE->r.bx == 4 &&
	       (STATE->saved_state & 0x127) == (L4_VCPU_F_USER_MODE | 7);
	kept_notes->reopen = 0;
	thread_join(s, PATIENT_MS);
	thread_destroy(s);
	kept_command(RESUME);
	return good;
}

static void test_short_call_end(void)
{
	bool good = event_at_end() || event_at_end() || event_at_end();

	tap_ok(good, "short call: an event that waits at its end finds the process");
}

void test_main(void)
{
	kept_setup();
	kept_create();
	kept_registers(GUEST_USER, CODE + CODE_SYSCALL);
	test_without_view();
	kept_start();
	test_entries();
	test_jump();
	test_switch();
	test_message();
	test_sync();
	test_sync_views();
	test_closed();
	switch_short_calls(true);
	if (has_fsgsbase()) {
		test_short_call();
		test_short_call_event();
		test_short_call_end();
	} else {
		tap_is(make_call(), TRAP_SYSCALL, "short call: an entry on this processor");
	}
	test_short_return();
	switch_short_calls(false);
	tap_is(kept_resume(GUEST_USER, CODE + CODE_SYSCALL), TRAP_SYSCALL,
	       "short calls: off again");
	test_selectors();
	test_bases();
}
