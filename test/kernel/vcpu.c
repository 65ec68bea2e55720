/* SPDX-License-Identifier: MIT */
/*
 * vCPU: enabling, upcalls for messages, exceptions, page faults and system calls, resume in its
 * variants, sticky flag, user task. One thread of the test's task is the vCPU; its entry function
 * notes the state and then goes where the current step says.
 */
#include "partner.h"
#include "victim.h"

#include <l4/sys/irq.h>
#include <l4/sys/rcv_endpoint.h>
#include <l4/sys/task.h>
#include <l4/sys/thread.h>
#include <l4/sys/vcpu.h>

enum { PRIO_VCPU = PRIO_MAIN - 1 };
enum { CODE64 = 0x33, CODE32 = 0x23, DATA = 0x2b, TRAP_IPC = 0xfe, TRAP_SYSCALL = 0xfd };
#define STATE ((volatile l4_vcpu_state_t *)0x7ffc000000UL)

static char entry_stack[16384] __attribute__((aligned(16)));
static struct thread *vcpu;
static struct task *guest;
static volatile l4_vcpu_state_t seen; /* at the last entry */
static volatile l4_umword_t seen_rsp, seen_flags, seen_mr[2];
static volatile unsigned entries;
static volatile long resume_error;

void vcpu_entry(void);
void vcpu_handler(l4_vcpu_state_t *state, l4_umword_t rsp, l4_umword_t flags);

__asm__(".text\n"
	"vcpu_entry:\n\t"
	"mov %rsp, %rsi\n\t"
	"pushfq\n\tpop %rdx\n\t"
	"sub $256, %rsp\n\tand $-16, %rsp\n\t"
	"call vcpu_handler\n\tud2\n");

/* What the main thread wants next of the vCPU; it is called in the context of the entry. */
static void (*volatile after_entry)(l4_vcpu_state_t *);

static long resume(void)
{
	return l4_error(
	    l4_thread_vcpu_resume_commit(L4_INVALID_CAP, l4_thread_vcpu_resume_start()));
}

void vcpu_handler(l4_vcpu_state_t *state, l4_umword_t rsp, l4_umword_t flags)
{
	memcpy((void *)&seen, state, sizeof(seen));
	seen_rsp = rsp;
	seen_flags = flags;
	seen_mr[0] = mr_get(0);
	seen_mr[1] = mr_get(1);
	ADD(entries, 1);
	if (after_entry)
		after_entry(state);
	for (;;)
		l4_ipc_sleep(L4_IPC_NEVER);
}

/* Start the vCPU thread in first(); returns when it is asleep or has had its first entries. */
static void start(void (*first)(void *))
{
	entries = 0;
	resume_error = 0;
	memset((void *)STATE, 0, sizeof(*STATE));
	vcpu = thread_create(&root_task, first, NULL);
	thread_set_handler(vcpu, FAULT_CAP);
	if (l4_error(l4_thread_vcpu_control(vcpu->cap, (l4_addr_t)STATE)) < 0)
		tap_bail("vCPU mode cannot be switched on");
	STATE->entry_ip = (l4_umword_t)vcpu_entry;
	STATE->entry_sp = (l4_umword_t)entry_stack + sizeof(entry_stack);
	thread_start(vcpu, 0, PRIO_VCPU);
}

static void stop(void)
{
	thread_destroy(vcpu);
	after_entry = NULL;
}

static bool entered(unsigned n)
{
	return WAIT_UNTIL(READ(entries) >= n, 500);
}

static void test_control(void)
{
	struct thread *t = thread_create(&root_task, NULL, NULL);

	tap_is(l4_error(l4_thread_vcpu_control(t->cap, 0)), -L4_EINVAL, "control: address 0");
	tap_is(l4_error(l4_thread_vcpu_control_ext(t->cap, UTCB_AREA)), -L4_ENOSYS,
	       "control: no hardware virtualisation");
	tap_is(l4_error(l4_thread_vcpu_control(t->cap, 0x1000)), -L4_EINVAL,
	       "control: not kernel-user memory");
	tap_is(l4_error(l4_thread_vcpu_control(t->cap, (l4_addr_t)STATE + 4)), -L4_EINVAL,
	       "control: not aligned to 8");
	tap_is(l4_error(l4_thread_vcpu_control(t->cap, (l4_addr_t)STATE + 0xf00)), -L4_EINVAL,
	       "control: not wholly inside the area");
	tap_is(resume(), -L4_EINVAL, "resume without vCPU mode");
	tap_is(l4_error(l4_thread_vcpu_control(t->cap, (l4_addr_t)STATE)), 0,
	       "control: switched on");
	tap_is((long)STATE->version, L4_VCPU_STATE_VERSION, "control: version");
	tap_is(STATE->arch_state.user_ds32, DATA, "control: data selector");
	tap_is(STATE->arch_state.user_cs64, CODE64, "control: 64-bit code selector");
	tap_is(STATE->arch_state.user_cs32, CODE32, "control: 32-bit code selector");
	tap_ok(STATE->arch_state.host_gs_base == (l4_umword_t)t->utcb + 0x1f8, "control: gs base");
	tap_is(l4_error(l4_thread_vcpu_resume_commit(t->cap, l4_thread_vcpu_resume_start())),
	       -L4_EINVAL, "resume of another thread");
	thread_destroy(t);
}

