/* SPDX-License-Identifier: MIT */
/* Kept views: the handler of a vCPU as a part of the guest's kernel. It lies in the home's slots,
 * notes what it finds at each entry, and waits there for the main thread to say how to go on. */
#include "guest.h"

#include <l4/sys/segment.h>
#include <l4/sys/task.h>
#include <l4/sys/thread.h>
#include <l4/zwinger/wellknown.h>

#define CODE	0x10000000UL /* of the process view */
#define DATA	0x20000000UL
#define KCODE	0xffff888000000000UL /* of the kernel view */
#define KDATA	0xffffc90000000000UL
#define SHIM	0xffff820000000000UL /* of the home: handler */
#define NOTES	(SHIM + 0x1000)
#define KU	(SHIM + 0x40000000)
#define STATE	((volatile l4_vcpu_state_t *)KU)
#define EXT	((volatile l4_zw_vcpu_ext_t *)(KU + L4_ZW_VCPU_EXT_OFFSET))
#define GS_BASE 0x7f0000012340UL
#define SHORT	(SHIM + 0x800) /* where short system calls enter */
enum { A = 0x111, B, C, PRIO = PRIO_MAIN - 1, JUMP = 1, RESUME, SYNC, GS_MARK = 0x600d };
enum { TRAP_UD = 6, TRAP_PAGE_FAULT = 14, TRAP_DEADLINE = 0xfc, TRAP_SYSCALL, TRAP_IPC };
enum { OPEN_KERNEL = L4_ZW_VCPU_F_GUEST_KERNEL | L4_VCPU_F_FPU_ENABLED | 7 };

/* What the handler notes, and is told; the offsets are known to its code. */
struct notes {
	l4_umword_t entries;
	l4_umword_t state, value, kernel_value, gs_mark, es; /* at the last entry */
	l4_umword_t command, target, argument;
	l4_umword_t error; /* of resume */
	l4_umword_t read, kernel_read;
	l4_umword_t mark; /* what GS base points to */
	/* The last short system call: registers and state at its entry, how many there were. */
	l4_umword_t short_ax, short_di, short_r8, short_sp, short_state, short_gs_mark, short_calls;
	l4_umword_t hold;   /* it waits there as long as this is set */
	l4_umword_t reopen; /* it stores this as its state before it goes back, if not 0 */
};
_Static_assert(offsetof(struct notes, short_ax) == 104 && offsetof(struct notes, hold) == 160,
	       "asm");
static volatile struct notes *notes;

extern const char handler_start[], handler_end[];
__asm__(".text\n"
	"handler_start:\n5:\tmov 8(%rdi), %rbx\n\t"
	"movzwl 0x150(%rdi), %eax\n\tmov %rax, 8(%rbx)\n\t"
	"mov 80(%rbx), %rax\n\tmov (%rax), %rax\n\tmov %rax, 16(%rbx)\n\t"
	"mov 88(%rbx), %rax\n\tmov (%rax), %rax\n\tmov %rax, 24(%rbx)\n\t"
	"mov %gs:0, %rax\n\tmov %rax, 32(%rbx)\n\t"
	"xor %eax, %eax\n\tmov %es, %eax\n\tmov %rax, 40(%rbx)\n"
	"1:\tincq (%rbx)\n"
	"2:\tpause\n\tmov 48(%rbx), %rax\n\ttest %rax, %rax\n\tjz 2b\n\tmovq $0, 48(%rbx)\n\t"
	"mov 56(%rbx), %rcx\n\tcmp $2, %eax\n\tje 3f\n\tcmp $3, %eax\n\tje 4f\n\t"
	"movw $0x187, 0x150(%rdi)\n\tmov 64(%rbx), %rdi\n\tjmp *%rcx\n"
	"3:\tmov $0xfffffffffff40001, %rax\n\tmov $0x803, %edx\n\txor %r8d, %r8d\n\tsyscall\n\t"
	"mov %rax, 72(%rbx)\n\tjmp 1b\n"
	"4:\tmov $0xfffffffffff40001, %rax\n\tmov $0x803, %edx\n\txor %r8d, %r8d\n\tsyscall\n\t"
	"mov %rax, 72(%rbx)\n\tjmp 5b\n"
	"handler_end:\n");

