/* SPDX-License-Identifier: MIT */
/* Functions that fault, and the conversation with them. */
#include "victim.h"

#include <l4/sys/factory.h>

__asm__(".text\n"
	".globl victim_read, victim_write, victim_call, victim_ud, victim_divide\n"
	".globl victim_int3, victim_int80, victim_cli, victim_loop, victim_syscall\n"
	".globl at_read, at_write, at_ud, after_int3, at_syscall\n"
	"victim_read:\nat_read:\tmov (%rdi), %eax\n\tmov %eax, victim_value(%rip)\n\tret\n"
	"victim_write:\nat_write:\tmovl $77, (%rdi)\n\tret\n"
	"victim_call:\tcall *%rdi\n\tret\n"
	"victim_ud:\n\tpush %rbx\n\tpush %r12\n\tmov $0x1111, %ebx\n\tmov $0x2222, %r12d\n\tmov "
	"$0x3333, %eax\n"
	"at_ud:\tud2\n\tmov %rax, victim_value(%rip)\n\tpop %r12\n\tpop %rbx\n\tret\n"
	"victim_divide:\txor %ecx, %ecx\n\tdiv %ecx\n\tret\n"
	"victim_int3:\tint3\nafter_int3:\tret\n"
	"victim_int80:\tint $0x80\n\tret\n"
	"victim_cli:\tcli\n\tret\n"
	"victim_loop:\tincl (%rdi)\n\tjmp victim_loop\n"
	"victim_syscall:\tmov $0x802, %edx\n\txor %eax, %eax\n\tmov $0x00000400, %r8d\n"
	"at_syscall:\tsyscall\n\tmov %rax, victim_value(%rip)\n\tret\n");

volatile l4_umword_t victim_value;

struct thread *victim;
l4_umword_t fault_label;

void victim_init(void)
{
	long err = l4_error(l4_factory_create_gate(L4_BASE_FACTORY_CAP, FAULT_CAP,
						   L4_BASE_THREAD_CAP, FAULT_LABEL));

	if (err < 0)
		tap_bail("no gate for victims: %ld", err);
}

void victim_start(struct task *t, void (*function)(void *), void *argument)
{
	victim = thread_create(t, function, argument);
	thread_set_pager(victim, FAULT_CAP);
	thread_set_handler(victim, FAULT_CAP);
	thread_start(victim, 0, PRIO_VICTIM);
}

l4_msgtag_t next_message(void)
{
	return l4_ipc_wait(l4_utcb(), &fault_label, LIMIT);
}

l4_msgtag_t answer_and_wait(l4_msgtag_t tag)
{
	return l4_ipc_reply_and_wait(l4_utcb(), tag, &fault_label, LIMIT);
}

void answer(l4_msgtag_t tag)
{
	invoke(L4_INVALID_CAP, L4_SYSF_SEND | L4_SYSF_REPLY, tag, LIMIT, NULL);
}