/* --- upcalls from host mode --- */

static volatile unsigned long loops;

/* It never looks at the sticky flag, so messages must not come before it is open: start_loop(). */
static void loop_open(void *unused)
{
	(void)unused;
	buffers_none();
	STATE->state = L4_VCPU_F_IRQ | L4_VCPU_F_EXCEPTIONS | L4_VCPU_F_PAGE_FAULTS;
	for (;;)
		loops++;
}

static void start_loop(void)
{
	loops = 0;
	start(loop_open);
	WAIT_UNTIL(READ(loops) > 0, PATIENT_MS);
}

/* Back to where the entry came from. */
static void resume_plain(l4_vcpu_state_t *state)
{
	(void)state;
	resume_error = resume();
}

static void test_ipc_upcall(void)
{
	l4_cap_idx_t irq = irq_create();
	unsigned long before;

	after_entry = resume_plain;
	start_loop();
	l4_rcv_ep_bind_thread(irq, vcpu->cap, 0x1234);
	tap_is((long)entries, 0, "IPC: no entry without a message");
	l4_irq_trigger(irq);
	tap_ok(entered(1), "IPC: an interrupt enters the handler");
	tap_is((long)seen.r.trapno, TRAP_IPC, "IPC: trap number");
	tap_is((long)seen.r.err, 0, "IPC: error code 0");
	tap_is((long)seen.i.label, 0x1234, "IPC: label");
	tap_is(seen.i.tag.raw, 0, "IPC: tag");
	tap_is(seen.saved_state & 7, 7, "IPC: the saved state is that before");
	tap_is(seen.state & 0x27, 0, "IPC: the state is closed");
	tap_is((long)seen_rsp, (long)entry_stack + (long)sizeof(entry_stack), "IPC: entry stack");
	tap_is((long)(seen_flags & 0x700), 0x200, "IPC: flags");
	before = loops;
	tap_ok(WAIT_UNTIL(loops > before, 500) && !resume_error,
	       "IPC: resume continues the interrupted loop");
	mr_set(0, 0xaa);
	mr_set(1, 0xbb);
	l4_ipc_send(vcpu->cap, l4_utcb(), l4_msgtag(7, 2, 0, 0), LIMIT);
	tap_ok(entered(2), "IPC: a message of a thread enters the handler");
	tap_is((long)(seen_mr[0] << 8 | seen_mr[1]), 0xaabb, "IPC: its words are in the UTCB");
	tap_is(l4_msgtag_label(seen.i.tag), 7, "IPC: its label in the tag");
	tap_ok(READ(loops) > 0, "IPC: and the loop goes on");
	stop();
	cap_delete(irq);
}

/* Answer a call from the handler. */
static void reply_and_resume(l4_vcpu_state_t *state)
{
	(void)state;
	mr_set(0, seen_mr[0] + 1);
	invoke(L4_INVALID_CAP, L4_SYSF_SEND | L4_SYSF_REPLY, l4_msgtag(0, 1, 0, 0), LIMIT, NULL);
	resume_error = resume();
}

static void test_call(void)
{
	after_entry = reply_and_resume;
	start_loop();
	mr_set(0, 41);
	tap_is(ipc_error(l4_ipc_call(vcpu->cap, l4_utcb(), l4_msgtag(0, 1, 0, 0), LIMIT)), 0,
	       "call: a vCPU answers a call from its handler");
	tap_is((long)mr_get(0), 42, "call: the answer");
	stop();
}

static void fault_open(void *unused)
{
	(void)unused;
	STATE->state = L4_VCPU_F_EXCEPTIONS | L4_VCPU_F_PAGE_FAULTS;
	victim_ud(NULL);
	victim_read((void *)(HOLE + 0x123));
}