/* Short system calls: rcx and r11 only. */
extern const char short_start[], short_syscall[], short_end[];
__asm__("short_start:\n\t"
	"movabs $0xffff820000001000, %rcx\n\tmov %rax, 104(%rcx)\n\tmov %rdi, 112(%rcx)\n\t"
	"mov %r8, 120(%rcx)\n\tmov %rsp, 128(%rcx)\n\t"
	"movabs $0xffff820040000150, %r11\n\tmovzwl (%r11), %r11d\n\tmov %r11, 136(%rcx)\n\t"
	"mov %gs:0, %r11\n\tmov %r11, 144(%rcx)\n\tincq 152(%rcx)\n"
	"1:\tpause\n\tcmpq $0, 160(%rcx)\n\tjne 1b\n\t"
	"mov 168(%rcx), %r11\n\ttest %r11, %r11\n\tjz short_syscall\n\t"
	"movabs $0xffff820040000150, %rcx\n\tmov %r11w, (%rcx)\n"
	"short_syscall:\tsyscall\n\tud2\n"
	"short_end:\n");

static struct thread *thread;
static l4_cap_idx_t process, process2, kernel;
static volatile long first_error;

static void map(const volatile void *from, unsigned rights, l4_addr_t to)
{
	l4_task_map(L4_BASE_TASK_CAP, L4_BASE_TASK_CAP,
		    l4_fpage((l4_addr_t)from, 12, (unsigned char)rights), to | L4_ITEM_MAP);
}

static void start(void *unused)
{
	(void)unused;
	WRITE(first_error, l4_error(l4_thread_vcpu_resume_commit(L4_INVALID_CAP,
								 l4_thread_vcpu_resume_start())));
	WRITE(notes->entries, notes->entries + 1);
}

/* --- What the main thread does --- */

static void set_registers(unsigned mode, l4_addr_t ip)
{
	memset((void *)&STATE->r, 0, sizeof(STATE->r));
	STATE->r.ip = ip;
	STATE->r.cs = L4_ZW_USER_CS64;
	STATE->r.ss = L4_ZW_USER_DS;
	STATE->r.flags = 0x202;
	STATE->r.gs_base = GS_BASE;
	STATE->saved_state = (l4_uint16_t)(mode | 7);
}

/* The trap of the next entry. */
static unsigned command(unsigned what)
{
	l4_umword_t before = notes->entries;

	((l4_msg_regs_t *)thread->utcb)->mr[0] =
	    what == SYNC ? L4_ZW_THREAD_VCPU_SYNC_OP : L4_THREAD_VCPU_RESUME_OP;
	notes->error = 0;
	WRITE(notes->command, what);
	return WAIT_UNTIL(notes->entries != before, PATIENT_MS) ? (unsigned)STATE->r.trapno
								: GUEST_RUNS;
}

static unsigned resume(unsigned mode, l4_addr_t ip)
{
	set_registers(mode, ip);
	return command(RESUME);
}

static unsigned jump(l4_addr_t target, l4_addr_t argument)
{
	notes->target = target;
	notes->argument = argument;
	return command(JUMP);
}

/* --- Tests --- */

static void test_without_view(void)
{
	thread_start(thread, 0, PRIO);
	WAIT_UNTIL(notes->entries, PATIENT_MS);
	tap_is(first_error, -L4_ENOENT, "without a view resume is an error");
	thread_destroy(thread);
	notes->entries = 0;
}

static void expect_entry(unsigned mode, const char *name)
{
	tap_is((long)notes->state & 0x127, L4_ZW_VCPU_F_GUEST_KERNEL,
	       "%s: the handler is in guest-kernel mode, closed", name);
	tap_is(STATE->saved_state & 0x127, (long)mode, "%s: the mode before is saved", name);
	tap_is((long)notes->value, A, "%s: the handler sees the process", name);
	tap_is((long)notes->kernel_value, B, "%s: and the kernel view", name);
	tap_is((long)notes->gs_mark, GS_MARK, "%s: with its own GS base", name);
}

