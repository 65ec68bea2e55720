/* SPDX-License-Identifier: MIT */
/*
 * Nonsense from programs without rights: a fuzzer of the system call with a fixed seed in a task of
 * its own, threads with impossible registers, bad vCPU states. A pair of healthy threads talks all
 * the time and must not miss a beat.
 */
#include "partner.h"

#include <l4/sys/factory.h>
#include <l4/sys/task.h>
#include <l4/sys/thread.h>
#include <l4/sys/vcpu.h>

enum {
	FUZZERS = 4,
	FUZZ_CALLS = 6000,
	FUZZ_QUOTA = 400 * 1024,
	HEALTHY_PRIO = PRIO_MAIN + 40,
	VICTIM_PRIO = PRIO_MAIN - 10,
};
#define STATE	0x7ffb000000UL
#define SLOT(n) ((l4_cap_idx_t)(FREE_CAP_FIRST + (n)) << L4_CAP_SHIFT)

/* --- the healthy pair --- */

static struct server healthy_server;
static volatile unsigned beats, missed;
static volatile bool stop_beats;

static void beat(void *unused)
{
	(void)unused;
	while (!stop_beats) {
		l4_msgtag_t tag;

		mr_set(0, beats);
		tag = l4_ipc_call(healthy_server.gate, l4_utcb(), l4_msgtag(1, 1, 0, 0), PATIENT);
		if (ipc_error(tag) || mr_get(0) != beats)
			ADD(missed, 1);
		ADD(beats, 1);
		sleep_us(500);
	}
}

/* --- the fuzzer --- */

struct fuzzer {
	struct thread *thread;
	struct task *task;
	uint64_t seed;
	volatile unsigned calls;
	volatile bool done;
};
static struct fuzzer fuzzers[FUZZERS];

static uint64_t random_word(struct fuzzer *f)
{
	f->seed ^= f->seed << 13;
	f->seed ^= f->seed >> 7;
	f->seed ^= f->seed << 17;
	return f->seed;
}

/* A word that may mean something: a selector, flexpage, opcode, address, or anything. */
static uint64_t likely_word(struct fuzzer *f)
{
	uint64_t r = random_word(f);

	switch (r >> 60) {
	case 0:
	case 1:
		return (r & 0x1f) << L4_CAP_SHIFT | (r >> 32 & 0xf);
	case 2:
		return r & 0x1f;
	case 3:
		return (r & 0xff) << L4_CAP_SHIFT | L4_ITEM_MAP | (r >> 20 & 0xf7);
	case 4:
		return l4_obj_fpage((r & 0x1f) << L4_CAP_SHIFT, r >> 8 & 7, r >> 16 & 0xf).raw;
	case 5:
		return l4_fpage(r & 0x7fffffff000, r >> 48 & 0x3f, r & 0xf).raw;
	case 6:
		return l4_iofpage(r & 0xffff, r >> 20 & 0x1f).raw;
	case 7:
		return 0x7ffe000000UL + (r & 0xffff);
	case 8:
		return ~(r & 0xffff);
	case 9:
		return 1UL << (r & 63);
	case 10:
		return 0;
	default:
		return r;
	}
}

/* A tag that is mostly of a known protocol, with plausible numbers of words and items. */
static l4_msgtag_t random_tag(struct fuzzer *f)
{
	uint64_t r = random_word(f);
	long label = (r & 7) ? -(long)(r >> 8 & 0x1f) : (long)random_word(f) >> 20;
	unsigned words = (r >> 16 & 3) ? r >> 20 & 7 : r >> 20 & 63;
	unsigned items = (r >> 28 & 3) ? r >> 30 & 1 : r >> 30 & 63;

	return l4_msgtag(label, words, items, (unsigned)(r >> 40 & 0xf000));
}