static void skip_fault(l4_vcpu_state_t *state)
{
	state->r.ip += state->r.trapno == 6 ? 2 : 0;
	if (state->r.trapno == 6)
		resume_error = resume();
}

static void test_exception_upcall(void)
{
	after_entry = skip_fault;
	start(fault_open);
	tap_ok(entered(2), "exceptions and page faults enter the handler");
	tap_is((long)victim_value, 0x3333, "the exception was skipped by changing rip");
	tap_is((long)seen.r.trapno, 14, "page fault: trap number");
	tap_is((long)seen.r.pfa, HOLE + 0x123, "page fault: all bits of the address");
	tap_is((long)seen.r.err, 4, "page fault: error code of the CPU");
	tap_ok(seen.r.ip == (l4_umword_t)at_read, "page fault: instruction");
	tap_is((long)seen_rsp, (long)entry_stack + (long)sizeof(entry_stack),
	       "page fault: on the entry stack");
	tap_is(seen.saved_state & 7, 6, "page fault: saved state");
	stop();
}

static void note_upcalls_closed(void *unused)
{
	(void)unused;
	STATE->state = 0;
	victim_ud(NULL);
	l4_ipc_sleep(L4_IPC_NEVER);
}

static void test_closed(void)
{
	l4_msgtag_t tag;

	start(note_upcalls_closed);
	tag = next_message();
	tap_ok(l4_msgtag_is_exception(tag) && l4_utcb_exc()->trapno == 6 && entries == 0,
	       "with exceptions closed they go to the exception handler");
	stop();
}

/* Messages while closed: the sticky flag, and the entry at resume. */
static void wait_closed(void *unused)
{
	(void)unused;
	buffers_none();
	STATE->state = 0;
	while (!(STATE->sticky_flags & L4_VCPU_SF_IRQ_PENDING))
		loops++;
	STATE->saved_state = L4_VCPU_F_IRQ;
	STATE->r.ip = (l4_umword_t)vcpu_entry;
	STATE->r.sp = (l4_umword_t)entry_stack + 8192;
	resume_error = resume();
}

static void loop_closed(void *unused)
{
	(void)unused;
	for (;;)
		loops++;
}

static void test_sticky(void)
{
	l4_cap_idx_t irq = irq_create();

	start(wait_closed);
	l4_rcv_ep_bind_thread(irq, vcpu->cap, 0x77);
	sleep_us(1000);
	tap_is((long)entries, 0, "sticky: closed, nothing enters");
	l4_irq_trigger(irq);
	tap_ok(entered(1), "sticky: the flag tells of it, and resume enters at once");
	tap_is((long)seen.r.trapno, TRAP_IPC, "sticky: as a message");
	tap_is((long)seen.i.label, 0x77, "sticky: with its label");
	tap_is(seen.sticky_flags & L4_VCPU_SF_IRQ_PENDING, 0, "sticky: the flag is cleared");
	tap_is((long)seen_rsp, (long)entry_stack + 8192, "sticky: rsp of the register area");
	stop();
	cap_delete(irq);
}

/* A sender that came before vCPU mode was on is told of like any other. */
static void test_sticky_from_before(void)
{
	static struct partner p;
	struct thread *t = thread_run(loop_closed, NULL, 0, PRIO_VCPU - 1);

	STATE->sticky_flags = 0;
	partner_init(&p, &root_task, t->cap, L4_SYSF_SEND);
	partner_block(&p, 0, PRIO_VCPU);
	tap_is(l4_error(l4_thread_vcpu_control(t->cap, (l4_addr_t)STATE)), 0,
	       "sticky: vCPU mode for a thread with a sender");
	tap_is(STATE->sticky_flags & L4_VCPU_SF_IRQ_PENDING, L4_VCPU_SF_IRQ_PENDING,
	       "sticky: the flag tells of it");
	partner_end(&p);
	tap_is(STATE->sticky_flags & L4_VCPU_SF_IRQ_PENDING, 0, "sticky: until it is gone");
	thread_destroy(t);
}

/* --- user task --- */

#define GUEST_CODE 0x10000000UL

static volatile l4_umword_t user_step, user_code;
static volatile l4_uint16_t user_fpu = L4_VCPU_F_FPU_ENABLED;