static void test_entries(void)
{
	tap_is(resume(GUEST_USER, CODE + CODE_SYSCALL), TRAP_SYSCALL, "user mode: system call");
	expect_entry(L4_VCPU_F_USER_MODE | 7, "user mode");
	tap_is((long)STATE->r.gs_base, (long)GS_BASE, "user mode: its GS base is saved");
	tap_is(resume(GUEST_USER, CODE + CODE_WRITE), TRAP_PAGE_FAULT, "user mode: page fault");
	expect_entry(L4_VCPU_F_USER_MODE | 7, "user mode, page fault");
	tap_is(resume(GUEST_KERNEL, KCODE + CODE_SYSCALL), TRAP_SYSCALL,
	       "kernel mode: system call");
	expect_entry(L4_ZW_VCPU_F_GUEST_KERNEL | 7, "kernel mode");
	EXT->deadline = rdtsc() + 1000;
	tap_is(resume(GUEST_USER, CODE + CODE_LOOP), TRAP_DEADLINE, "user mode: deadline");
	expect_entry(L4_VCPU_F_USER_MODE | 7, "deadline");
	EXT->deadline = 0;
}

/* Into the guest's kernel without the microkernel, and back by a fault. */
static void test_jump(void)
{
	tap_is(jump(KCODE + CODE_WRITE, DATA + 8), TRAP_UD, "jump: the guest's kernel runs");
	tap_is(STATE->saved_state & 0x187, OPEN_KERNEL, "jump: its state was what was stored");
	tap_is((long)notes->state & 0x127, L4_ZW_VCPU_F_GUEST_KERNEL, "jump: closed again");
	tap_is(jump(CODE + CODE_READ, KDATA), TRAP_UD, "jump: code of the process runs too");
	tap_is((long)STATE->r.ax, B, "jump: and reads the kernel view");
}

/* A process that is switched to is there at the next entry, and before. */
static void test_switch(void)
{
	EXT->process_view = process2;
	tap_is(resume(GUEST_USER, CODE + CODE_SYSCALL), TRAP_SYSCALL, "switch, to user mode");
	tap_is((long)notes->value, C, "switch: the handler sees the other process");
	EXT->process_view = process;
	tap_is(resume(GUEST_KERNEL, KCODE + CODE_SYSCALL), TRAP_SYSCALL, "switch, to kernel mode");
	tap_is((long)notes->value, A, "switch: and the first one again");
}

/* A message that waits at a resume enters the handler where it would have been afterwards. */
static void send(void)
{
	struct thread *t = thread;

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
	EXT->process_view = process2;
	tap_is(resume(GUEST_USER | L4_VCPU_F_IRQ, CODE + CODE_LOOP), TRAP_IPC,
	       "message: entry at resume");
	tap_is((long)notes->value, C, "message: the handler sees the new process");
	tap_is((long)notes->state & 0x127, L4_ZW_VCPU_F_GUEST_KERNEL, "message: closed");
	tap_is((long)notes->gs_mark, GS_MARK, "message: with its own GS base");
	tap_ok(thread_join(s, PATIENT_MS), "message: received");
	thread_destroy(s);
	EXT->process_view = process;
	resume(GUEST_USER, CODE + CODE_SYSCALL);
	tap_is((long)notes->value, A, "message: the first process again");
}

