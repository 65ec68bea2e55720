/* SPDX-License-Identifier: MIT */
/*
 * A vCPU goes into its user task and comes straight out again: from before the resume to the first
 * instruction of the handler. The guest executes one instruction that faults.
 */
#include "groups.h"

#include <l4/sys/task.h>
#include <l4/sys/thread.h>
#include <l4/sys/vcpu.h>

#define STATE	   ((l4_vcpu_state_t *)0x7ffb000000UL)
#define GUEST_CODE 0x10000000UL
#define NO_MEMORY  0x20000000UL
enum { GUEST_UD = 0, GUEST_SYSCALL = 16, GUEST_READ = 32 };

struct exit_kind {
	const char *id;
	unsigned offset, trap;
};

static const struct exit_kind kinds[] = {
	{ "vcpu_exit_fault", GUEST_UD, 6 },
	{ "vcpu_exit_syscall", GUEST_SYSCALL, 0xfd },
	{ "vcpu_exit_pagefault", GUEST_READ, 14 },
};

static char entry_stack[8192] __attribute__((aligned(16)));
static const struct exit_kind *kind;
static struct task *guest;
static struct row *row;
static volatile bool finished;

void vcpu_entry(void);
void vcpu_handler(l4_vcpu_state_t *state, uint32_t now);
uint32_t resumed_at;

__asm__(".text\n"
	"vcpu_entry:\n\t"
	"rdtsc\n\t"
	"movl $0x5a570001, profile_marks(%rip)\n\t"
	"mov %eax, %esi\n\t"
	"call vcpu_handler\n\t"
	"ud2\n");

/* Into the guest; comes back only with an error. */
static void enter_guest(void)
{
	l4_utcb_t *utcb = l4_utcb();
	l4_msgtag_t tag;

	STATE->saved_state = L4_VCPU_F_USER_MODE | L4_VCPU_F_FPU_ENABLED;
	STATE->r.ip = GUEST_CODE + kind->offset;
	profile_mark(row->number);
	resumed_at = ticks_now();
	tag = l4_thread_vcpu_resume_commit_u(L4_INVALID_CAP, l4_thread_vcpu_resume_start_u(utcb),
					     utcb);
	tap_bail("%s: the guest is not entered: %ld", kind->id, l4_error(tag));
}

void vcpu_handler(l4_vcpu_state_t *state, uint32_t now)
{
	if (state->r.trapno != kind->trap)
		tap_bail("%s: trap %lu instead of %u", kind->id, state->r.trapno, kind->trap);
	row_add(row, now - resumed_at);
	if (!row_full(row))
		enter_guest();
	finished = true;
	for (;;)
		l4_ipc_sleep(L4_IPC_NEVER);
}

static void first_entry(void *unused)
{
	(void)unused;
	buffers_none();
	STATE->user_task = guest->cap;
	STATE->r.cs = STATE->arch_state.user_cs64;
	STATE->r.ss = STATE->r.ds = STATE->r.es = STATE->arch_state.user_ds32;
	STATE->r.flags = 0x202;
	enter_guest();
}

static void bench_kind(const struct exit_kind *k)
{
	struct thread *vcpu = thread_create(&root_task, first_entry, NULL);

	kind = k;
	row = row_open(k->id);
	finished = false;
	memset(STATE, 0, sizeof(*STATE));
	must("vCPU control", l4_thread_vcpu_control(vcpu->cap, (l4_addr_t)STATE));
	STATE->entry_ip = (l4_umword_t)vcpu_entry;
	STATE->entry_sp = (l4_umword_t)entry_stack + sizeof(entry_stack);
	thread_start(vcpu, 0, PRIO_ABOVE);
	if (!WAIT_UNTIL(finished, 1000))
		tap_bail("%s: does not end", k->id);
	row_close(row);
	thread_destroy(vcpu);
}

static void make_guest(void)
{
	static const unsigned char read[] = { 0x48, 0x8b, 0x04, 0x25, 0, 0, 0, 0x20 };
	unsigned char *code = mem_alloc(L4_PAGESHIFT);

	memcpy(code + GUEST_UD, "\x0f\x0b", 2);	       /* ud2 */
	memcpy(code + GUEST_SYSCALL, "\x0f\x05", 2);   /* syscall */
	memcpy(code + GUEST_READ, read, sizeof(read)); /* mov NO_MEMORY, %rax */
	guest = task_create();
	must("map", l4_task_map(guest->cap, L4_BASE_TASK_CAP,
				l4_fpage((l4_addr_t)code, L4_PAGESHIFT, L4_FPAGE_RX),
				l4_map_control(GUEST_CODE, 0, L4_MAP_ITEM_MAP)));
}

void bench_vcpu(void)
{
	must("kernel-user memory",
	     l4_task_add_ku_mem(L4_BASE_TASK_CAP, l4_fpage((l4_addr_t)STATE, L4_PAGESHIFT, 0)));
	make_guest();
	for (unsigned i = 0; i < ARRAY_SIZE(kinds); i++)
		bench_kind(&kinds[i]);
	task_destroy(guest);
}