/* From host mode into the guest task at the address of the step. */
static void enter_guest(void *unused)
{
	(void)unused;
	buffers_none();
	STATE->user_task = guest->cap;
	STATE->saved_state = L4_VCPU_F_USER_MODE | L4_VCPU_F_IRQ | user_fpu;
	STATE->r.ip = GUEST_CODE + user_step;
	STATE->r.sp = GUEST_CODE + 0x1000;
	STATE->r.cs = user_code ? user_code : STATE->arch_state.user_cs64;
	STATE->r.ss = STATE->r.ds = STATE->r.es = STATE->arch_state.user_ds32;
	STATE->r.flags = 0x3202;
	STATE->r.di = 0x1111;
	STATE->r.r15 = 0x1515;
	STATE->r.fs_base = 0x123000;
	STATE->r.gs_base = 0x456000;
	resume_error = resume();
}

/* Guest code at fixed offsets of one page. */
enum {
	GUEST_SYSCALL = 0,
	GUEST_UD = 0x20,
	GUEST_LOOP = 0x40,
	GUEST_READ = 0x60,
	GUEST_FPU = 0x80,
	GUEST_32 = 0xa0
};

static void make_guest(void)
{
	static const unsigned char syscall_code[] = { 0x48, 0xff, 0xc7, /* inc %rdi */
						      0x0f, 0x05,	/* syscall */
						      0x48, 0xff, 0xc7, 0x0f, 0x05 };
	static const unsigned char ud[] = { 0x0f, 0x0b };
	static const unsigned char loop[] = { 0x48, 0xff, 0xc7, 0xeb, 0xfb };
	static const unsigned char fpu[] = { 0x0f, 0x57, 0xc0, 0x0f, 0x0b }; /* xorps; ud2 */
	static const unsigned char code32[] = { 0x40, 0x47, 0x0f, 0x0b };    /* inc eax, edi; ud2 */
	static const unsigned char read[] = { 0x48, 0x8b, 0x04, 0x25, 0x08, 0, 0, 0x20 };
	unsigned char *page = mem_alloc(12);

	memcpy(page + GUEST_SYSCALL, syscall_code, sizeof(syscall_code));
	memcpy(page + GUEST_UD, ud, sizeof(ud));
	memcpy(page + GUEST_LOOP, loop, sizeof(loop));
	memcpy(page + GUEST_READ, read, sizeof(read));
	memcpy(page + GUEST_FPU, fpu, sizeof(fpu));
	memcpy(page + GUEST_32, code32, sizeof(code32));
	guest = task_create();
	l4_task_map(guest->cap, L4_BASE_TASK_CAP, l4_fpage((l4_addr_t)page, 12, L4_FPAGE_RWX),
		    GUEST_CODE | L4_ITEM_MAP);
}

static void run_guest(l4_umword_t step)
{
	user_step = step;
	start(enter_guest);
}

static void again_once(l4_vcpu_state_t *state)
{
	if (entries < 2) {
		state->r.ip += 2;
		resume_error = resume();
	}
}

static void test_guest_syscall(void)
{
	after_entry = again_once;
	run_guest(GUEST_SYSCALL);
	tap_ok(entered(2), "guest: a system call enters the handler; resume goes back");
	tap_is((long)seen.r.trapno, TRAP_SYSCALL, "guest: trap number");
	tap_is((long)seen.r.err, 0, "guest: error code 0");
	tap_is((long)seen.r.ip, GUEST_CODE + 8, "guest: rip at the instruction");
	tap_is((long)seen.r.di, 0x1113, "guest: registers go there and back");
	tap_is((long)seen.r.r15, 0x1515, "guest: all of them");
	tap_is((long)(seen.r.flags & 0x3000), 0, "guest: IOPL is 0");
	tap_is((long)seen.r.fs_base, 0x123000, "guest: fs base");
	tap_is((long)seen.r.gs_base, 0x456000, "guest: gs base");
	tap_is(seen.saved_state & 0x27, 0x27, "guest: the saved state is user mode, all open");
	tap_is(seen.state & 0x27, 0, "guest: the state is host mode, closed");
	tap_is((long)seen_rsp, (long)entry_stack + (long)sizeof(entry_stack), "guest: entry stack");
	tap_ok((seen.user_task & ~0xfffUL) == guest->cap && (seen.user_task & 1),
	       "guest: the task selector is marked as cached");
	stop();
}