/* New views, base and deadline without leaving the handler. */
static void test_sync(void)
{
	command(SYNC);
	tap_is((long)notes->error, 0, "sync: nothing to do");
	EXT->process_view = process2;
	command(SYNC);
	tap_is((long)notes->value, C, "sync: the handler sees the new process at once");
	tap_is((long)(EXT->process_view & 1), 1, "sync: the selector is cached");
	tap_is((long)notes->kernel_value, B, "sync: and the same kernel view");
	EXT->process_view = process;
	STATE->arch_state.host_gs_base = NOTES + 0x200;
	*(volatile l4_umword_t *)(NOTES + 0x200) = 0x4321;
	command(SYNC);
	tap_is((long)notes->value, A, "sync: the first process again");
	tap_is((long)notes->gs_mark, 0x4321, "sync: a new GS base");
	STATE->arch_state.host_gs_base = NOTES + offsetof(struct notes, mark);
	EXT->deadline = rdtsc() + 1000;
	command(SYNC);
	WAIT_UNTIL(EXT->pending, PATIENT_MS);
	tap_is((long)EXT->pending, L4_ZW_VCPU_PENDING_TIMER, "sync: the deadline is set");
	EXT->pending = 0;
	tap_is(resume(GUEST_USER, CODE + CODE_SYSCALL), TRAP_SYSCALL, "sync: resume afterwards");
	expect_entry(L4_VCPU_F_USER_MODE | 7, "sync, next entry");
	tap_is(l4_error(l4_zw_thread_vcpu_sync()), -L4_EINVAL,
	       "sync: of a thread that is no guest");
}

static long read_as_process(void)
{
	set_registers(GUEST_USER, CODE + CODE_READ);
	STATE->r.di = DATA;
	command(RESUME);
	return (long)STATE->r.ax;
}

/* Views that were together with the kernel's before, that were not, and that must not. */
static void test_sync_views(void)
{
	l4_cap_idx_t fresh = view_create(L4_BASE_TASK_CAP, 64), weak = cap_alloc();
	long *data = mem_alloc(12);

	*data = B;
	EXT->process_view = process2;
	command(SYNC);
	tap_is(read_as_process(), C, "sync: user mode has the new process too");
	view_fill(fresh, CODE, guest_code(), 12, L4_FPAGE_RX);
	view_fill(fresh, DATA, data, 12, L4_FPAGE_RW);
	EXT->process_view = fresh;
	command(SYNC);
	tap_is((long)notes->value, B, "sync: a process that was never there");
	tap_is(read_as_process(), B, "sync: and its user mode");
	l4_task_map(L4_BASE_TASK_CAP, L4_BASE_TASK_CAP, l4_obj_fpage(process, 0, L4_CAP_FPAGE_RW),
		    weak | L4_ITEM_MAP);
	notes->read = notes->kernel_read = NOTES;
	EXT->process_view = weak;
	command(SYNC);
	tap_is(l4_error((l4_msgtag_t){ (long)notes->error }), -L4_EPERM, "sync: view without S");
	notes->read = DATA;
	notes->kernel_read = KDATA;
	EXT->process_view = process;
	tap_is(read_as_process(), A, "sync: resume goes on with a right one");
	l4_task_delete_obj(L4_BASE_TASK_CAP, fresh);
	EXT->process_view = process2;
	command(SYNC);
	tap_is((long)notes->value, C, "sync: after a view was deleted");
	EXT->process_view = process;
	resume(GUEST_USER, CODE + CODE_SYSCALL);
}

/* What faults while it was closed goes on closed: a message does not get in between. */
static void test_closed(void)
{
	struct thread *s;

	set_registers(0, KCODE + CODE_LOOP);
	STATE->saved_state = L4_ZW_VCPU_F_GUEST_KERNEL | L4_VCPU_F_FPU_ENABLED;
	WRITE(notes->command, RESUME);
	sleep_us(1000);
	s = thread_run(sender, NULL, 0, PRIO_MAIN + 1);
	tap_is(STATE->state & 0x127, L4_ZW_VCPU_F_GUEST_KERNEL,
	       "closed: resume takes what it says");
	tap_is(STATE->sticky_flags & 1, 1, "closed: a message waits");
	l4_thread_ex_regs(thread->cap, KCODE + CODE_SYSCALL, ~0UL, 0);
	WAIT_UNTIL(STATE->r.trapno == TRAP_SYSCALL, PATIENT_MS);
	tap_is(STATE->saved_state & 0x127, L4_ZW_VCPU_F_GUEST_KERNEL, "closed: at the next entry");
	resume(GUEST_USER, CODE + CODE_LOOP);
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
	view_fill(kernel, KCODE + 0x1000, code, 12, L4_FPAGE_RX);
	tap_is(jump(KCODE + 0x1000, L4_ZW_XEN_DS), TRAP_UD, "selectors: kernel mode loads one");
	tap_is((long)notes->es, L4_ZW_XEN_DS, "selectors: it stays at entry");
	sleep_us(1000);
	resume(GUEST_USER, CODE + CODE_SYSCALL);
	tap_is((long)notes->es, L4_ZW_XEN_DS, "selectors: and at resume to user mode");
	tap_is((long)notes->gs_mark, GS_MARK, "selectors: bases are not affected");
	tap_is(jump(KCODE + 0x1000, 0), TRAP_UD, "selectors: null");
	tap_is((long)notes->es, 0, "selectors: null stays too");
}