/* Not invoked: what would stop the fuzzer for good, or write to the test's output. */
static bool is_harmful(l4_cap_idx_t cap, l4_msgtag_t tag, l4_umword_t op)
{
	if (cap >> L4_CAP_SHIFT == L4_BASE_LOG_CAP >> L4_CAP_SHIFT)
		return true;
	if ((cap & 0xc00) || cap >> L4_CAP_SHIFT == L4_BASE_THREAD_CAP >> L4_CAP_SHIFT)
		return l4_msgtag_label(tag) == L4_PROTO_THREAD && (op & 0xffff) != 3;
	return l4_msgtag_label(tag) == L4_PROTO_TASK && (op & 0xff) == L4_TASK_UNMAP_OP;
}

static void fuzz(void *argument)
{
	struct fuzzer *f = argument;
	l4_utcb_t *utcb = l4_utcb();

	for (f->calls = 0; f->calls < FUZZ_CALLS; f->calls++) {
		l4_cap_idx_t cap = (random_word(f) & 0x1f) << L4_CAP_SHIFT;
		l4_msgtag_t tag = random_tag(f);
		l4_timeout_t timeout = { .raw = 0x04010401 };
		l4_umword_t label = random_word(f);

		if (random_word(f) % 16 == 0)
			cap = random_word(f) & ~0xfUL;
		for (unsigned i = 0; i < 12; i++)
			utcb->mr.mr[i] = likely_word(f);
		for (unsigned i = 0; i < 8; i++)
			utcb->br.br[i] = likely_word(f);
		utcb->br.bdr = random_word(f) & 0xffff;
		if (!is_harmful(cap, tag, utcb->mr.mr[0]))
			invoke(cap, random_word(f) & 0xf, tag, timeout, &label);
	}
	f->done = true;
}

static void give(struct fuzzer *f, l4_cap_idx_t cap, unsigned rights, l4_cap_idx_t slot)
{
	l4_task_map(f->task->cap, L4_BASE_TASK_CAP, l4_obj_fpage(cap, 0, (unsigned char)rights),
		    slot << L4_CAP_SHIFT | L4_ITEM_MAP);
}

/* A task with a small factory, and weak capabilities of what the test has. */
static void start_fuzzer(struct fuzzer *f, unsigned n)
{
	l4_cap_idx_t factory = cap_alloc();

	f->seed = 0x9e3779b97f4a7c15UL * (n + 1);
	f->task = task_create();
	f->thread = thread_create(f->task, fuzz, f);
	l4_factory_create_factory(L4_BASE_FACTORY_CAP, factory, FUZZ_QUOTA);
	l4_task_unmap(f->task->cap, l4_obj_fpage(0, 4, L4_CAP_FPAGE_RWSD), L4_FP_ALL_SPACES);
	give(f, factory, L4_CAP_FPAGE_RWS, L4_BASE_FACTORY_CAP >> L4_CAP_SHIFT);
	give(f, f->thread->cap, L4_CAP_FPAGE_RWS, L4_BASE_THREAD_CAP >> L4_CAP_SHIFT);
	give(f, irq_create(), L4_CAP_FPAGE_RWS, 16);
	give(f, semaphore_create(), L4_CAP_FPAGE_RWS, 17);
	give(f, gate_create(NULL, 0), L4_CAP_FPAGE_RWS, 18);
	give(f, f->task->cap, L4_CAP_FPAGE_R, 19);
	thread_start(f->thread, n % cpu_count(), VICTIM_PRIO - n);
}

static void test_fuzz(void)
{
	for (unsigned i = 0; i < FUZZERS; i++)
		start_fuzzer(&fuzzers[i], i);
	for (unsigned i = 0; i < FUZZERS; i++) {
		struct fuzzer *f = &fuzzers[i];

		if (!tap_ok(WAIT_UNTIL(f->done, PATIENT_MS), "%u random system calls of task %u",
			    FUZZ_CALLS, i))
			tap_diag("stuck at %u", f->calls);
		task_destroy(f->task);
		thread_destroy(f->thread);
	}
	tap_ok(cap_exists(L4_BASE_FACTORY_CAP), "the test has its factory");
}

/* --- impossible registers --- */

