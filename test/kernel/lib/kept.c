/* SPDX-License-Identifier: MIT */
/* A guest whose handler keeps views: its code, memory and commands. */
#include "kept.h"

#include <l4/sys/task.h>
#include <l4/sys/thread.h>

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
extern const char short_start[], short_syscall[], short_return[], short_end[];
__asm__("short_start:\n\t"
	"movabs $0xffff820000001000, %rcx\n\tmov %rax, 104(%rcx)\n\tmov %rdi, 112(%rcx)\n\t"
	"mov %r8, 120(%rcx)\n\tmov %rsp, 128(%rcx)\n\t"
	"movabs $0xffff820040000150, %r11\n\tmovzwl (%r11), %r11d\n\tmov %r11, 136(%rcx)\n\t"
	"mov %gs:0, %r11\n\tmov %r11, 144(%rcx)\n\tincq 152(%rcx)\n"
	"1:\tpause\n\tcmpq $0, 160(%rcx)\n\tjne 1b\n\t"
	"mov 168(%rcx), %r11\n\ttest %r11, %r11\n\tjz short_syscall\n\t"
	"movabs $0xffff820040000150, %rcx\n\tmov %r11w, (%rcx)\n"
	"short_syscall:\tsyscall\n\tud2\n"
	"short_return:\tsyscall\n\tud2\n"
	"short_end:\n");

volatile struct notes *kept_notes;
struct thread *kept_thread;
l4_cap_idx_t kept_process, kept_process2, kept_kernel;
volatile long kept_error;
l4_addr_t kept_short_exit, kept_return_exit;

static const unsigned char read_fs[] = { 0x64, 0x48, 0x8b, 0x04, 0x25, 0, 0, 0, 0, 0x0f, 0x0b };

void kept_map(const volatile void *from, unsigned rights, l4_addr_t to)
{
	l4_task_map(L4_BASE_TASK_CAP, L4_BASE_TASK_CAP,
		    l4_fpage((l4_addr_t)from, 12, (unsigned char)rights), to | L4_ITEM_MAP);
}

static void start(void *unused)
{
	(void)unused;
	WRITE(kept_error, l4_error(l4_thread_vcpu_resume_commit(L4_INVALID_CAP,
								l4_thread_vcpu_resume_start())));
	WRITE(kept_notes->entries, kept_notes->entries + 1);
}

void kept_registers(unsigned mode, l4_addr_t ip)
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
unsigned kept_command(unsigned what)
{
	l4_umword_t before = kept_notes->entries;

	((l4_msg_regs_t *)kept_thread->utcb)->mr[0] =
	    what == SYNC ? L4_ZW_THREAD_VCPU_SYNC_OP : L4_THREAD_VCPU_RESUME_OP;
	kept_notes->error = 0;
	WRITE(kept_notes->command, what);
	return WAIT_UNTIL(kept_notes->entries != before, PATIENT_MS) ? (unsigned)STATE->r.trapno
								     : GUEST_RUNS;
}

unsigned kept_resume(unsigned mode, l4_addr_t ip)
{
	kept_registers(mode, ip);
	return kept_command(RESUME);
}

unsigned kept_jump(l4_addr_t target, l4_addr_t argument)
{
	kept_notes->target = target;
	kept_notes->argument = argument;
	return kept_command(JUMP);
}

void kept_expect_entry(unsigned mode, const char *name)
{
	tap_is((long)kept_notes->state & 0x127, L4_ZW_VCPU_F_GUEST_KERNEL,
	       "%s: the handler is in guest-kernel mode, closed", name);
	tap_is(STATE->saved_state & 0x127, (long)mode, "%s: the mode before is saved", name);
	tap_is((long)kept_notes->value, A, "%s: the handler sees the process", name);
	tap_is((long)kept_notes->kernel_value, B, "%s: and the kernel view", name);
	tap_is((long)kept_notes->gs_mark, GS_MARK, "%s: with its own GS base", name);
}

void kept_create(void)
{
	kept_thread = thread_create(&root_task, start, NULL);
	if (l4_error(l4_zw_thread_vcpu_control_ext(kept_thread->cap, (l4_addr_t)KU)) < 0)
		tap_bail("extended vCPU mode cannot be switched on");
	STATE->user_data[0] = NOTES;
	STATE->entry_ip = SHIM;
	STATE->entry_sp = NOTES + 0xff0;
	STATE->arch_state.host_gs_base = (l4_addr_t)NOTES + offsetof(struct notes, mark);
	EXT->flags = L4_ZW_VCPU_EXT_F_FIXED_STACK | L4_ZW_VCPU_EXT_F_KEEP_VIEWS;
	EXT->shim_start = SHIM;
	EXT->shim_end = SHIM + 0x1000;
}

void kept_setup(void)
{
	char *code = mem_alloc(12);
	long *data = mem_alloc(12), *data2 = mem_alloc(12), *kernel_data = mem_alloc(12);

	memcpy(code, handler_start, (size_t)(handler_end - handler_start));
	memcpy(code + (SHORT - SHIM), short_start, (size_t)(short_end - short_start));
	kept_map(code, L4_FPAGE_RX, SHIM);
	memcpy((char *)guest_code() + 0x800, read_fs, sizeof(read_fs));
	kept_map(mem_alloc(12), L4_FPAGE_RW, NOTES);
	kept_notes = (volatile struct notes *)NOTES;
	kept_notes->mark = GS_MARK;
	kept_notes->read = DATA;
	kept_notes->kernel_read = KDATA;
	kept_short_exit = SHORT + (l4_addr_t)(short_syscall - short_start);
	kept_return_exit = SHORT + (l4_addr_t)(short_return - short_start);
	l4_task_add_ku_mem(L4_BASE_TASK_CAP, l4_fpage(KU, 12, 0));
	kept_process = view_create(L4_BASE_TASK_CAP, 64);
	kept_process2 = view_create(L4_BASE_TASK_CAP, 64);
	kept_kernel = view_create(L4_BASE_TASK_CAP, 64);
	*data = A;
	*kernel_data = B;
	*data2 = C;
	view_fill(kept_process, CODE, guest_code(), 12, L4_FPAGE_RX);
	view_fill(kept_process2, CODE, guest_code(), 12, L4_FPAGE_RX);
	view_fill(kept_kernel, KCODE, guest_code(), 12, L4_FPAGE_RX);
	view_fill(kept_process, DATA, data, 12, L4_FPAGE_RW);
	view_fill(kept_process2, DATA, data2, 12, L4_FPAGE_RW);
	view_fill(kept_kernel, KDATA, kernel_data, 12, L4_FPAGE_RW);
}

void kept_start(void)
{
	kept_create();
	EXT->process_view = kept_process;
	EXT->kernel_view = kept_kernel;
	kept_registers(GUEST_USER, CODE + CODE_SYSCALL);
	thread_start(kept_thread, 0, PRIO);
	WAIT_UNTIL(kept_notes->entries, PATIENT_MS);
	tap_is(STATE->r.trapno, TRAP_SYSCALL, "the guest runs: first error %ld", kept_error);
	kept_expect_entry(L4_VCPU_F_USER_MODE | 7, "first entry");
}