static const unsigned char read_fs[] = { 0x64, 0x48, 0x8b, 0x04, 0x25, 0, 0, 0, 0, 0x0f, 0x0b };

/* While other threads run on the same CPU. */
static void test_bases(void)
{
	unsigned good = 0;

	for (unsigned i = 0; i < 20; i++) {
		resume(GUEST_USER, CODE + CODE_SYSCALL);
		sleep_us(100);
		good += STATE->r.gs_base == GS_BASE && notes->gs_mark == GS_MARK;
	}
	tap_is(good, 20, "bases stay over changes of threads");
	STATE->r.fs_base = 0x5000;
	tap_is(fiasco_amd64_set_fs(thread->cap, DATA, l4_utcb()), 0, "FS base is set from outside");
	resume(GUEST_USER, CODE + 0x800);
	tap_is((long)STATE->r.ax, A, "FS base counts in user mode, whatever the state has");
	sleep_us(100);
	jump(CODE + 0x800, 0);
	tap_is((long)STATE->r.ax, A, "FS base counts in kernel mode too");
	STATE->arch_state.host_gs_base = NOTES + 0x200;
	*(volatile l4_umword_t *)(NOTES + 0x200) = 0x1234;
	resume(GUEST_KERNEL, KCODE + CODE_SYSCALL);
	tap_is((long)notes->gs_mark, 0x1234, "a new GS base of the kernel counts from resume on");
}

#define LATER (SHIM + 0x10000) /* memory of the home that comes with its first access */
static volatile l4_umword_t asked;
static long *later;

static void pager(void *unused)
{
	l4_umword_t label;

	(void)unused;
	if (l4_msgtag_label(l4_ipc_wait(l4_utcb(), &label, PATIENT)) == L4_PROTO_PAGE_FAULT)
		asked = l4_utcb_mr()->mr[0];
	map(later, L4_FPAGE_RW, LATER);
	l4_ipc_reply_and_wait(l4_utcb(), l4_msgtag(0, 0, 0, 0), &label, L4_IPC_BOTH_TIMEOUT_0);
}

static void test_pager(void)
{
	struct thread *p = thread_run(pager, NULL, 0, PRIO_MAIN + 1);

	later = mem_alloc(12);
	*later = 0x1a7e;
	thread_set_pager(thread, p->cap);
	tap_is(jump(KCODE + CODE_READ, LATER), TRAP_PAGE_FAULT,
	       "memory of the home: the kernel's access enters the handler");
	tap_is((long)asked, 0, "memory of the home: the pager does not know");
	notes->read = LATER;
	tap_is(resume(GUEST_USER, CODE + CODE_SYSCALL), TRAP_SYSCALL,
	       "memory of the home: the handler's access is no entry");
	tap_is((long)(asked & ~7UL), LATER, "memory of the home: the pager is asked");
	tap_is((long)notes->value, 0x1a7e, "memory of the home: the handler goes on with it");
	tap_ok(STATE->r.gs_base == GS_BASE && STATE->r.ip == CODE + CODE_SYSCALL,
	       "memory of the home: the context is what it was");
	notes->read = DATA;
	resume(GUEST_USER, CODE + CODE_SYSCALL);
	expect_entry(L4_VCPU_F_USER_MODE | 7, "memory of the home: the guest goes on");
	thread_set_pager(thread, L4_BASE_PAGER_CAP);
	tap_ok(thread_join(p, PATIENT_MS), "memory of the home: asked once");
	thread_destroy(p);
}

/* --- Short system calls --- */