void bad_rip_syscall(void *unused);
void bad_rsp_syscall(void *rsp);
__asm__(".text\n"
	"bad_rip_syscall:\n\tmov $0x7fffffffffff, %rax\n\tud2\n"
	"bad_rsp_syscall:\n\tmov %rdi, %rsp\n\tmov $0x802, %edx\n\txor %eax, %eax\n\t"
	"mov $0x400, %r8d\n\tsyscall\n\tud2\n");

static volatile unsigned exceptions;
static volatile l4_umword_t fault_address; /* of the last page fault */
static l4_cap_idx_t trap_gate;

/* Count exceptions of bad threads, leave them blocked. */
static void count_exceptions(void *unused)
{
	(void)unused;
	buffers_none();
	for (;;) {
		l4_msgtag_t tag = l4_ipc_wait(l4_utcb(), NULL, L4_IPC_NEVER);

		if (ipc_error(tag))
			continue;
		if (l4_msgtag_is_page_fault(tag))
			fault_address = mr_get(0) & ~7UL;
		ADD(exceptions, 1);
	}
}

static void test_start_registers(void)
{
	static const l4_umword_t bad[] = { 0x800000000000, 0xffff800000000000, 0xffffffffffffff00,
					   0x7fffffffffff, 0x7ffffffffffe,     0xdeadbeef00000000 };

	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
		struct thread *t = thread_create(&root_task, NULL, NULL);
		unsigned before = exceptions;

		thread_set_pager(t, trap_gate);
		thread_set_handler(t, trap_gate);
		thread_schedule(t->cap, 0, VICTIM_PRIO);
		l4_thread_ex_regs(t->cap, bad[i], bad[i], 0);
		tap_ok(WAIT_UNTIL(READ(exceptions) > before, PATIENT_MS),
		       "start at rip and rsp %lx: a fault", bad[i]);
		thread_destroy(t);
	}
}

static void test_rsp_in_syscall(void)
{
	static const l4_umword_t bad[] = { 0, 0x800000000000, 0xffff800000000000, ~0UL };

	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
		struct thread *t = thread_create(&root_task, bad_rsp_syscall, (void *)bad[i]);
		unsigned before = exceptions;

		thread_set_handler(t, trap_gate);
		thread_start(t, 0, VICTIM_PRIO);
		tap_ok(WAIT_UNTIL(READ(exceptions) > before, PATIENT_MS),
		       "system call with rsp %lx returns", bad[i]);
		thread_destroy(t);
	}
}

/* The last instruction that a program can have is a system call: it returns to the page that nobody
 * can have, so that no return address is beyond the lower half. */
static void test_syscall_at_the_end(void)
{
	l4_addr_t last = 0x7fffffffe000, end = last + PAGE_BYTES;
	unsigned char *page = mem_alloc(12);
	struct thread *t = thread_create(&root_task, NULL, NULL);
	unsigned before = exceptions;

	page[4094] = 0x0f;
	page[4095] = 0x05;
	l4_task_map(L4_BASE_TASK_CAP, L4_BASE_TASK_CAP, l4_fpage((l4_addr_t)page, 12, L4_FPAGE_RX),
		    last | L4_ITEM_MAP);
	l4_task_map(L4_BASE_TASK_CAP, L4_BASE_TASK_CAP, l4_fpage((l4_addr_t)page, 12, L4_FPAGE_RX),
		    end | L4_ITEM_MAP);
	thread_set_pager(t, trap_gate);
	thread_set_handler(t, trap_gate);
	thread_schedule(t->cap, 0, VICTIM_PRIO);
	l4_thread_ex_regs(t->cap, end - 2, 0x1000, 0);
	tap_ok(WAIT_UNTIL(READ(exceptions) > before, PATIENT_MS) && READ(fault_address) == end,
	       "a system call at the end of the user addresses returns to a page fault");
	thread_destroy(t);
	l4_task_unmap(L4_BASE_TASK_CAP, l4_fpage(last, 12, L4_FPAGE_RWX), L4_FP_ALL_SPACES);
}

/* --- bad vCPU states: resume with nonsense in the register area --- */