static void test_guest_faults(void)
{
	run_guest(GUEST_UD);
	tap_ok(entered(1) && seen.r.trapno == 6, "guest: an exception enters the handler");
	stop();
	run_guest(GUEST_READ);
	tap_ok(entered(1) && seen.r.trapno == 14, "guest: a page fault enters the handler");
	tap_is((long)seen.r.pfa, 0x20000008, "guest: its address");
	stop();
}

static void test_guest_modes(void)
{
	run_guest(GUEST_FPU);
	tap_ok(entered(1) && seen.r.trapno == 6, "guest: the FPU can be used");
	stop();
	user_fpu = 0;
	run_guest(GUEST_FPU);
	tap_ok(entered(1) && seen.r.trapno == 7, "guest: trap 7 without the FPU flag");
	stop();
	user_fpu = L4_VCPU_F_FPU_ENABLED;
	user_code = CODE32;
	run_guest(GUEST_32);
	tap_ok(entered(1) && seen.r.trapno == 6 && seen.r.cs == CODE32, "guest: 32-bit code");
	tap_is((long)seen.r.di, 0x1112, "guest: is decoded as such");
	stop();
	user_code = 0x10;
	run_guest(GUEST_UD);
	tap_ok(entered(1) && seen.r.cs == CODE64,
	       "guest: an unknown code selector becomes 64-bit code");
	stop();
	user_code = 0;
}

static void test_guest_message(void)
{
	l4_cap_idx_t irq = irq_create();

	run_guest(GUEST_LOOP);
	sleep_us(1000);
	l4_rcv_ep_bind_thread(irq, vcpu->cap, 0x99);
	tap_is((long)entries, 0, "guest: runs its loop");
	l4_irq_trigger(irq);
	tap_ok(entered(1) && seen.r.trapno == TRAP_IPC && seen.i.label == 0x99,
	       "guest: a message interrupts it");
	tap_ok(seen.r.di > 0x1111, "guest: it had been running");
	stop();
	cap_delete(irq);
}

/* Map into the guest and resume, in one call. */
static void map_and_resume(l4_vcpu_state_t *state)
{
	static unsigned long *page;
	l4_msgtag_t tag;

	(void)state;
	if (entries > 1)
		return;
	page = (unsigned long *)entry_stack;
	page[1] = 0x5150;
	tag = l4_thread_vcpu_resume_start();
	l4_sndfpage_add(l4_fpage((l4_addr_t)page & L4_PAGEMASK, 12, L4_FPAGE_RW), 0x20000000, &tag);
	resume_error = l4_error(l4_thread_vcpu_resume_commit(L4_INVALID_CAP, tag));
}

static void test_map_in_resume(void)
{
	after_entry = map_and_resume;
	run_guest(GUEST_READ);
	tap_ok(entered(2), "resume maps a page into the guest");
	tap_is((long)seen.r.pfa == 0x20000008 && seen.r.trapno == 14, 0, "which it can then read");
	stop();
}

static l4_cap_idx_t bad_task;

static void bad_guest(void *unused)
{
	(void)unused;
	STATE->user_task = bad_task;
	STATE->saved_state = L4_VCPU_F_USER_MODE;
	resume_error = resume();
	ADD(entries, 1);
}

static void try_bad(l4_cap_idx_t task, long error, const char *name)
{
	bad_task = task;
	start(bad_guest);
	tap_ok(entered(1), "%s: resume returns", name);
	tap_is(resume_error, error, "%s: error", name);
	stop();
}

static void test_bad_user_task(void)
{
	l4_cap_idx_t weak = cap_alloc();

	l4_task_map(L4_BASE_TASK_CAP, L4_BASE_TASK_CAP,
		    l4_obj_fpage(guest->cap, 0, L4_CAP_FPAGE_RW), weak | L4_ITEM_MAP);
	try_bad(weak, -L4_EPERM, "user task without S");
	try_bad(cap_alloc(), -L4_ENOENT, "empty user task");
	try_bad(L4_BASE_FACTORY_CAP, -L4_ENOENT, "something else as user task");
}

void test_main(void)
{
	victim_init();
	if (l4_error(l4_task_add_ku_mem(L4_BASE_TASK_CAP, l4_fpage((l4_addr_t)STATE, 12, 0))) < 0)
		tap_bail("no memory for the vCPU state");
	make_guest();
	test_control();
	test_ipc_upcall();
	test_call();
	test_exception_upcall();
	test_closed();
	test_sticky();
	test_sticky_from_before();
	test_guest_syscall();
	test_guest_faults();
	test_guest_modes();
	test_guest_message();
	test_map_in_resume();
	test_bad_user_task();
}