static void switch_short_calls(bool on)
{
	EXT->syscall_entry = on ? SHORT : 0;
	EXT->syscall_exit = SHORT + (l4_addr_t)(short_syscall - short_start);
	EXT->kernel_view = kernel; /* so that they are read */
}

static bool has_fsgsbase(void)
{
	unsigned a = 7, b, c = 0, d;

	__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	return b & 1;
}

static unsigned make_call(void)
{
	set_registers(GUEST_USER, CODE + CODE_SYSCALL);
	STATE->r.ax = 1;
	STATE->r.di = 2;
	STATE->r.r8 = 3;
	STATE->r.bx = 4;
	STATE->r.r15 = 5;
	STATE->r.dx = 6;
	STATE->r.sp = 0x7000;
	return command(RESUME);
}

static void test_short_call(void)
{
	l4_umword_t calls = EXT->syscalls;

	tap_is(make_call(), TRAP_UD, "short call: the process goes on");
	tap_is((long)notes->short_calls, 1, "short call: once");
	tap_ok(notes->short_ax == 1 && notes->short_di == 2 && notes->short_r8 == 3,
	       "short call: registers are the process's");
	tap_is((long)notes->short_sp, (long)STATE->entry_sp, "short call: on the entry's stack");
	tap_is((long)notes->short_state & 0x1a7, OPEN_KERNEL, "short call: open, in kernel mode");
	tap_is((long)notes->short_gs_mark, GS_MARK, "short call: with the kernel's GS base");
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
	tap_is(resume(GUEST_KERNEL, KCODE + CODE_SYSCALL), TRAP_SYSCALL,
	       "short call: none from kernel mode");
}

/* Also where system calls do not come that way. */
static void test_short_return(void)
{
	EXT->syscall_ip = CODE + CODE_SYSCALL + 2;
	EXT->syscall_sp = 0x7008;
	EXT->syscall_flags = 0x202;
	tap_is(jump(SHORT + (l4_addr_t)(short_syscall - short_start), 7), TRAP_UD,
	       "short return: the process runs");
	tap_is(STATE->saved_state & 0x127, L4_VCPU_F_USER_MODE | 7, "short return: in user mode");
	tap_ok(STATE->r.di == 7 && STATE->r.sp == 0x7008, "short return: with its registers");
	tap_is((long)STATE->r.ip, CODE + CODE_SYSCALL + 2, "short return: where it was told to");
}

/* A message comes while the shim is at it; then it goes on. */
static void test_short_call_event(void)
{
	struct thread *s;

	notes->hold = 1;
	set_registers(GUEST_USER, CODE + CODE_SYSCALL);
	WRITE(notes->command, RESUME);
	WAIT_UNTIL(notes->short_calls == 2, PATIENT_MS);
	s = thread_run(sender, NULL, 0, PRIO_MAIN + 1);
	WAIT_UNTIL(STATE->r.trapno == TRAP_IPC, PATIENT_MS);
	tap_is(STATE->saved_state & 0x127, L4_ZW_VCPU_F_GUEST_KERNEL | 7,
	       "short call, event: finds kernel mode");
	tap_ok(STATE->r.ip > SHORT && STATE->r.ip < SHORT + 0x100, "short call, event: its code");
	notes->hold = 0;
	tap_is(command(RESUME), TRAP_UD, "short call, event: goes on");
	tap_is((long)STATE->r.gs_base, (long)GS_BASE, "short call, event: GS base of the process");
	thread_join(s, PATIENT_MS);
	thread_destroy(s);
}

/* What waits when it ends comes as from the process. Rarely an interrupt lets it in before. */
static bool event_at_end(void)
{
	struct thread *s;
	l4_umword_t calls = notes->short_calls;
	bool good;

	notes->hold = 1;
	notes->reopen = OPEN_KERNEL;
	set_registers(GUEST_USER, CODE + CODE_SYSCALL);
	STATE->r.bx = 4;
	WRITE(notes->command, RESUME);
	WAIT_UNTIL(notes->short_calls != calls, PATIENT_MS);
	STATE->state = L4_ZW_VCPU_F_GUEST_KERNEL | L4_VCPU_F_FPU_ENABLED;
	s = thread_run(sender, NULL, 0, PRIO_MAIN + 1);
	notes->hold = 0;
	WAIT_UNTIL(STATE->r.trapno == TRAP_IPC, PATIENT_MS);
	good = STATE->r.ip == CODE + CODE_SYSCALL + 2 && STATE->r.bx == 4 &&
	       (STATE->saved_state & 0x127) == (L4_VCPU_F_USER_MODE | 7);
	notes->reopen = 0;
	thread_join(s, PATIENT_MS);
	thread_destroy(s);
	command(RESUME);
	return good;
}