static volatile unsigned vcpu_entries;
static uint64_t vcpu_seed = 12345;
static l4_cap_idx_t vcpu_task;
static char vcpu_stack[4096] __attribute__((aligned(16), used));

void bad_vcpu_entry(void);
__asm__(".text\n"
	"bad_vcpu_entry:\n\tlea vcpu_stack_end(%rip), %rsp\n\tcall bad_vcpu_resume\n\tud2\n");
void bad_vcpu_resume(void);
extern char vcpu_stack_end[];
__asm__(".globl vcpu_stack_end\nvcpu_stack_end = vcpu_stack + 4096\n");

void bad_vcpu_resume(void)
{
	l4_vcpu_state_t *s = (l4_vcpu_state_t *)STATE;
	struct fuzzer f = { .seed = vcpu_seed };
	uint64_t *word = (uint64_t *)&s->r;

	ADD(vcpu_entries, 1);
	if (vcpu_entries > 300)
		for (;;)
			l4_ipc_sleep(L4_IPC_NEVER);
	for (unsigned i = 0; i < sizeof(s->r) / 8; i++)
		word[i] = likely_word(&f);
	s->user_task = vcpu_entries % 3 ? vcpu_task : likely_word(&f);
	s->saved_state =
	    (l4_uint16_t)(random_word(&f) | (vcpu_entries % 3 ? L4_VCPU_F_USER_MODE : 7));
	s->entry_ip = (l4_umword_t)bad_vcpu_entry;
	s->entry_sp = random_word(&f);
	s->sticky_flags = (l4_uint16_t)random_word(&f);
	s->arch_state.host_ds = (l4_uint16_t)random_word(&f);
	s->arch_state.host_fs = (l4_uint16_t)random_word(&f);
	s->arch_state.host_fs_base = likely_word(&f);
	vcpu_seed = f.seed;
	l4_thread_vcpu_resume_commit(L4_INVALID_CAP, l4_thread_vcpu_resume_start());
	bad_vcpu_entry();
}

static void first_resume(void *unused)
{
	(void)unused;
	bad_vcpu_resume();
}

static void test_bad_vcpu_states(void)
{
	struct task *guest = task_create();
	struct thread *t = thread_create(&root_task, first_resume, NULL);
	l4_addr_t ip, sp;

	vcpu_task = guest->cap;
	l4_task_add_ku_mem(L4_BASE_TASK_CAP, l4_fpage(STATE, 12, 0));
	thread_set_pager(t, trap_gate);
	thread_set_handler(t, trap_gate);
	l4_thread_vcpu_control(t->cap, STATE);
	thread_start(t, 0, VICTIM_PRIO);
	for (unsigned i = 0; i < 400 && vcpu_entries <= 300; i++) {
		sleep_us(500);
		thread_prepare(t, &ip, &sp);
		l4_thread_ex_regs(t->cap, ip, sp, L4_THREAD_EX_REGS_CANCEL);
	}
	tap_ok(vcpu_entries > 50, "%u resumes with random vCPU states", vcpu_entries);
	thread_destroy(t);
	task_destroy(guest);
}

void test_main(void)
{
	struct thread *beater, *counter;

	server_start(&healthy_server, &root_task, 0x10, cpu_count() - 1, HEALTHY_PRIO + 1);
	beater = thread_run(beat, NULL, 0, HEALTHY_PRIO);
	counter = thread_run(count_exceptions, NULL, 0, HEALTHY_PRIO);
	trap_gate = gate_create(counter, 0x20);
	test_start_registers();
	test_rsp_in_syscall();
	test_syscall_at_the_end();
	test_bad_vcpu_states();
	test_fuzz();
	tap_ok(WAIT_UNTIL(READ(beats) > 20, PATIENT_MS), "it has been talking all the time");
	stop_beats = true;
	tap_ok(thread_join(beater, PATIENT_MS), "the healthy pair still talks");
	tap_is(missed, 0, "it missed no beat");
	thread_destroy(beater);
	thread_destroy(counter);
	server_end(&healthy_server);
}