static void test_short_call_end(void)
{
	bool good = event_at_end() || event_at_end() || event_at_end();

	tap_ok(good, "short call: an event that waits at its end finds the process");
}

static void create(void)
{
	thread = thread_create(&root_task, start, NULL);
	if (l4_error(l4_zw_thread_vcpu_control_ext(thread->cap, (l4_addr_t)KU)) < 0)
		tap_bail("extended vCPU mode cannot be switched on");
	STATE->user_data[0] = NOTES;
	STATE->entry_ip = SHIM;
	STATE->entry_sp = NOTES + 0xff0;
	STATE->arch_state.host_gs_base = (l4_addr_t)NOTES + offsetof(struct notes, mark);
	EXT->flags = L4_ZW_VCPU_EXT_F_FIXED_STACK | L4_ZW_VCPU_EXT_F_KEEP_VIEWS;
	EXT->shim_start = SHIM;
	EXT->shim_end = SHIM + 0x1000;
}

static void setup(void)
{
	char *code = mem_alloc(12);
	long *data = mem_alloc(12), *data2 = mem_alloc(12), *kernel_data = mem_alloc(12);

	memcpy(code, handler_start, (size_t)(handler_end - handler_start));
	memcpy(code + (SHORT - SHIM), short_start, (size_t)(short_end - short_start));
	map(code, L4_FPAGE_RX, SHIM);
	memcpy((char *)guest_code() + 0x800, read_fs, sizeof(read_fs));
	map(mem_alloc(12), L4_FPAGE_RW, NOTES);
	notes = (volatile struct notes *)NOTES;
	notes->mark = GS_MARK;
	notes->read = DATA;
	notes->kernel_read = KDATA;
	l4_task_add_ku_mem(L4_BASE_TASK_CAP, l4_fpage(KU, 12, 0));
	process = view_create(L4_BASE_TASK_CAP, 64);
	process2 = view_create(L4_BASE_TASK_CAP, 64);
	kernel = view_create(L4_BASE_TASK_CAP, 64);
	*data = A;
	*kernel_data = B;
	*data2 = C;
	view_fill(process, CODE, guest_code(), 12, L4_FPAGE_RX);
	view_fill(process2, CODE, guest_code(), 12, L4_FPAGE_RX);
	view_fill(kernel, KCODE, guest_code(), 12, L4_FPAGE_RX);
	view_fill(process, DATA, data, 12, L4_FPAGE_RW);
	view_fill(process2, DATA, data2, 12, L4_FPAGE_RW);
	view_fill(kernel, KDATA, kernel_data, 12, L4_FPAGE_RW);
}

void test_main(void)
{
	setup();
	create();
	set_registers(GUEST_USER, CODE + CODE_SYSCALL);
	test_without_view();
	create();
	EXT->process_view = process;
	EXT->kernel_view = kernel;
	set_registers(GUEST_USER, CODE + CODE_SYSCALL);
	thread_start(thread, 0, PRIO);
	WAIT_UNTIL(notes->entries, PATIENT_MS);
	tap_is(STATE->r.trapno, TRAP_SYSCALL, "the guest runs: first error %ld", first_error);
	expect_entry(L4_VCPU_F_USER_MODE | 7, "first entry");
	test_entries();
	test_jump();
	test_switch();
	test_message();
	test_sync();
	test_sync_views();
	test_closed();
	test_pager();
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
	tap_is(resume(GUEST_USER, CODE + CODE_SYSCALL), TRAP_SYSCALL, "short calls: off again");
	test_selectors();
	test_bases();
}
